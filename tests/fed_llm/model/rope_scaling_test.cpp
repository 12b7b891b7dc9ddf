#include "fed_llm/model/rope_scaling.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

/// The numbers, which were computed in double precision from the formulas of the publications, are
/// those of float32 up to some roundings of 6e-8.
void check_frequencies(const RotaryFrequencies& found, const std::vector<double>& expected) {
    const torch::Tensor values = found.per_position.to(torch::kFloat64);
    REQUIRE(values.sizes() == torch::IntArrayRef({static_cast<std::int64_t>(expected.size())}));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        const double got = values[static_cast<std::int64_t>(i)].item<double>();
        CHECK(std::abs(got - expected[i]) < 5e-7 * expected[i]);
    }
}

std::string problem_of(const RopeScaling& scaling, RotarySetting setting = {16, 1e4, 2048}) {
    const auto problem = find_problem(scaling, setting);
    return problem ? problem->field : "none";
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("unscaled frequencies are powers of theta") {
    const auto found = rotary_frequencies({8, 100.0, 16}, std::nullopt, 16);
    check_frequencies(found, {1.0, 0.316227766, 0.1, 0.0316227766});
    CHECK(found.attention_factor == 1.0);
}

TEST_CASE("linear divides every frequency") {
    const RopeScaling scaling = LinearScaling{4.0};
    const auto found = rotary_frequencies({8, 100.0, 16}, scaling, 16);
    check_frequencies(found, {0.25, 0.0790569415, 0.025, 0.00790569415});
    CHECK(found.attention_factor == 1.0);
    CHECK(max_positions({8, 100.0, 16}, scaling) == 16);
}

TEST_CASE("dynamic raises theta with the length, above max_position_embeddings") {
    const RopeScaling scaling = DynamicScaling{2.0};
    const RotarySetting setting{8, 1e4, 16};
    const std::vector<double> unscaled{1.0, 0.1, 0.01, 0.001};
    check_frequencies(rotary_frequencies(setting, scaling, 3), unscaled);
    check_frequencies(rotary_frequencies(setting, scaling, 16), unscaled);
    check_frequencies(rotary_frequencies(setting, scaling, 32),
                      {1.0, 0.0693361274, 0.00480749857, 0.000333333333});
    CHECK_FALSE(has_own_frequencies(setting, scaling, 16));
    CHECK(has_own_frequencies(setting, scaling, 17));
    CHECK(max_positions(setting, scaling) == 32);
}

TEST_CASE("yarn divides slow pairs, keeps fast ones, and has a ramp between") {
    const RotarySetting setting{16, 1e4, 8192};
    YarnScaling scaling{.factor = 4.0, .original_max_position_embeddings = 2048};
    const auto found = rotary_frequencies(setting, scaling, 10);
    check_frequencies(found, {1.0, 0.316227766, 0.1, 0.025693506, 0.00625, 0.00138349648, 0.00025,
                              7.90569415e-05});
    CHECK(std::abs(found.attention_factor - 1.138629436) < 1e-9);
    CHECK_FALSE(has_own_frequencies(setting, scaling, 9000));
    CHECK(max_positions(setting, scaling) == 8192);

    scaling.beta_fast = 16.0;
    scaling.beta_slow = 2.0;
    scaling.truncate = false;
    scaling.attention_factor = 0.5;
    const auto other = rotary_frequencies(setting, scaling, 10);
    check_frequencies(other, {1.0, 0.316227766, 0.1, 0.026607497, 0.0042616192, 0.000790569415,
                              0.00025, 7.90569415e-05});
    CHECK(other.attention_factor == 0.5);
}

TEST_CASE("yarn's original context is max_position_embeddings where it is not given") {
    const RopeScaling given = YarnScaling{.factor = 4.0, .original_max_position_embeddings = 2048};
    const RopeScaling left_out = YarnScaling{.factor = 4.0};
    const RotarySetting setting{16, 1e4, 2048};
    CHECK(torch::equal(rotary_frequencies(setting, given, 1).per_position,
                       rotary_frequencies(setting, left_out, 1).per_position));
    CHECK(max_positions(setting, left_out) == 8192);
    CHECK(max_positions(setting, given) == 8192);
}

TEST_CASE("yarn's mscale and mscale_all_dim make the attention factor") {
    const YarnScaling scaling{.factor = 40.0, .mscale = 0.707, .mscale_all_dim = 1.0};
    const auto found = rotary_frequencies({16, 1e4, 4096}, scaling, 1);
    CHECK(std::abs(found.attention_factor - 0.9210423554) < 1e-9);
}

TEST_CASE("llama3 goes by wavelengths") {
    const RopeScaling scaling = Llama3Scaling{.factor = 4.0,
                                              .low_freq_factor = 1.0,
                                              .high_freq_factor = 4.0,
                                              .original_max_position_embeddings = 16};
    check_frequencies(rotary_frequencies({16, 100.0, 64}, scaling, 64),
                      {0.636619772, 0.201316848, 0.0790569415, 0.0444569853, 0.025, 0.0140585331,
                       0.00790569415, 0.0044456985});
    CHECK(max_positions({16, 100.0, 64}, scaling) == 64);
}

TEST_CASE("numbers that no scaling can have are named") {
    for (const double factor : {0.0, -2.0, 0.5, infinity, std::nan("")}) {
        CHECK(problem_of(LinearScaling{factor}) == "factor");
        CHECK(problem_of(DynamicScaling{factor}) == "factor");
        CHECK(problem_of(YarnScaling{.factor = factor}) == "factor");
        CHECK(problem_of(Llama3Scaling{.factor = factor}) == "factor");
    }
    CHECK(problem_of(LinearScaling{1.0}) == "none");
    CHECK(problem_of(DynamicScaling{2.0}) == "none");
    CHECK(problem_of(DynamicScaling{2.0}, {2, 1e4, 2048}) == "rope_type");
    CHECK(problem_of(YarnScaling{2.0}) == "none");
    CHECK(problem_of(YarnScaling{2.0}, {16, 1.0, 2048}) == "rope_type");
    CHECK(problem_of(YarnScaling{.original_max_position_embeddings = 0}) ==
          "original_max_position_embeddings");
    CHECK(problem_of(YarnScaling{.attention_factor = -1.0}) == "attention_factor");
    CHECK(problem_of(YarnScaling{.beta_fast = 0.0}) == "beta_fast");
    CHECK(problem_of(YarnScaling{.beta_slow = infinity}) == "beta_slow");
    CHECK(problem_of(YarnScaling{.beta_slow = 33.0}) == "beta_fast");
    CHECK(problem_of(YarnScaling{.mscale = 1.0}) == "mscale_all_dim");
    CHECK(problem_of(YarnScaling{.mscale_all_dim = 1.0}) == "mscale");
    CHECK(problem_of(YarnScaling{.attention_factor = 1.0, .mscale = 1.0, .mscale_all_dim = 1.0}) ==
          "attention_factor");
    CHECK(problem_of(Llama3Scaling{}) == "none");
    CHECK(problem_of(Llama3Scaling{.low_freq_factor = 0.0}) == "low_freq_factor");
    CHECK(problem_of(Llama3Scaling{.low_freq_factor = 4.0}) == "high_freq_factor");
    CHECK(problem_of(Llama3Scaling{.original_max_position_embeddings = 0}) ==
          "original_max_position_embeddings");
}

TEST_CASE("a yarn factor that is not the ratio of the contexts is doubted") {
    const RopeScaling scaling = YarnScaling{.factor = 4.0, .original_max_position_embeddings = 64};
    CHECK_FALSE(find_doubt(scaling, {16, 1e4, 256}));
    CHECK_FALSE(find_doubt(scaling, {16, 1e4, 64}));  // not stretched yet
    CHECK(find_doubt(scaling, {16, 1e4, 128}));
    CHECK_FALSE(find_doubt(LinearScaling{4.0}, {16, 1e4, 128}));
}

TEST_CASE("positions end at 2^31 whatever the factor") {
    CHECK(max_positions({16, 1e4, 2048}, DynamicScaling{1e300}) == std::int64_t{1} << 31);
}
