#pragma once

#include <array>
#include <type_traits>
#include <variant>

#include "../../basis/basis.hpp"
#include "../../tensor/dtype.hpp"
#include "few_bits_kernels.hpp"
#include "fingerprint_kernels.hpp"
#include "kernels.hpp"

namespace ferret::cpu {

/// The tables of one instruction set's Loops, which name their functions for bases and types.
template <class Loops, class... Families>
constexpr std::array<DenseKernels, sizeof...(Families)> dense_kernels(
    const std::variant<Families...>*) {
    const auto of = []<class Family>(std::type_identity<Family>) -> DenseKernels {
        if constexpr (DenseBasis<Family>)
            return {Loops::template dot<Family, Loops::bases_at_once>,
                    Loops::template add_raw<Family, Loops::bases_at_once>,
                    Loops::template dot<Family, 1>, Loops::template add_raw<Family, 1>};
        else
            return {nullptr, nullptr, nullptr, nullptr};
    };
    return {of(std::type_identity<Families>{})...};
}

template <class Loops>
constexpr Kernels make_kernels() {
    Kernels kernels{Loops::bases_at_once,
                    Loops::template make_words<Loops::bases_at_once>,
                    Loops::template make_words<1>,
                    dense_kernels<Loops>(static_cast<const Basis*>(nullptr)),
                    {},
                    {}};
    for_each_storage_type([&]<class T>(T*) {
        constexpr DType dtype = DTypeOf<T>::value;
        of_dtype(kernels.memory.add, dtype) = Loops::template add<T>;
        if constexpr (Loops::template is_signed_in_place<T>)
            of_dtype(kernels.sparse.add_to_stored, dtype) = Loops::template add_signed_to_stored<T>;
        if constexpr (Loops::template is_signed_in_place<T> && dtype != DType::float64) {
            of_dtype(kernels.sparse.in_place, dtype) = true;
            of_dtype(kernels.sparse.add_values, dtype) = Loops::template add_signed_values<T>;
            of_dtype(kernels.sparse.add_differences, dtype) =
                Loops::template add_signed_differences<T>;
        }
        if constexpr (Loops::template is_loaded_in_place<T>) {
            of_dtype(kernels.memory.in_place, dtype) = true;
            of_dtype(kernels.memory.load_values, dtype) = Loops::template load_values<T>;
            of_dtype(kernels.memory.load_differences, dtype) = Loops::template load_differences<T>;
        }
    });
    kernels.memory.add_to_totals = Loops::add_to_totals;
    kernels.memory.sum_of_squares = Loops::sum_of_squares;
    return kernels;
}

template <class Loops>
constexpr FingerprintKernels make_fingerprint_kernels() {
    FingerprintKernels kernels{};
    for_each_storage_type([&]<class T>(T*) {
        of_dtype(kernels.sum_of_products, DTypeOf<T>::value) = Loops::template sum_of_products<T>;
    });
    return kernels;
}

template <class Loops>
constexpr FewBitsKernels make_few_bits_kernels() {
    return {Loops::template make_words<1>,
            Loops::flip_signs,
            Loops::hadamard,
            Loops::turn,
            Loops::largest_magnitude,
            Loops::few_bits_sum_of_squares,
            {Loops::template pack<1>, Loops::template unpack<1>},
            {Loops::template pack<2>, Loops::template unpack<2>},
            {Loops::template pack<3>, Loops::template unpack<3>},
            {Loops::template pack<4>, Loops::template unpack<4>},
            {Loops::template pack<8>, Loops::template unpack<8>}};
}

template <class Loops>
inline constexpr Kernels kernels = make_kernels<Loops>();
template <class Loops>
inline constexpr FingerprintKernels fingerprint_kernels = make_fingerprint_kernels<Loops>();
template <class Loops>
inline constexpr FewBitsKernels few_bits_kernels = make_few_bits_kernels<Loops>();

}  // namespace ferret::cpu
