#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <ferret/secure/sum_client.hpp>
#include <ferret/secure/sum_server.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using ferret::secure::Identity;
using ferret::secure::SumClient;
using ferret::secure::SumServer;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t integers = 4096;
constexpr std::uint32_t largest = 15;  // 4 bits a client

/// What a client does, in its order.
enum Step : std::size_t { keys, shares, masked_vector, reveal };
constexpr std::array<const char*, 4> step_names{"keys", "shares", "masked_vector", "reveal"};

/// One round of so many clients, of whom the first `dead` send no vector; the server can add it up.
class Round {
public:
    Round(std::size_t clients, std::size_t dead) {
        const Identity server_identity = Identity::random();
        ferret::secure::Directory directory;
        std::vector<Identity> identities;
        std::vector<std::uint64_t> roster;
        for (std::uint64_t c = 0; c < clients; ++c) {
            roster.push_back(c);
            identities.push_back(Identity::random());
            directory[c] = identities.back().public_identity();
        }
        server_ = std::make_unique<SumServer>(server_identity, directory);
        std::vector<SumClient> all;
        for (const std::uint64_t c : roster)
            all.emplace_back(c, identities[c], directory, server_identity.public_identity());

        const Bytes opening = server_->open({.round = 1,
                                             .nonce = {},
                                             .roster = roster,
                                             .threshold = 0,
                                             .length = integers,
                                             .largest = largest,
                                             .terms = {}});
        for (SumClient& client : all) send(keys, [&] { return client.join(opening); });
        const Bytes list = server_->list_keys();
        for (SumClient& client : all) send(shares, [&] { return client.share(list); });
        const std::map<std::uint64_t, Bytes> deliveries = server_->deliver_shares();
        const std::vector<std::uint32_t> vector(integers, 7);
        for (std::size_t c = dead; c < clients; ++c)
            send(masked_vector, [&] { return all[c].mask(deliveries.at(c), vector); });
        const Bytes request = server_->request_reveal();
        for (std::size_t c = dead; c < clients; ++c)
            send(reveal, [&] { return all[c].reveal(request); });
    }

    double seconds(Step step) const { return seconds_[step] / static_cast<double>(times_[step]); }
    std::size_t bytes(Step step) const { return bytes_[step]; }
    const SumServer& server() const { return *server_; }

private:
    template <class Act>
    void send(Step step, const Act& act) {
        const std::clock_t begin = std::clock();
        const Bytes message = act();
        seconds_[step] += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        ++times_[step];
        bytes_[step] = message.size();
        server_->receive(message);
    }

    std::unique_ptr<SumServer> server_;
    std::array<double, 4> seconds_{};
    std::array<std::size_t, 4> times_{};
    std::array<std::size_t, 4> bytes_{};
};

/// Rounds are played once: their clients do what every two of them do.
const Round& round_of(std::size_t clients, std::size_t dead) {
    static std::map<std::pair<std::size_t, std::size_t>, Round> rounds;
    const auto found = rounds.find({clients, dead});
    if (found != rounds.end()) return found->second;
    return rounds
        .emplace(std::piecewise_construct, std::forward_as_tuple(clients, dead),
                 std::forward_as_tuple(clients, dead))
        .first->second;
}

/// The mean processor time over the round's clients.
void client(benchmark::State& state, Step step) {
    const Round& round = round_of(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
    for (auto _ : state) state.SetIterationTime(round.seconds(step));
    state.counters["bytes"] = static_cast<double>(round.bytes(step));
}

void sum(benchmark::State& state) {
    const Round& round = round_of(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
    for (auto _ : state) benchmark::DoNotOptimize(round.server().sum());
}

}  // namespace

int main(int count, char** arguments) {
    for (const std::int64_t clients : {10, 100, 200}) {
        for (const std::int64_t dead : {std::int64_t{0}, clients / 4}) {
            for (std::size_t step = 0; step < step_names.size(); ++step)
                benchmark::RegisterBenchmark((std::string("client/") + step_names[step]).c_str(),
                                             client, static_cast<Step>(step))
                    ->ArgNames({"clients", "dead"})
                    ->Args({clients, dead})
                    ->UseManualTime()
                    ->Iterations(1)
                    ->Unit(benchmark::kMillisecond);
            benchmark::RegisterBenchmark("server/sum", sum)
                ->ArgNames({"clients", "dead"})
                ->Args({clients, dead})
                ->Unit(benchmark::kMillisecond);
        }
    }
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
