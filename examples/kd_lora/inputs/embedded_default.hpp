#pragma once

#include <filesystem>

#include "federated/round/progress.hpp"

namespace kd_lora {

/// Where the embedded default lies: two models in Hugging Face's layout with vocab.txt, and labelled
/// sentences, which load_data_set reads as "tsv".
struct EmbeddedDefault {
    std::filesystem::path teacher;  ///< BERT, 4 layers
    std::filesystem::path student;  ///< DistilBERT, 2 layers
    std::filesystem::path data;
};

/// Whether prepare_embedded_default has made `folder`.
bool has_embedded_default(const std::filesystem::path& folder);

/// Small models and sentences that need no download, made in `folder` unless they are there, once for all
/// processes that want them: see federated::make_once.
///
/// The sentences are synthetic_sentences. The teacher learns for a moment to guess the emoticons behind
/// other sentences, with half of the words; the student gets every second of its layers, and learns so,
/// too. Their heads are new then, and half of the words, too: these are for pre-training and the
/// federation to teach.
/// Cost: about twenty seconds of one core. Throws: FileError, also for a folder with other files;
/// what `observe` throws, and the folder then holds nothing. Repro: the same weights on the same
/// processor, LibTorch release and number of threads.
EmbeddedDefault prepare_embedded_default(const std::filesystem::path& folder,
                                         const federated::ProgressObserver& observe);

/// The same without the warm-up: for what reads no weights.
/// Cost: a second. Throws: FileError.
EmbeddedDefault prepare_untrained_default(const std::filesystem::path& folder);

}  // namespace kd_lora
