#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <limits>
#include <vector>

using ferret::Layout;
using ferret::LayoutMismatch;
using ferret::NonFinite;
using ferret::Projector;
using ferret::Reconstructor;
using ferret::Seed;
using ferret::Sketch;
using ferret::SketchMismatch;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::same_bits;
using ferret_test::simple_update;

namespace {

const Layout layout = Layout::per_tensor({5, 300, 5000});

Sketch sketch_of(const ferret::Basis& basis, const Seed& seed, std::uint64_t bases = 30) {
    const std::vector<float> delta = simple_update(5305, seed.value);
    const std::span<const float> all(delta);
    return Projector{layout, basis, ferret::NormShare{bases}}(
        std::vector{all.first(5), all.subspan(5, 300), all.subspan(305)}, seed);
}

std::vector<std::span<float>> tensors_of(std::vector<float>& model) {
    const std::span<float> all(model);
    return {all.first(5), all.subspan(5, 300), all.subspan(305)};
}

}  // namespace

TEST_CASE("the update is added to the model") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Sketch sketch = sketch_of(basis, {42, 7});
        for (const float scale : {1.0f, -0.25f, 0.0f, 3.7f}) {
            std::vector<float> model = simple_update(5305, 9);
            std::vector<float> expected = model;
            const std::vector<float> update =
                ferret::reference::reconstruct(layout, basis, {&sketch, 1}, scale);
            for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += update[i];
            Reconstructor{layout, basis}(sketch, tensors_of(model), scale);
            CHECK(same_bits(model, expected));
        }
    }
}

TEST_CASE("several sketches are added in one pass, each with bases of its own") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const std::vector<Sketch> sketches{sketch_of(basis, {1, 7}, 30),
                                           sketch_of(basis, {2, 7}, 45),
                                           sketch_of(basis, {3, 7}, 11)};
        std::vector<float> model(5305, 0.0f);
        Reconstructor{layout, basis}(std::span(sketches), tensors_of(model), -0.5f);
        CHECK(model == ferret::reference::reconstruct(layout, basis, sketches, -0.5f));
        CHECK(model !=
              ferret::reference::reconstruct(layout, basis, std::span(sketches).first(2), -0.5f));
    }
}

TEST_CASE("one basis is added with the bits of a sketch that has no other") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        std::vector<float> model = simple_update(5305, 9);
        const std::vector<float> untouched = model;
        const Reconstructor reconstruct{layout, basis};
        if (ferret::is_sparse(basis)) {
            CHECK(contains(error_message<ferret::Unsupported>([&] {
                               reconstruct.add_basis({42, 7}, 0, tensors_of(model), 1.0f);
                           }),
                           "dense basis"));
            CHECK(same_bits(model, untouched));
            continue;
        }
        const std::vector<std::uint32_t> five_per_block(layout.block_count(), 5);
        Sketch only_last{
            {42, 7}, ferret::basis_id(basis), layout.fingerprint(), five_per_block, {}};
        for (std::size_t i = 0; i < 15; ++i)
            only_last.coordinates.push_back(i % 5 == 4 ? 1.0f : 0.0f);
        const std::vector<float> update =
            ferret::reference::reconstruct(layout, basis, {&only_last, 1}, -0.3f);
        std::vector<float> expected = untouched;
        for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += update[i];
        reconstruct.add_basis({42, 7}, 4, tensors_of(model), -0.3f);
        CHECK(same_bits(model, expected));
        CHECK_THROWS_AS(reconstruct.add_basis({42, 7}, 4, tensors_of(model), std::nanf("")),
                        NonFinite);
        CHECK(same_bits(model, expected));
    }
}

TEST_CASE("a model's tensors have memory of their own") {
    const Sketch sketch = sketch_of(ferret::Gaussian{}, {42, 7});
    const Reconstructor reconstruct{layout, ferret::Gaussian{}};
    std::vector<float> memory = simple_update(5305, 9);
    const std::vector<float> untouched = memory;
    const std::span<float> all(memory);
    // Tied weights that are listed twice, and a view of an end of another.
    for (const std::size_t begin : {std::size_t{0}, std::size_t{4999}, std::size_t{5000}}) {
        std::vector<float> small(5);
        const std::vector<std::span<float>> model{small, all.subspan(begin, 300), all.first(5000)};
        if (begin == 5000) {
            CHECK_NOTHROW(reconstruct(sketch, model, 1.0f));
            CHECK_FALSE(same_bits(memory, untouched));
            continue;
        }
        CHECK(error_message<LayoutMismatch>([&] { reconstruct(sketch, model, 1.0f); }) ==
              "model: expected tensors with memory of their own, got tensors 1 and 2 in the same");
        CHECK(same_bits(memory, untouched));
        CHECK(small == std::vector<float>(5));
    }
}

