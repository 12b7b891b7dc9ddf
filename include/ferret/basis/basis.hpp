#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "../error.hpp"
#include "../error_text.hpp"
#include "basis_family.hpp"
#include "gaussian.hpp"
#include "rademacher.hpp"
#include "sparse_sign.hpp"
#include "truncated_normal.hpp"

namespace ferret {

/// The basis families: one of them, chosen at run time. This is the one list; a new family is a header
/// beside this one and an entry here.
using Basis =
    std::variant<TruncatedNormal<16>, TruncatedNormal<32>, Gaussian, Rademacher, SparseSign>;

inline constexpr std::size_t basis_count = std::variant_size_v<Basis>;

namespace detail {

template <class>
struct FamilyTables;

/// What the list says of its families, in its order.
template <class... Families>
struct FamilyTables<std::variant<Families...>> {
    static_assert(((DenseBasis<Families> != SparseBasis<Families>)&&...),
                  "a family of the list is neither a DenseBasis nor a SparseBasis");

    static constexpr std::array<std::variant<Families...>, sizeof...(Families)> bases{
        Families{}...};
    static constexpr std::array<std::pair<std::string_view, BasisId>, sizeof...(Families)> names{
        {{Families::name, Families::id}...}};
    static constexpr std::array<bool, sizeof...(Families)> sparse{SparseBasis<Families>...};
};

constexpr bool names_and_ids_differ() {
    const auto& names = FamilyTables<Basis>::names;
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (names[i].first == names[j].first || names[i].second == names[j].second)
                return false;
    return true;
}
static_assert(names_and_ids_differ(), "two basis families of the list share a name or an id");

}  // namespace detail

/// One of each family, in the order of the list.
inline constexpr std::array<Basis, basis_count> all_bases = detail::FamilyTables<Basis>::bases;

/// Their names and ids.
inline constexpr std::array<std::pair<std::string_view, BasisId>, basis_count> basis_names =
    detail::FamilyTables<Basis>::names;

inline BasisId basis_id(const Basis& basis) {
    return basis_names[basis.index()].second;
}

/// Whether the family is a SparseBasis, whose bases depend on how many there are.
inline bool is_sparse(const Basis& basis) {
    return detail::FamilyTables<Basis>::sparse[basis.index()];
}
/// The same of a family's id; false for an id that is no family's.
inline bool is_sparse(BasisId id) {
    for (const Basis& basis : all_bases)
        if (basis_id(basis) == id) return is_sparse(basis);
    return false;
}

inline std::string_view basis_name(const Basis& basis) {
    return basis_names[basis.index()].first;
}
/// Throws: UnknownName if the id is no family's
inline std::string_view basis_name(BasisId id) {
    for (const auto& [name, known] : basis_names)
        if (known == id) return name;
    std::string message = "basis id: expected one of";
    for (const auto& [name, known] : basis_names)
        message.append(" ").append(std::to_string(static_cast<int>(known)));
    throw UnknownName(error_text({message, ", got ", static_cast<int>(id)}));
}

/// The family of that name.
/// Throws: UnknownName listing the names there are
inline Basis parse_basis(std::string_view name) {
    for (const Basis& basis : all_bases)
        if (basis_name(basis) == name) return basis;
    std::string message = "basis: expected one of";
    for (const auto& [known, id] : basis_names) message.append(" ").append(known);
    throw UnknownName(error_text({message, ", got '", name, "'"}));
}

/// Calls visitor(Family{}) with the family that was chosen, and returns what it returns, which is of
/// one type for all of them. Comparisons of indices, which compile faster than std::visit's table.
template <class Visitor, std::size_t Index = 0>
constexpr decltype(auto) visit_basis(const Basis& basis, Visitor&& visitor) {
    if constexpr (Index + 1 < basis_count)
        if (basis.index() != Index) return visit_basis<Visitor&, Index + 1>(basis, visitor);
    return visitor(std::variant_alternative_t<Index, Basis>{});
}

/// Math:   rho = E[v^2] of one entry of a block of d elements projected on K bases: of what is
///         really drawn, not of the law that it approximates
inline double second_moment(const Basis& basis, std::uint64_t dimension, std::uint32_t bases) {
    return visit_basis(basis, [&]<BasisFamily F>(F) {
        if constexpr (DenseBasis<F>) {
            const typename F::Block block(dimension);
            return block.amplitude() * block.amplitude() * block.raw_second_moment();
        } else {
            return 1.0 / static_cast<double>(bases);
        }
    });
}

}  // namespace ferret
