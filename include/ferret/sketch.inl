#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "error.hpp"
#include "error_text.hpp"
#include "floating_point.hpp"
#include "rng/seed.hpp"
#include "sketch.hpp"

namespace ferret {

FERRET_API void Sketch::scale(float factor) {
    const IeeeArithmetic ieee;
    for (const float coordinate : coordinates)
        if (!is_finite(coordinate * factor))
            throw NonFinite(error_text({"sketch: expected finite coordinates after scaling, got ",
                                        coordinate, " times ", factor}));
    for (float& coordinate : coordinates) coordinate *= factor;
}

FERRET_API void check_coordinates(const Sketch& sketch, const std::string& where) {
    std::uint64_t total = 0;
    for (std::size_t block = 0; block < sketch.bases_per_block.size(); ++block) {
        if (sketch.bases_per_block[block] == 0)
            throw SketchMismatch(
                error_text({where, ": expected bases in block ", block, ", got none"}));
        total += sketch.bases_per_block[block];
    }
    if (total != sketch.coordinates.size())
        throw SketchMismatch(
            error_text({where, ": expected ", total, " coordinates for its blocks, got ",
                        sketch.coordinates.size()}));
    for (std::size_t k = 0; k < sketch.coordinates.size(); ++k)
        if (!is_finite(sketch.coordinates[k]))
            throw NonFinite(error_text(
                {where, ": expected finite coordinates, got ", sketch.coordinates[k], " at ", k}));
}

FERRET_API void check_sketch(const Sketch& sketch, const Layout& layout) {
    if (sketch.layout_fingerprint != layout.fingerprint())
        throw LayoutMismatch(
            error_text({"sketch: expected layout fingerprint ", layout.fingerprint(), ", got ",
                        sketch.layout_fingerprint}));
    if (sketch.bases_per_block.size() != layout.block_count())
        throw LayoutMismatch(error_text({"sketch: expected ", layout.block_count(), " blocks, got ",
                                         sketch.bases_per_block.size()}));
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = sketch.bases_per_block[block];
        if (bases == 0 || bases > layout.block_size(block))
            throw LayoutMismatch(error_text({"sketch: expected 1 to ", layout.block_size(block),
                                             " bases in block ", block, ", got ", bases}));
    }
    check_coordinates(sketch, "sketch");
}

FERRET_API std::optional<std::string> mismatch(const Sketch& first, const Sketch& other) {
    if (other.seed != first.seed)
        return error_text({"expected seed ", first.seed.value, " round ", first.seed.round,
                           ", got seed ", other.seed.value, " round ", other.seed.round});
    if (other.basis != first.basis)
        return error_text(
            {"expected basis ", basis_name(first.basis), ", got ", basis_name(other.basis)});
    if (other.layout_fingerprint != first.layout_fingerprint ||
        other.bases_per_block.size() != first.bases_per_block.size())
        return "expected the first sketch's layout, got another";
    if (!is_sparse(other.basis)) return std::nullopt;
    for (std::size_t block = 0; block < first.bases_per_block.size(); ++block)
        if (other.bases_per_block[block] != first.bases_per_block[block])
            return error_text({"expected ", first.bases_per_block[block], " ",
                               basis_name(first.basis), " bases in block ", block, ", got ",
                               other.bases_per_block[block]});
    return std::nullopt;
}

FERRET_API bool can_add(std::span<const Sketch> sketches) {
    return std::none_of(sketches.begin(), sketches.end(), [&](const Sketch& sketch) {
        return mismatch(sketches.front(), sketch).has_value();
    });
}

FERRET_API Sketch sum(std::span<const Sketch> sketches, std::span<const double> weights) {
    if (sketches.empty()) throw SketchMismatch("sum: expected sketches, got none");
    if (!weights.empty() && weights.size() != sketches.size())
        throw SketchMismatch(
            error_text({"sum: expected ", sketches.size(), " weights, got ", weights.size()}));
    const IeeeArithmetic ieee;
    const Sketch& first = sketches.front();
    std::vector<std::uint32_t> bases = first.bases_per_block;
    for (std::size_t i = 0; i < sketches.size(); ++i) {
        const Sketch& sketch = sketches[i];
        const std::string label = "sum: sketch " + std::to_string(i);
        if (const auto problem = mismatch(first, sketch))
            throw SketchMismatch(error_text({label, ": ", *problem}));
        check_coordinates(sketch, label);
        for (std::size_t block = 0; block < bases.size(); ++block)
            bases[block] = (std::max)(bases[block], sketch.bases_per_block[block]);
    }

    std::uint64_t total = 0;
    for (const std::uint32_t count : bases) total += count;
    std::vector<double> totals(total, 0.0);
    for (std::size_t i = 0; i < sketches.size(); ++i) {
        const Sketch& sketch = sketches[i];
        const double weight = weights.empty() ? 1.0 : weights[i];
        std::size_t from = 0;
        std::size_t to = 0;
        for (std::size_t block = 0; block < bases.size(); ++block) {
            for (std::uint32_t k = 0; k < sketch.bases_per_block[block]; ++k)
                totals[to + k] += weight * static_cast<double>(sketch.coordinates[from + k]);
            from += sketch.bases_per_block[block];
            to += bases[block];
        }
    }
    Sketch result{first.seed, first.basis, first.layout_fingerprint, std::move(bases), {}};
    result.coordinates.reserve(totals.size());
    for (std::size_t k = 0; k < totals.size(); ++k) {
        const auto coordinate = static_cast<float>(totals[k]);
        if (!is_finite(coordinate))
            throw NonFinite(
                error_text({"sum: expected finite coordinates, got ", totals[k], " at ", k}));
        result.coordinates.push_back(coordinate);
    }
    return result;
}

}  // namespace ferret