TEST_CASE("no sketches change nothing") {
    std::vector<float> model = simple_update(5305);
    Reconstructor{layout, ferret::Gaussian{}}(std::span<const Sketch>(), tensors_of(model), 1.0f);
    CHECK(model == simple_update(5305));
}

TEST_CASE("sketches and models that do not fit leave the model as it was") {
    const Reconstructor reconstruct{layout, ferret::Rademacher{}};
    const Sketch right = sketch_of(ferret::Rademacher{}, {42, 7});
    const std::vector<float> untouched = simple_update(5305, 9);
    std::vector<float> model = untouched;

    // Both alone and after a right sketch, that must not have been added already.
    const auto refuse = [&](const auto& error, const Sketch& wrong, std::string_view part) {
        using Expected = std::remove_cvref_t<decltype(error)>;
        CHECK(contains(
            error_message<Expected>([&] { reconstruct(wrong, tensors_of(model), 1.0f); }), part));
        const std::vector<Sketch> both{right, wrong};
        CHECK(contains(
            error_message<Expected>([&] { reconstruct(std::span(both), tensors_of(model), 1.0f); }),
            part));
        CHECK(same_bits(model, untouched));
    };
    refuse(SketchMismatch(""), sketch_of(ferret::Gaussian{}, {42, 7}),
           "expected basis rademacher, got gaussian");
    Sketch wrong = right;
    wrong.basis = static_cast<ferret::BasisId>(99);
    CHECK_THROWS_AS(reconstruct(wrong, tensors_of(model), 1.0f), ferret::Error);
    wrong = right;
    wrong.layout_fingerprint ^= 1;
    refuse(LayoutMismatch(""), wrong, "expected layout fingerprint");
    wrong = right;
    wrong.bases_per_block.pop_back();
    refuse(LayoutMismatch(""), wrong, "expected 3 blocks, got 2");
    wrong = right;
    wrong.bases_per_block[0] = 0;
    refuse(LayoutMismatch(""), wrong, "bases in block 0, got 0");
    wrong = right;
    wrong.bases_per_block[0] = 6;
    refuse(LayoutMismatch(""), wrong, "expected 1 to 5 bases in block 0, got 6");
    wrong = right;
    wrong.coordinates.pop_back();
    refuse(SketchMismatch(""), wrong, "expected 30 coordinates for its blocks, got 29");
    wrong = right;
    wrong.coordinates.push_back(0.0f);
    refuse(SketchMismatch(""), wrong, "got 31");
    for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
        wrong = right;
        wrong.coordinates[29] = bad;
        refuse(NonFinite(""), wrong, "at 29");
    }
    CHECK_THROWS_AS(reconstruct(right, std::vector{std::span<float>(model)}, 1.0f), LayoutMismatch);
    std::vector<std::span<float>> short_model = tensors_of(model);
    short_model[2] = short_model[2].first(4999);
    CHECK(contains(error_message<LayoutMismatch>([&] { reconstruct(right, short_model, 1.0f); }),
                   "tensor 2: expected 5000 elements, got 4999"));
    CHECK(same_bits(model, untouched));
}

TEST_CASE(
    "a scale that is not finite, or makes a coordinate overflow, leaves the model as it was") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        Sketch sketch = sketch_of(basis, {42, 7});
        sketch.coordinates.back() = std::numeric_limits<float>::max();
        const std::vector<float> untouched = simple_update(5305, 9);
        std::vector<float> model = untouched;
        const Reconstructor reconstruct{layout, basis};
        for (const float scale :
             {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
              std::nanf(""), std::numeric_limits<float>::max()})
            CHECK_THROWS_AS(reconstruct(sketch, tensors_of(model), scale), NonFinite);
        CHECK(same_bits(model, untouched));
    }
}
