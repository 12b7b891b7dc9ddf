#pragma once

#include <filesystem>

#include "federated/round/progress.hpp"

namespace fed_llm {

/// Where the embedded default lies: a model in Hugging Face's layout with tokenizer.model, and
/// tasks in the layout of Natural Instructions.
struct EmbeddedDefault {
    std::filesystem::path model;
    std::filesystem::path data;
};

/// Whether prepare_embedded_default has made `folder`.
bool has_embedded_default(const std::filesystem::path& folder);

/// A small LLaMA and small tasks that need no download, made in `folder` unless they are there. Of
/// several processes that want the folder at once, one makes it and the others wait, which `observe`
/// is told; what a killed one left is made anew. (Where the file system has no locks, each makes its
/// own copy, and the first to be ready counts.)
///
/// The tasks are written by write_synthetic_tasks, a tokenizer is trained on the training tasks,
/// and the model learns for a moment to continue their prompts, without the responses: it then
/// knows the words but not the tasks, which is what the federation teaches. Cost: about half a
/// minute on two cores. Throws: FileError, also for a folder with other files; what `observe`
/// throws, and the folder then holds nothing. Repro: the same weights on the same processor,
/// LibTorch release and number of threads.
EmbeddedDefault prepare_embedded_default(const std::filesystem::path& folder,
                                         const federated::ProgressObserver& observe);

/// The same tasks, tokenizer and shape of model, without the warm-up: for what reads no weights.
/// Cost: a few seconds. Throws: FileError.
EmbeddedDefault prepare_untrained_default(const std::filesystem::path& folder);

}  // namespace fed_llm
