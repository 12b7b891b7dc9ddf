#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <ferret/basis/basis_family.hpp>
#include <ferret/basis/rademacher.hpp>
#include <ferret/basis/sparse_sign.hpp>
#include <string_view>

namespace {

using ferret::BasisFamily;
using ferret::DenseBasis;
using ferret::SparseBasis;

// Each differs in one thing from a family that is whole.
struct Stateful : ferret::Rademacher {
    int choice = 0;
};
struct WithoutId : ferret::Rademacher {
    static constexpr ferret::BasisId id{0};
};
struct NumberForName : ferret::Rademacher {
    static constexpr int name = 7;
};
struct ThreeParts : ferret::Rademacher {
    static constexpr unsigned parts_per_word = 3;
};
struct SignsOfSixteenBits : ferret::Rademacher {
    static constexpr unsigned parts_per_word = 2;
};
struct NothingOfSigns : ferret::Rademacher {
    static constexpr int raw_values_are_signs = 0;
};
struct FloatAmplitude : ferret::Rademacher {
    struct Block : ferret::Rademacher::Block {
        using ferret::Rademacher::Block::Block;
        float amplitude() const { return 1.0f; }
    };
};
struct PointerInBlock : ferret::Rademacher {
    struct Block : ferret::Rademacher::Block {
        using ferret::Rademacher::Block::Block;
        ~Block() { delete table; }
        const float* table = nullptr;
    };
};
struct NarrowChunks : ferret::SparseSign {
    static constexpr std::uint32_t chunk_size(std::uint32_t bases) { return bases; }
};

}  // namespace

TEST_CASE("a family has an id, a name, parts and no state") {
    CHECK(BasisFamily<ferret::Rademacher>);
    CHECK(BasisFamily<ferret::SparseSign>);
    CHECK_FALSE(BasisFamily<Stateful>);
    CHECK_FALSE(BasisFamily<WithoutId>);
    CHECK_FALSE(BasisFamily<NumberForName>);
    CHECK_FALSE(BasisFamily<ThreeParts>);
    CHECK_FALSE(BasisFamily<int>);
}

TEST_CASE("a dense family answers what the kernels ask") {
    CHECK(DenseBasis<ferret::Rademacher>);
    CHECK_FALSE(DenseBasis<ferret::SparseSign>);
    CHECK_FALSE(DenseBasis<SignsOfSixteenBits>);
    CHECK_FALSE(DenseBasis<NothingOfSigns>);
    CHECK_FALSE(DenseBasis<FloatAmplitude>);
    CHECK_FALSE(DenseBasis<PointerInBlock>);
}

TEST_CASE("a sparse family has chunks, which know their size without a block") {
    CHECK(SparseBasis<ferret::SparseSign>);
    CHECK_FALSE(SparseBasis<ferret::Rademacher>);
    CHECK_FALSE(SparseBasis<NarrowChunks>);
}
