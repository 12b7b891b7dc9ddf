// Raw values of the dense bases, a vector of elements at a time. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Raw values of a basis, a vector at a time: `rows` of them from the words of both halves.
template <DenseBasis B>
struct RawRows;

template <unsigned UniformBits>
struct RawRows<TruncatedNormal<UniformBits>> {
    static constexpr std::size_t parts = 32 / UniformBits;
    using Block = typename TruncatedNormal<UniformBits>::Block;

    FERRET_INLINE void generate(const Block& block, typename Simd::Words half0,
                                typename Simd::Words half1,
                                typename Simd::Floats (&rows)[2 * parts]) {
        generate_half(block, half0, rows);
        generate_half(block, half1, rows + parts);
    }

private:
    FERRET_INLINE void generate_half(const Block& block, typename Simd::Words words,
                                     typename Simd::Floats* rows) {
        constexpr std::uint32_t below = std::uint32_t{1}
                                        << (32 - TruncatedNormal<UniformBits>::lattice_bits);
        const auto half_step = Simd::integers(below >> 1);
        rows[0] =
            Simd::from_integers(Simd::mask_or(words, Simd::integers(~(below - 1)), half_step));
        if constexpr (parts == 2)
            rows[1] = Simd::from_integers(
                Simd::either(Simd::template shift_left<UniformBits>(words), half_step));
        if (block.polynomial().terms() == 0) return;
        for (std::size_t part = 0; part < parts; ++part)
            rows[part] = evaluate(block.polynomial(), rows[part]);
    }

    FERRET_INLINE typename Simd::Floats evaluate(const TruncatedNormalPolynomial& polynomial,
                                                 typename Simd::Floats raw) {
        const auto u = Simd::multiply(raw, Simd::floats(0x1p-31f));
        const auto squared = Simd::multiply(u, u);
        auto value = Simd::floats(polynomial.coefficient(polynomial.terms() - 1));
        for (std::size_t n = polynomial.terms() - 1; n-- > 0;)
            value = Simd::fma(value, squared, Simd::floats(polynomial.coefficient(n)));
        return Simd::multiply(u, value);
    }
};

template <>
struct RawRows<Gaussian> {
    static constexpr std::size_t parts = 1;

    FERRET_INLINE void generate(const Gaussian::Block&, typename Simd::Words half0,
                                typename Simd::Words half1, typename Simd::Floats (&rows)[2]) {
        const auto radius = Simd::square_root(minus_two_log(half0));
        const auto angle = Simd::mask_or(Simd::template shift_left<2>(half1),
                                         Simd::integers(~0xFFu), Simd::integers(0x80u));
        const auto t = Simd::multiply(Simd::from_integers(angle), Simd::floats(0x1p-31f));
        const auto squared = Simd::multiply(t, t);
        const auto sine = Simd::multiply(polynomial(Gaussian::sine, squared), t);
        const auto cosine = polynomial(Gaussian::cosine, squared);

        const auto swapped = Simd::template shift_left<1>(half1);
        rows[0] = Simd::multiply(radius, Simd::flip_sign(Simd::choose(swapped, cosine, sine),
                                                         Simd::exclusive_or(half1, swapped)));
        rows[1] =
            Simd::multiply(radius, Simd::flip_sign(Simd::choose(swapped, sine, cosine), half1));
    }

private:
    // An instruction set without fused multiply-adds has quicker ways to the bits of those here.
    template <class Vectors = Simd>
    FERRET_INLINE typename Simd::Floats fma(typename Simd::Floats a, typename Simd::Floats b,
                                            typename Simd::Floats c) {
        if constexpr (requires { Vectors::gaussian_fma(a, b, c); })
            return Vectors::gaussian_fma(a, b, c);
        else
            return Simd::fma(a, b, c);
    }
    template <std::size_t Terms, class Vectors = Simd>
    FERRET_INLINE typename Simd::Floats polynomial(const std::array<float, Terms>& coefficients,
                                                   typename Simd::Floats x) {
        if constexpr (requires { Vectors::gaussian_polynomial(coefficients, x); }) {
            return Vectors::gaussian_polynomial(coefficients, x);
        } else {
            auto value = Simd::floats(coefficients[0]);
            FERRET_UNROLL for (std::size_t n = 1; n < Terms; ++n) value =
                Simd::fma(value, x, Simd::floats(coefficients[n]));
            return value;
        }
    }

    FERRET_INLINE typename Simd::Floats minus_two_log(typename Simd::Words words) {
        const auto odd = Simd::from_integers(
            Simd::either(Simd::template shift_right<1>(words), Simd::integers(1)));
        const auto bits = Simd::as_integers(odd);
        const auto exponent = Simd::template shift_right<23>(
            Simd::subtract_integers(bits, Simd::integers(Gaussian::centre)));
        const auto f = Simd::add(
            Simd::as_floats(Simd::subtract_integers(bits, Simd::template shift_left<23>(exponent))),
            Simd::floats(-1.0f));
        const auto log_mantissa = fma(Simd::multiply(f, f), polynomial(Gaussian::logarithm, f), f);
        const auto shift =
            Simd::from_integers(Simd::subtract_integers(Simd::integers(31), exponent));
        return fma(shift, Simd::floats(Gaussian::two_log_two),
                   Simd::multiply(Simd::floats(-2.0f), log_mantissa));
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
