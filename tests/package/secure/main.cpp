#include "other_source.hpp"

#include <cstdio>
#include <map>
#include <vector>

int main() {
    using namespace ferret::secure;
    const Identity server_identity = other_identity();
    std::map<std::uint64_t, Identity> identities;
    Directory directory;
    for (const std::uint64_t client : {1u, 2u, 3u}) {
        identities.emplace(client, other_identity());
        directory.emplace(client, identities.at(client).public_identity());
    }
    SumServer server{server_identity, directory};
    std::map<std::uint64_t, SumClient> clients;
    for (const auto& [number, identity] : identities)
        clients.emplace(number,
                        SumClient{number, identity, directory, server_identity.public_identity()});

    const auto opening = server.open({.round = 1,
                                      .nonce = {},
                                      .roster = {1, 2, 3},
                                      .threshold = 0,
                                      .length = 2,
                                      .largest = 100,
                                      .terms = {}});
    for (auto& [number, client] : clients) server.receive(client.join(opening));
    const auto key_list = server.list_keys();
    for (auto& [number, client] : clients) server.receive(client.share(key_list));
    for (const auto& [number, delivery] : server.deliver_shares())
        server.receive(clients.at(number).mask(
            delivery, std::vector<std::uint32_t>{static_cast<std::uint32_t>(number), 100}));
    const auto request = server.request_reveal();
    for (auto& [number, client] : clients) server.receive(client.reveal(request));
    if (server.sum().integers != std::vector<std::uint32_t>{6, 300}) {
        std::puts("expected the sum of the clients' integers");
        return 1;
    }
    return 0;
}
