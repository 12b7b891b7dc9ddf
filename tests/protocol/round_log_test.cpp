#include "protocol/federation.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <ferret/protocol/round_log.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

using ferret::Follower;
using ferret::RoundLog;
using ferret::Server;
using ferret_test::answer;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_model;
using ferret_test::Model;
using ferret_test::same_models;

namespace {

/// A path of this process that goes away with the object.
class ScratchFile {
public:
    ScratchFile()
        : path_(std::filesystem::temp_directory_path() /
                ("ferret_round_log_" + std::to_string(::getpid()))) {
        std::filesystem::remove(path_);
    }
    ~ScratchFile() { std::filesystem::remove(path_); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string read() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

private:
    std::filesystem::path path_;
};

ferret::Plan fixed_plan() {
    ferret::Plan plan = ferret_test::small_plan();
    plan.refresh = ferret::SeedRefresh::fixed;
    return plan;
}

/// Runs rounds and logs them. Returns: the model after them
Model log_rounds(RoundLog& log, const ferret::Plan& plan, std::uint64_t count) {
    Model model = first_model();
    Server server{plan, model};
    for (std::uint64_t round = 1; round <= count; ++round) {
        server.receive(answer(plan, model, round, 2));
        server.receive(answer(plan, model, round, 6));
        log.append(server.close(model, 0.125f));
    }
    return model;
}

}  // namespace

TEST_CASE("a late joiner and one that missed rounds catch up to the very bits") {
    const ScratchFile file;
    const ferret::Plan plan = ferret_test::small_plan();
    Model expected;
    {
        RoundLog log{file.path()};
        expected = log_rounds(log, plan, 12);
    }
    const RoundLog log{file.path()};
    REQUIRE(log.rounds() == 12);
    Model model = first_model();
    Follower follower{plan};
    for (std::uint64_t round = 1; round <= 7; ++round) follower.apply(log.broadcast(round), model);
    catch_up(follower, log, model);
    CHECK(follower.round() == 12);
    CHECK(same_models(model, expected));

    Model late = first_model();
    Follower late_joiner{plan};
    catch_up(late_joiner, log, late);
    CHECK(same_models(late, expected));
}

TEST_CASE("a torn last record is cut off, and the log goes on") {
    const ScratchFile file;
    const ferret::Plan plan = ferret_test::small_plan();
    std::vector<std::byte> third;
    {
        RoundLog log{file.path()};
        log_rounds(log, plan, 3);
        third = log.broadcast(3);
    }
    const std::string whole = file.read();
    const std::size_t two_rounds = whole.size() - 8 - third.size();
    for (std::size_t size = two_rounds; size < whole.size(); ++size) {
        file.write(whole.substr(0, size));
        RoundLog log{file.path()};
        CHECK(log.rounds() == 2);
        log.append(third);
        CHECK(log.broadcast(3) == third);
        CHECK(file.read() == whole);
    }
    // The length was stored and the bytes were not.
    std::string holes = whole;
    std::fill(holes.end() - 20, holes.end(), '\0');
    file.write(holes);
    CHECK(RoundLog{file.path()}.rounds() == 2);
    for (std::size_t size = 0; size < 6; ++size) {
        file.write(whole.substr(0, size));
        CHECK(RoundLog{file.path()}.rounds() == 0);
    }
}

TEST_CASE("a log that is damaged before its end is refused, and left as it is") {
    const ScratchFile file;
    std::vector<std::byte> first;
    {
        RoundLog log{file.path()};
        log_rounds(log, ferret_test::small_plan(), 2);
        first = log.broadcast(1);
    }
    const std::string whole = file.read();
    std::string damaged = whole;
    damaged[40] = static_cast<char>(damaged[40] ^ 1);
    file.write(damaged);
    CHECK(contains(error_message<ferret::FileError>([&] { RoundLog{file.path()}; }), "round 1"));
    CHECK(file.read() == damaged);
    std::string skipped = whole;  // round 2 where round 1 should be
    skipped.erase(6, 8 + first.size());
    file.write(skipped + skipped.substr(6));
    CHECK(contains(error_message<ferret::FileError>([&] { RoundLog{file.path()}; }),
                   "expected round 1, got 2"));
    file.write("no log at all");
    CHECK(contains(error_message<ferret::FileError>([&] { RoundLog{file.path()}; }),
                   "expected a file that begins with FRRL"));
    CHECK(file.read() == "no log at all");
}

TEST_CASE("rounds are added in order, and only broadcasts") {
    const ScratchFile file;
    RoundLog log{file.path()};
    log_rounds(log, ferret_test::small_plan(), 2);
    CHECK(contains(error_message<ferret::WrongRound>([&] { log.append(log.broadcast(2)); }),
                   "expected round 3, got 2"));
    CHECK_THROWS_AS(log.append(std::vector<std::byte>(80)), ferret::WireError);
    CHECK_THROWS_AS(static_cast<void>(log.broadcast(0)), ferret::WrongRound);
    CHECK_THROWS_AS(static_cast<void>(log.broadcast(3)), ferret::WrongRound);
    CHECK(log.rounds() == 2);
}

TEST_CASE("a log that another holds is not shared") {
    const ScratchFile file;
    const RoundLog log{file.path()};
    CHECK(contains(error_message<ferret::FileError>([&] { RoundLog{file.path()}; }),
                   "expected to hold alone"));
}

TEST_CASE("a log that cannot be made is told") {
    CHECK(contains(error_message<ferret::FileError>([] { RoundLog{"/nowhere/rounds"}; }),
                   "/nowhere/rounds: expected to open"));
}

TEST_CASE("with fixed bases the log is one sketch") {
    const ScratchFile file;
    RoundLog log{file.path()};
    const Model expected = log_rounds(log, fixed_plan(), 12);
    const ferret::Sketch sketch = ferret::fold(log);
    CHECK(sketch.coordinates.size() == 64);
    Model model = first_model();
    ferret::Reconstructor{fixed_plan().layout, fixed_plan().basis}(sketch, model, 1.0f);
    // Elements and coordinates stay under 4: twelve roundings of an addition and of a product,
    // and those of the folded sketch, of 2^-24 times 4 each.
    const double bound = std::ldexp(4.0 * 26.0, -24);
    for (std::size_t t = 0; t < model.size(); ++t)
        for (std::size_t i = 0; i < model[t].size(); ++i) {
            REQUIRE(std::abs(expected[t][i]) < 4.0f);
            CHECK(std::abs(static_cast<double>(model[t][i]) - expected[t][i]) <= bound);
        }
}

TEST_CASE("bases that change do not fold") {
    const ScratchFile file;
    RoundLog log{file.path()};
    CHECK_THROWS_AS(static_cast<void>(ferret::fold(log)), ferret::SketchMismatch);
    log_rounds(log, ferret_test::small_plan(), 2);
    CHECK_THROWS_AS(static_cast<void>(ferret::fold(log)), ferret::SketchMismatch);
}
