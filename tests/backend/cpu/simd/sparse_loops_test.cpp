#include "support/instruction_sets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/backend/cpu/segment_sums.hpp>
#include <ferret/ferret.hpp>
#include <vector>

// Signs are made as they are asked for, and words are kept from one call to the next: whatever was asked
// for before, they have to be those of the definition.

namespace cpu = ferret::cpu;
using ferret::cpu::SignWords;

namespace {

const ferret::PhiloxKey sign_key{12345, 678};
constexpr std::uint32_t sign_block = 3;
/// Far enough that calls have a high word too.
constexpr std::uint64_t origin = (std::uint64_t{128} << 32) - 3 * SignWords::group_size;
constexpr std::uint64_t limit = origin + 6 * SignWords::group_size + 100;

/// The signs of all elements from `origin` on, by the definition.
const std::vector<float>& expected_signs() {
    static const std::vector<float> signs = [] {
        const ferret::SparseSign::Block law(sign_key, sign_block, 2);
        std::vector<float> found;
        for (std::uint64_t element = origin; element < limit; ++element)
            found.push_back(law.sign_of(element));
        return found;
    }();
    return signs;
}

/// A range of elements, counted from `origin`, whose sums begin `offset` floats after a cache line.
struct Request {
    std::size_t first;
    std::size_t count;
    std::size_t offset;
};

/// Asks every instruction set for the signs of ranges, one after the other.
void check_requests(const std::vector<Request>& requests) {
    const std::vector<float> ones(static_cast<std::size_t>(limit - origin), 1.0f);
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(static_cast<int>(set));
        const cpu::Kernels& kernels = cpu::kernels_of(set);
        SignWords signs(ferret::SparseSign::Block(sign_key, sign_block, 2), limit);
        for (const Request& request : requests) {
            CAPTURE(request.first);
            CAPTURE(request.count);
            CAPTURE(request.offset);
            const cpu::UpdateSource from{ones.data(), nullptr, ferret::DType::float32};
            cpu::CacheLineArray<float> sums(request.offset + request.count + ferret::lanes);
            std::fill_n(sums.data(), sums.size(), 8.0f);
            kernels.sparse.add_to_sums(from)(signs, origin + request.first, from, request.count,
                                             sums.data() + request.offset, 0);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const bool is_asked = i >= request.offset && i < request.offset + request.count;
                const float sign =
                    is_asked ? expected_signs()[request.first + i - request.offset] : 0.0f;
                wrong += sums.data()[i] != 8.0f + sign;
            }
            CHECK(wrong == 0);
        }
    }
}

constexpr std::size_t half_size = SignWords::half_size;
constexpr std::size_t group_size = SignWords::group_size;

}  // namespace

TEST_CASE("signs of ranges that begin and end anywhere, over sums that begin anywhere") {
    std::vector<Request> requests;
    for (const std::size_t border :
         {std::size_t{0}, std::size_t{16}, half_size, group_size, 2 * group_size, 3 * group_size})
        for (const std::size_t before : {0u, 1u, 15u, 16u, 17u})
            for (const std::size_t count : {1u, 16u, 33u, 512u, 1100u})
                for (const std::size_t offset : {0u, 1u, 15u})
                    if (before <= border) requests.push_back({border - before, count, offset});
    check_requests(requests);
}

TEST_CASE("signs asked for forwards, in pieces of every length") {
    for (const std::size_t length : {1u, 7u, 16u, 100u, 511u, 512u, 513u, 1024u, 1025u, 3000u}) {
        std::vector<Request> requests;
        for (std::size_t first = 5; first < limit - origin; first += length)
            requests.push_back({first, std::min<std::size_t>(length, limit - origin - first),
                                first % ferret::lanes});
        check_requests(requests);
    }
}

TEST_CASE("signs asked for backwards") {
    for (const std::size_t length : {1u, 16u, 100u, 513u, 1024u}) {
        std::vector<Request> requests;
        for (std::size_t end = limit - origin; end > length; end -= length)
            requests.push_back({end - length, length, 3});
        check_requests(requests);
    }
}

TEST_CASE("signs asked for in leaps, there and back, over and over") {
    std::vector<Request> requests;
    std::size_t first = 0;
    for (std::size_t n = 0; n < 500; ++n) {
        first = (first * 1103 + 2741 * n + 17) % static_cast<std::size_t>(limit - origin);
        const std::size_t left = static_cast<std::size_t>(limit - origin) - first;
        requests.push_back({first, std::min<std::size_t>(1 + 37 * n % 1500, left), n % 16});
        if (n % 3 == 0) requests.push_back(requests.back());
    }
    check_requests(requests);
}

TEST_CASE("signs of a block of few elements, up to its last") {
    for (const std::uint64_t size : {1u, 15u, 16u, 17u, 511u, 512u, 513u, 1024u, 1025u}) {
        CAPTURE(size);
        const ferret::SparseSign::Block law(sign_key, sign_block, 2);
        const std::vector<float> ones(static_cast<std::size_t>(size), 1.0f);
        std::vector<float> expected;
        for (std::uint64_t element = 0; element < size; ++element)
            expected.push_back(law.sign_of(element));
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
            CAPTURE(static_cast<int>(set));
            SignWords signs(law, size);
            std::vector<float> sums(ones.size() + ferret::lanes, 0.0f);
            const cpu::UpdateSource from{ones.data(), nullptr, ferret::DType::float32};
            cpu::kernels_of(set).sparse.add_to_sums(from)(signs, 0, from, ones.size(), sums.data(),
                                                          0);
            sums.resize(ones.size());
            CHECK(sums == expected);
        }
    }
}
