// Raw values of the dense bases, a vector of elements at a time. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Raw values of a dense family, a vector at a time: a row of 16 lanes for each part of the words of
/// both halves. A family that has no specialisation here gets them one by one.
template <DenseBasis B>
struct RawRows {
    static constexpr std::size_t parts = B::parts_per_word;

    FERRET_INLINE static void generate(const typename B::Block& block, typename Simd::Words half0,
                                       typename Simd::Words half1,
                                       typename Simd::Floats (&rows)[2 * parts]) {
        std::uint32_t word0[Simd::width], word1[Simd::width];
        Simd::store32(word0, half0);
        Simd::store32(word1, half1);
        for (unsigned part = 0; part < parts; ++part) {
            float first[Simd::width], second[Simd::width];
            for (std::size_t lane = 0; lane < Simd::width; ++lane) {
                const std::array<float, 2> pair = block.raw_values(word0[lane], word1[lane], part);
                first[lane] = pair[0];
                second[lane] = pair[1];
            }
            rows[part] = Simd::load(first);
            rows[parts + part] = Simd::load(second);
        }
    }
};

template <unsigned UniformBits>
struct RawRows<TruncatedNormal<UniformBits>> {
    static constexpr std::size_t parts = 32 / UniformBits;
    using Block = typename TruncatedNormal<UniformBits>::Block;

    FERRET_INLINE static void generate(const Block& block, typename Simd::Words half0,
                                       typename Simd::Words half1,
                                       typename Simd::Floats (&rows)[2 * parts]) {
        generate_half(block, half0, rows);
        generate_half(block, half1, rows + parts);
    }

private:
    FERRET_INLINE static void generate_half(const Block& block, typename Simd::Words words,
                                            typename Simd::Floats* rows) {
        constexpr std::uint32_t below = std::uint32_t{1}
                                        << (32 - TruncatedNormal<UniformBits>::lattice_bits);
        const auto half_step = Simd::set32(below >> 1);
        rows[0] = Simd::convert_to_float(Simd::and_or(words, Simd::set32(~(below - 1)), half_step));
        if constexpr (parts == 2)
            rows[1] = Simd::convert_to_float(
                Simd::bit_or(Simd::template shift_left32<UniformBits>(words), half_step));
        if (block.polynomial().terms() == 0) return;
        for (std::size_t part = 0; part < parts; ++part)
            rows[part] = evaluate(block.polynomial(), rows[part]);
    }

    FERRET_INLINE static typename Simd::Floats evaluate(const TruncatedNormalPolynomial& polynomial,
                                                        typename Simd::Floats raw) {
        const auto u = Simd::mul(raw, Simd::set(0x1p-31f));
        const auto squared = Simd::mul(u, u);
        auto value = Simd::set(polynomial.coefficient(polynomial.terms() - 1));
        for (std::size_t n = polynomial.terms() - 1; n-- > 0;)
            value = Simd::mul_add(value, squared, Simd::set(polynomial.coefficient(n)));
        return Simd::mul(u, value);
    }
};

template <>
struct RawRows<Gaussian> {
    static constexpr std::size_t parts = 1;

    FERRET_INLINE static void generate(const Gaussian::Block&, typename Simd::Words half0,
                                       typename Simd::Words half1,
                                       typename Simd::Floats (&rows)[2]) {
        const auto radius = Simd::sqrt(minus_two_log(half0));
        const auto angle = Simd::and_or(Simd::template shift_left32<2>(half1), Simd::set32(~0xFFu),
                                        Simd::set32(0x80u));
        const auto t = Simd::mul(Simd::convert_to_float(angle), Simd::set(0x1p-31f));
        const auto squared = Simd::mul(t, t);
        const auto sine = Simd::mul(polynomial(Gaussian::sine, squared), t);
        const auto cosine = polynomial(Gaussian::cosine, squared);

        const auto swapped = Simd::template shift_left32<1>(half1);
        rows[0] =
            Simd::mul(radius, Simd::flip_sign(Simd::if_negative_then_else(swapped, sine, cosine),
                                              Simd::bit_xor(half1, swapped)));
        rows[1] = Simd::mul(
            radius, Simd::flip_sign(Simd::if_negative_then_else(swapped, cosine, sine), half1));
    }

private:
    // An instruction set without fused multiply-adds has quicker ways to the bits of those here.
    template <class Vectors = Simd>
    FERRET_INLINE static typename Simd::Floats fma(typename Simd::Floats a, typename Simd::Floats b,
                                                   typename Simd::Floats c) {
        if constexpr (requires { Vectors::gaussian_fma(a, b, c); })
            return Vectors::gaussian_fma(a, b, c);
        else
            return Simd::mul_add(a, b, c);
    }
    template <std::size_t Terms, class Vectors = Simd>
    FERRET_INLINE static typename Simd::Floats polynomial(
        const std::array<float, Terms>& coefficients, typename Simd::Floats x) {
        if constexpr (requires { Vectors::gaussian_polynomial(coefficients, x); }) {
            return Vectors::gaussian_polynomial(coefficients, x);
        } else {
            auto value = Simd::set(coefficients[0]);
            FERRET_UNROLL for (std::size_t n = 1; n < Terms; ++n) value =
                Simd::mul_add(value, x, Simd::set(coefficients[n]));
            return value;
        }
    }

    FERRET_INLINE static typename Simd::Floats minus_two_log(typename Simd::Words words) {
        const auto odd = Simd::convert_to_float(
            Simd::bit_or(Simd::template shift_right32<1>(words), Simd::set32(1)));
        const auto bits = Simd::bit_cast_words(odd);
        const auto exponent =
            Simd::template shift_right32<23>(Simd::sub32(bits, Simd::set32(Gaussian::centre)));
        const auto f = Simd::add(
            Simd::bit_cast_float(Simd::sub32(bits, Simd::template shift_left32<23>(exponent))),
            Simd::set(-1.0f));
        const auto log_mantissa = fma(Simd::mul(f, f), polynomial(Gaussian::logarithm, f), f);
        const auto shift = Simd::convert_to_float(Simd::sub32(Simd::set32(31), exponent));
        return fma(shift, Simd::set(Gaussian::two_log_two),
                   Simd::mul(Simd::set(-2.0f), log_mantissa));
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
