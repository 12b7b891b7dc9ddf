#pragma once

#include <ferret/basis/basis.hpp>

namespace ferret_test {

/// Calls check(Family{}) with each dense family of the list.
template <class Check>
void for_each_dense_family(const Check& check) {
    for (const ferret::Basis& basis : ferret::all_bases)
        ferret::visit_basis(basis, [&]<class F>(F family) {
            if constexpr (ferret::DenseBasis<F>) check(family);
        });
}

}  // namespace ferret_test
