#include "federated/store/checkpoint.hpp"

#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "files/file_error.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace federated;

namespace {

Checkpoint example() {
    return {
        7, clone_weights(bigram_model().parameters), {std::byte{1}, std::byte{0}, std::byte{9}}};
}

}  // namespace

TEST_CASE("a checkpoint is read back bit for bit, and replaces an older one") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "checkpoint";
    Checkpoint checkpoint = example();
    save_checkpoint(file, checkpoint);
    checkpoint.round = 8;
    save_checkpoint(file, checkpoint);
    const Checkpoint read = load_checkpoint(file, checkpoint.weights);
    CHECK(read.round == 8);
    CHECK((read.state == checkpoint.state));
    CHECK(same_bits(read.weights, checkpoint.weights));
}

TEST_CASE("damaged checkpoints are refused") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "checkpoint";
    const Checkpoint checkpoint = example();
    CHECK_THROWS_AS(load_checkpoint(file, checkpoint.weights), FileError);
    save_checkpoint(file, checkpoint);
    const std::string bytes = read_bytes(file);
    for (std::size_t size = 0; size < bytes.size(); size += 5) {
        folder.write("checkpoint", bytes.substr(0, size));
        CHECK_THROWS_AS(load_checkpoint(file, checkpoint.weights), FileError);
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string altered = bytes;
        altered[i] = static_cast<char>(altered[i] ^ 4);
        folder.write("checkpoint", altered);
        CHECK_THROWS_AS(load_checkpoint(file, checkpoint.weights), FileError);
    }
}

TEST_CASE("a checkpoint of another model is refused") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "checkpoint";
    save_checkpoint(file, example());
    CHECK_THROWS_AS(load_checkpoint(file, {torch::ones({3})}), std::runtime_error);
}
