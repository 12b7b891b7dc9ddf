#include <ferret/secure.hpp>

#include <iostream>
#include <map>
#include <vector>

using Model = std::vector<std::vector<float>>;
using ferret::secure::Identity;

/// Stands for training: moves every number halfway to the client's own target.
Model train(Model model, float target) {
    for (std::vector<float>& tensor : model)
        for (float& number : tensor) number += 0.5f * (target - number);
    return model;
}

int main() {
    const ferret::Plan plan{.layout = ferret::Layout::per_tensor({6000, 4000}),
                            .basis = ferret::SparseSign{},
                            .budget = ferret::Uniform{512},
                            .seed = 42};
    Model model{std::vector<float>(6000, 0.0f), std::vector<float>(4000, 1.0f)};

    // Everyone makes an identity, and learns the others' from somebody other than the server.
    const Identity server_identity = Identity::random();
    std::map<std::uint64_t, Identity> identities;
    ferret::secure::Directory directory;
    for (const std::uint64_t client : {0u, 1u, 2u, 3u}) {
        identities.emplace(client, Identity::random());
        directory.emplace(client, identities.at(client).public_identity());
    }

    ferret::SecureServer server{plan, model, ferret::secure::SumServer{server_identity, directory},
                                /*bits=*/4, /*deviations=*/{30.0f}};
    std::map<std::uint64_t, ferret::SecureClient<>> clients;
    for (const auto& [number, identity] : identities)
        clients.emplace(number, ferret::SecureClient{plan, ferret::secure::SumClient{
                                                               number, identity, directory,
                                                               server_identity.public_identity()}});

    for (int round = 1; round <= 12; ++round) {
        // Four messages up and four down, of which the server learns the mean of the updates.
        const auto opening = server.open({0, 1, 2, 3});
        for (auto& [number, client] : clients) server.receive(client.join(opening));
        const auto key_list = server.list_keys();
        for (auto& [number, client] : clients) server.receive(client.share(key_list));
        for (const auto& [number, delivery] : server.deliver_shares()) {
            if (round == 5 && number == 3) continue;  // a client that is gone is not waited for
            const Model trained = train(model, 2.0f + static_cast<float>(number));
            server.receive(clients.at(number).mask(delivery, model, trained));
        }
        const auto request = server.request_reveal();
        for (auto& [number, client] : clients)
            if (round != 5 || number != 3) server.receive(client.reveal(request));
        server.close(model, /*rate=*/0.05f);  // to be broadcast, as ever
    }
    std::cout << "after 12 rounds the model's first number is " << model[0][0] << ", and "
              << 100.0 * server.clipped() << "% of the last round's numbers were clipped\n";
    return model[0][0] > 1.0f ? 0 : 1;
}
