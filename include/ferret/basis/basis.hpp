#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "../error.hpp"
#include "gaussian.hpp"
#include "rademacher.hpp"
#include "sparse_sign.hpp"
#include "truncated_normal.hpp"

namespace ferret {

/// A basis whose every entry is drawn: entry (i, k) of a block is amplitude * raw value.
/// To add one: give it an id, `parts_per_word`, and a `Block` like TruncatedNormal's, and list it
/// in `Basis` and `basis_names`.
template <class B>
concept DenseBasis = requires(const typename B::Block& block, std::uint32_t word, unsigned part) {
    requires B::parts_per_word == 1 || B::parts_per_word == 2 || B::parts_per_word == 32;
    requires std::constructible_from<typename B::Block, std::uint64_t>;
    { block.amplitude() } -> std::same_as<double>;
    { block.raw_second_moment() } -> std::same_as<double>;
    { block.raw_values(word, word, part) } -> std::same_as<std::array<float, 2>>;
};

/// Any basis, chosen at run time.
using Basis =
    std::variant<TruncatedNormal<16>, TruncatedNormal<32>, Gaussian, Rademacher, SparseSign>;

inline constexpr std::array<std::pair<std::string_view, BasisId>, 5> basis_names{{
    {"truncated-normal", BasisId::truncated_normal_16},
    {"truncated-normal-32", BasisId::truncated_normal_32},
    {"gaussian", BasisId::gaussian},
    {"rademacher", BasisId::rademacher},
    {"sparse-sign", BasisId::sparse_sign},
}};

inline BasisId basis_id(const Basis& basis) {
    return std::visit([]<class B>(const B&) { return B::id; }, basis);
}

/// Throws: UnknownName if the id stands for no basis
inline std::string_view basis_name(BasisId id) {
    for (const auto& [name, known] : basis_names)
        if (known == id) return name;
    throw UnknownName("basis id: expected 1 to " + std::to_string(basis_names.size()) + ", got " +
                      std::to_string(static_cast<int>(id)));
}
inline std::string_view basis_name(const Basis& basis) {
    return basis_name(basis_id(basis));
}

/// The basis of that name.
/// Throws: UnknownName listing the names there are
inline Basis parse_basis(std::string_view name) {
    if (name == "truncated-normal") return TruncatedNormal<16>{};
    if (name == "truncated-normal-32") return TruncatedNormal<32>{};
    if (name == "gaussian") return Gaussian{};
    if (name == "rademacher") return Rademacher{};
    if (name == "sparse-sign") return SparseSign{};
    std::string message = "basis: expected one of";
    for (const auto& [known, id] : basis_names) message.append(" ").append(known);
    throw UnknownName(message + ", got '" + std::string(name) + "'");
}

/// Math:   rho = E[v^2] of one entry of a block of d elements projected on K bases: of what is
///         really drawn, not of the law that it approximates
inline double second_moment(const Basis& basis, std::uint64_t dimension, std::uint32_t bases) {
    return std::visit(
        [&]<class B>(const B&) {
            if constexpr (DenseBasis<B>) {
                const typename B::Block block(dimension);
                return block.amplitude() * block.amplitude() * block.raw_second_moment();
            } else {
                return 1.0 / static_cast<double>(bases);
            }
        },
        basis);
}

}  // namespace ferret
