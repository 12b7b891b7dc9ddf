#include "fed_llm/model/rotary.hpp"

#include <cmath>

#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

/// Rows first..first+length-1 are those of these frequencies, up to float32 roundings of angles up
/// to `first + length`.
void check_rows(RotaryTable& table, std::int64_t first, std::int64_t length,
                const RotaryFrequencies& frequencies) {
    const auto [cosines, sines] = table.rows(first, length, torch::zeros({1}));
    const torch::Tensor positions = torch::arange(first, first + length, torch::kFloat64);
    const torch::Tensor half =
        torch::outer(positions, frequencies.per_position.to(torch::kFloat64));
    const torch::Tensor angles = torch::cat({half, half}, -1);
    const double factor = frequencies.attention_factor;
    const double tolerance = 1e-7 * static_cast<double>(first + length + 10);
    REQUIRE(cosines.sizes() == angles.sizes());
    CHECK((cosines - angles.cos() * factor).abs().max().item<double>() < tolerance);
    CHECK((sines - angles.sin() * factor).abs().max().item<double>() < tolerance);
}

}  // namespace

TEST_CASE("rows are cosines and sines of positions times frequencies, as the table grows") {
    const RotarySetting setting{8, 1e4, 16};
    std::optional<RopeScaling> scaling;
    SUBCASE("unscaled") {}
    SUBCASE("linear") {
        scaling = LinearScaling{4.0};
    }
    SUBCASE("yarn, with its attention factor") {
        scaling = YarnScaling{.factor = 4.0};
    }
    const RotaryFrequencies frequencies = rotary_frequencies(setting, scaling, 1);
    RotaryTable table(setting, scaling);
    check_rows(table, 0, 3, frequencies);
    check_rows(table, 3, 1, frequencies);
    check_rows(table, 0, 40, frequencies);
    check_rows(table, 40, 1, frequencies);
    check_rows(table, 5, 2, frequencies);
}

TEST_CASE("dynamic rows go by the end of the sequence, and shorter ones stay as they were") {
    const RotarySetting setting{8, 1e4, 16};
    const RopeScaling scaling = DynamicScaling{4.0};
    const auto of_length = [&](std::int64_t length) {
        return rotary_frequencies(setting, scaling, length);
    };
    RotaryTable table(setting, scaling);
    // The doubled table of 9 positions would reach beyond the context.
    check_rows(table, 0, 9, of_length(9));
    check_rows(table, 9, 1, of_length(10));
    check_rows(table, 10, 6, of_length(16));
    check_rows(table, 0, 40, of_length(40));
    check_rows(table, 40, 1, of_length(41));
    check_rows(table, 0, 16, of_length(16));
    const auto longer = table.rows(0, 40, torch::zeros({1})).first;
    const auto shorter = table.rows(0, 16, torch::zeros({1})).first;
    CHECK_FALSE(torch::allclose(longer.narrow(0, 0, 16), shorter, 1e-3, 1e-3));
}

TEST_CASE("rows take the dtype of what they turn") {
    RotaryTable table({8, 1e4, 16});
    CHECK((table.rows(0, 4, torch::zeros({1})).first.scalar_type() == torch::kFloat32));
    const auto half = table.rows(0, 4, torch::zeros({1}, torch::kBFloat16)).first;
    CHECK((half.scalar_type() == torch::kBFloat16));
}

TEST_CASE("entry i turns with entry i + head_dim / 2") {
    const torch::Tensor heads = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({1, 1, 1, 4});
    const double angle = 0.3;
    const auto [c, s] = std::pair{std::cos(angle), std::sin(angle)};
    const torch::Tensor turned =
        rotate(heads, torch::full({1, 4}, c), torch::full({1, 4}, s)).flatten();
    const torch::Tensor expected =
        torch::tensor({1.0 * c - 3.0 * s, 2.0 * c - 4.0 * s, 3.0 * c + 1.0 * s, 4.0 * c + 2.0 * s},
                      torch::kFloat32);
    CHECK(torch::allclose(turned, expected, 1e-6, 1e-6));
}
