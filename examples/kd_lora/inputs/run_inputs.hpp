#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hugging_face/tokenizer/word_piece.hpp"
#include "kd_lora/data/data_set.hpp"
#include "kd_lora/data/encoded_example.hpp"
#include "kd_lora/data/shares.hpp"
#include "kd_lora/inputs/embedded_default.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Where the models and the sentences are.
struct Folders {
    std::filesystem::path student;  ///< empty in pre-training
    std::filesystem::path teacher;  ///< empty where there is none
    std::filesystem::path data;
};

using MakeDefault = std::function<EmbeddedDefault()>;

/// The folders of a run's options; those of make_default() where they name none.
Folders folders_of(const Options& options, const MakeDefault& make_default);

/// What a run works on, beside the models' weights.
struct RunInputs {
    hugging_face::WordPiece tokenizer;
    std::vector<EncodedExample> train;
    std::vector<EncodedExample> validation;  ///< cut down to --test-examples
    std::int64_t labels = 2;
    Shares shares;      ///< rows of `train`; of pre-training, the public one alone
    std::string table;  ///< share_table
};

/// Reads tokenizer and data and cuts the shares. Sentences are cut to what both models take.
/// Throws: FileError, also where the teacher's vocabulary is not the student's; std::invalid_argument for
///         options that the data does not allow; what `on_example`, called before each example is encoded,
///         throws
RunInputs load_inputs(const Options& options, Command command, const Folders& folders,
                      const std::function<void()>& on_example = {});

/// The public share's percentage that the options say or leave open.
std::int64_t public_percent_of(const Options& options);

}  // namespace kd_lora
