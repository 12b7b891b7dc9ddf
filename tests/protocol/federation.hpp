#pragma once

#include "support/updates.hpp"

#include <cstddef>
#include <cstdint>
#include <ferret/protocol.hpp>
#include <vector>

// A small federation, for the tests of its roles.

namespace ferret_test {

using Model = std::vector<std::vector<float>>;

inline ferret::Plan small_plan() {
    return {.layout = ferret::Layout::per_tensor({300, 120}),
            .basis = ferret::SparseSign{},
            .budget = ferret::Uniform{64},
            .seed = 42,
            .up = ferret::CoordinateFormat::float32,
            .down = ferret::CoordinateFormat::float32};
}

/// The same with coordinates of few bits: as plans are where nothing is said.
inline ferret::Plan few_bits_plan() {
    ferret::Plan plan = small_plan();
    plan.up = ferret::CoordinateFormat::one_bit;
    plan.down = ferret::CoordinateFormat::two_bits;
    return plan;
}

inline Model first_model() {
    return {simple_update(300, 1), simple_update(120, 2)};
}

/// What a client's training makes of the model; another for every round and client.
inline Model trained(const Model& model, std::uint64_t round, std::uint64_t client) {
    Model after = model;
    for (std::vector<float>& tensor : after) {
        const std::vector<float> update = simple_update(tensor.size(), 10 * round + client);
        for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] -= update[i] / 16.0f;
    }
    return after;
}

inline std::vector<std::byte> answer(const ferret::Plan& plan, const Model& model,
                                     std::uint64_t round, std::uint64_t client,
                                     std::uint64_t examples = 1) {
    return ferret::Client{plan, client}(round, model, trained(model, round, client), examples);
}

inline bool same_models(const Model& a, const Model& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t t = 0; t < a.size(); ++t)
        if (!same_bits(a[t], b[t])) return false;
    return true;
}

}  // namespace ferret_test
