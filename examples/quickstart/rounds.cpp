#include <ferret/protocol.hpp>
#include <ferret/protocol/round_log.hpp>

#include <filesystem>
#include <iostream>
#include <vector>

using Model = std::vector<std::vector<float>>;

/// Stands for training: moves every number halfway to the client's own target.
Model train(Model model, float target) {
    for (std::vector<float>& tensor : model)
        for (float& number : tensor) number += 0.5f * (target - number);
    return model;
}

int main() {
    // What all roles agree on beforehand, and the model they begin with.
    const ferret::Plan plan{.layout = ferret::Layout::per_tensor({6000, 4000}),
                            .basis = ferret::SparseSign{},
                            .budget = ferret::Uniform{512},
                            .seed = 42};
    const Model first{std::vector<float>(6000, 0.0f), std::vector<float>(4000, 1.0f)};

    const auto file = std::filesystem::temp_directory_path() / "ferret_quickstart_rounds";
    std::filesystem::remove(file);
    ferret::RoundLog log{file};
    Model server_model = first;
    Model client_model = first;  // one copy stands for the three clients'
    ferret::Server server{plan, server_model};
    ferret::Follower follower{plan};

    for (std::uint64_t round = 1; round <= 12; ++round) {
        for (const std::uint64_t client : {0u, 1u, 2u}) {
            const Model trained = train(client_model, 2.0f + static_cast<float>(client));
            // Over the network go nothing but these bytes, up ...
            server.receive(ferret::Client{plan, client}(round, client_model, trained));
        }
        const std::vector<std::byte> broadcast = server.close(server_model, /*rate=*/0.05f);
        log.append(broadcast);
        follower.apply(broadcast, client_model);  // ... and down.
    }

    Model late_model = first;  // who comes late catches up, to the same bits
    ferret::Follower late_joiner{plan};
    catch_up(late_joiner, log, late_model);
    const bool same = client_model == server_model && late_model == server_model;
    std::cout << "after " << log.rounds() << " rounds all hold "
              << (same ? "the same model" : "different models") << ", whose first number is "
              << server_model[0][0] << "\n";
    std::filesystem::remove(file);
    return same && server_model[0][0] > 1.0f ? 0 : 1;
}
