#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/protocol/model_fingerprint.hpp>
#include <random>
#include <span>
#include <vector>

using ferret::Layout;
using ferret::model_fingerprint;
using ferret::Shard;
using ferret_test::simple_update;

namespace {

std::uint64_t odd_number(std::uint64_t index, std::uint32_t stream) {
    const ferret::PhiloxWords words = ferret::philox(
        {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), 0, stream},
        {0, 0});
    return (std::uint64_t{words[1]} << 32 | words[0]) | 1u;
}

/// The contract's formula, element by element.
template <class Bits, class T>
std::uint64_t reference_fingerprint(const std::vector<T>& model) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < model.size(); ++i)
        sum += std::uint64_t{std::bit_cast<Bits>(model[i])} * odd_number(i % 1024, 2) *
               odd_number(i / 1024, 3);
    return sum;
}

template <class T>
std::vector<T> model_of(std::size_t size) {
    std::vector<T> model;
    for (const float value : simple_update(size)) model.push_back(static_cast<T>(value));
    return model;
}

template <class Bits, class T>
void check_against_reference() {
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(ferret::instruction_set_name(set));
        for (const std::size_t size : {1u, 5u, 1023u, 1024u, 1029u, 200000u}) {
            CAPTURE(size);
            const std::vector<T> model = model_of<T>(size);
            CHECK(model_fingerprint(Layout::per_tensor({size}), model, {.instruction_set = set}) ==
                  reference_fingerprint<Bits>(model));
        }
    }
}

/// Models of bits of every kind, in tensors that begin and end at every place of a vector.
template <class Bits, class T>
void check_every_cut() {
    std::mt19937_64 random(7);
    std::vector<T> model(3000);
    for (T& element : model) {
        const std::uint64_t drawn = random();
        // All ones and all zeros too: what overflows, and what a carry would show in.
        element = std::bit_cast<T>(static_cast<Bits>(drawn % 8 == 0   ? ~std::uint64_t{0}
                                                     : drawn % 8 == 1 ? 0
                                                                      : drawn >> 3));
    }
    const std::uint64_t expected = reference_fingerprint<Bits>(model);
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(ferret::instruction_set_name(set));
        for (std::size_t first = 1; first <= 140; ++first) {
            const std::size_t second = 1 + 7 * first % 150;
            const std::vector<std::span<const T>> tensors{std::span(model).first(first),
                                                          std::span(model).subspan(first, second),
                                                          std::span(model).subspan(first + second)};
            CHECK(model_fingerprint(
                      Layout::per_tensor({first, second, model.size() - first - second}), tensors,
                      {.instruction_set = set}) == expected);
        }
    }
}

}  // namespace

TEST_CASE("the fingerprint is the contract's sum, for every storage type") {
    check_against_reference<std::uint32_t, float>();
    check_against_reference<std::uint64_t, double>();
    check_against_reference<std::uint16_t, ferret::bfloat16>();
    check_against_reference<std::uint16_t, ferret::half>();
}

TEST_CASE("vectors that begin and end anywhere do not change the fingerprint") {
    check_every_cut<std::uint32_t, float>();
    check_every_cut<std::uint64_t, double>();
    check_every_cut<std::uint16_t, ferret::bfloat16>();
    check_every_cut<std::uint16_t, ferret::half>();
}

TEST_CASE("neither threads nor the cut into tensors and blocks change the fingerprint") {
    const std::vector<float> model = model_of<float>(200000);
    const std::uint64_t expected = reference_fingerprint<std::uint32_t>(model);
    std::mt19937 random(1);
    for (int trial = 0; trial < 20; ++trial) {
        std::vector<std::size_t> sizes;
        std::vector<std::vector<float>> tensors;
        for (std::size_t begin = 0; begin < model.size();) {
            const std::size_t size =
                std::min<std::size_t>(1 + random() % 30000, model.size() - begin);
            const auto first = model.begin() + static_cast<std::ptrdiff_t>(begin);
            tensors.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
            sizes.push_back(size);
            begin += size;
        }
        const int threads = 1 + trial % 4;
        CHECK(model_fingerprint(Layout::per_tensor(sizes), tensors, {.threads = threads}) ==
              expected);
        CHECK(model_fingerprint(Layout::uniform(sizes, 777), tensors, {.threads = threads}) ==
              expected);
    }
}

TEST_CASE("the shards' fingerprints add up to the model's") {
    const std::vector<float> model = model_of<float>(5000);
    const Layout layout = Layout::per_tensor({5000});
    const std::vector<Shard> shards{Shard({{3000, 1500}, {0, 7}}), Shard({{7, 2993}}),
                                    Shard({{4500, 500}})};
    std::uint64_t sum = 0;
    for (const Shard& shard : shards)
        sum += ferret::shard_fingerprint(layout, shard, ferret_test::take(std::span(model), shard));
    CHECK(sum == model_fingerprint(layout, model));
}

TEST_CASE("every flipped bit, the sign of a zero and two exchanged elements show") {
    std::vector<float> model = model_of<float>(3000);
    model[1700] = 0.0f;
    const Layout layout = Layout::per_tensor({3000});
    const std::uint64_t original = model_fingerprint(layout, model);
    for (const std::size_t i : {0u, 1u, 1023u, 1024u, 1700u, 2999u}) {
        for (unsigned bit = 0; bit < 32; ++bit) {
            std::vector<float> changed = model;
            changed[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(model[i]) ^ (1u << bit));
            CHECK(model_fingerprint(layout, changed) != original);
        }
    }
    for (const std::size_t other : {1u, 1024u, 2047u, 2999u}) {
        std::vector<float> changed = model;
        std::swap(changed[0], changed[other]);
        REQUIRE(changed != model);
        CHECK(model_fingerprint(layout, changed) != original);
    }
}

TEST_CASE("a model that does not fit the layout has no fingerprint") {
    CHECK_THROWS_AS(
        static_cast<void>(model_fingerprint(Layout::per_tensor({10}), std::vector<float>(11))),
        ferret::LayoutMismatch);
}
