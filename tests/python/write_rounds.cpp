// Rounds of the roles in C++, for rounds_test.py: of several plans, into a folder each, what every client's
// training made of the model, the messages, the broadcasts and the models' fingerprints.

#include "support/updates.hpp"

#include <cstddef>
#include <cstdint>
#include <ferret/protocol.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Model = std::vector<std::vector<float>>;

constexpr std::uint64_t rounds = 4;
constexpr float rate = 0.25f;

struct Case {
    const char* name;
    ferret::Plan plan;
    ferret::Weighting weighting;
};

std::vector<Case> cases() {
    using enum ferret::CoordinateFormat;
    const std::vector<std::size_t> sizes{5000, 40, 2500};
    const ferret::Layout per_tensor = ferret::Layout::per_tensor(sizes);
    return {
        {"default",
         {.layout = ferret::Layout::uniform(sizes, 4000),
          .budget = ferret::Uniform{512},
          .seed = 42},
         ferret::Weighting::equal},
        {"exact",
         {.layout = per_tensor,
          .basis = ferret::TruncatedNormal<16>{},
          .budget = ferret::NormShare{32},
          .seed = 7,
          .refresh = ferret::SeedRefresh::fixed,
          .up = float32,
          .down = float32},
         ferret::Weighting::by_examples},
        {"own-bases",
         {.layout = per_tensor,
          .basis = ferret::SparseSign{},
          .budget = ferret::MinimumError{256},
          .seed = 9,
          .sharing = ferret::SeedSharing::per_client,
          .up = two_bits,
          .down = int16},
         ferret::Weighting::by_examples},
    };
}

void write(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// The tensors' numbers, one after the other.
void write(const std::filesystem::path& path, const Model& model) {
    std::vector<std::byte> bytes;
    for (const std::vector<float>& tensor : model) {
        const auto part = std::as_bytes(std::span(tensor));
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    write(path, bytes);
}

/// Updates of a client share half of what they are with those of the others.
Model trained(const Model& model, std::uint64_t round, std::uint64_t client) {
    Model after = model;
    for (std::vector<float>& tensor : after) {
        const std::vector<float> common = ferret_test::simple_update(tensor.size(), round);
        const std::vector<float> own =
            ferret_test::simple_update(tensor.size(), 100 * round + client);
        for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] -= (common[i] + own[i]) / 32.0f;
    }
    return after;
}

void run(const Case& one, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    const ferret::Layout& layout = one.plan.layout;
    Model model;
    for (std::size_t t = 0; t < layout.tensor_count(); ++t)
        model.push_back(ferret_test::simple_update(layout.tensor_size(t), t));
    write(folder / "model", model);
    ferret::Server server{one.plan, model, one.weighting};
    std::ofstream fingerprints(folder / "fingerprints");
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        // Not the same clients in every round, and numbers that do not fit 32 bits.
        for (const std::uint64_t client : {round, round + 5, ~std::uint64_t{0}}) {
            const std::string name = std::to_string(round) + "-" + std::to_string(client);
            const Model after = trained(model, round, client);
            write(folder / ("after-" + name), after);
            const std::vector<std::byte> update =
                ferret::Client{one.plan, client}(round, model, after, client % 10 + 1);
            write(folder / ("update-" + name), update);
            server.receive(update);
        }
        write(folder / ("broadcast-" + std::to_string(round)), server.close(model, rate));
        fingerprints << ferret::model_fingerprint(layout, model) << "\n";
    }
    write(folder / "model-after", model);
    if (!fingerprints.flush()) throw std::runtime_error("cannot write fingerprints");
}

}  // namespace

int main(int count, char** arguments) try {
    if (count != 2) {
        std::cerr << "usage: ferret_python_rounds FOLDER\n";
        return 2;
    }
    for (const Case& one : cases()) run(one, std::filesystem::path(arguments[1]) / one.name);
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
