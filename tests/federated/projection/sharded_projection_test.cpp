// By one process; transport/processes.cpp has several.
#include "federated/projection/sharded_projection.hpp"

#include <ferret/error.hpp>
#include <limits>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

const ferret::Seed seed{3, 1};

struct Update {
    Update() {
        for (torch::Tensor& tensor : after) tensor.mul_(0.75).add_(0.01);
    }
    Weights before{torch::sin(torch::arange(300, torch::kFloat32)).view({10, 30}),
                   torch::ones({7})};
    Weights after = clone_weights(before);
    ferret::Layout layout = ferret::Layout::uniform(tensor_sizes(before), 100);
};

}  // namespace

TEST_CASE("a process that shares with nobody has the sketch and the model of Projector") {
    const Update update;
    InProcess alone;
    for (const ferret::BudgetRule& budget :
         {ferret::BudgetRule(ferret::Uniform{12}), ferret::BudgetRule(ferret::NormShare{12})}) {
        const ferret::Basis basis = ferret::SparseSign{};
        const ShardedProjection sharded(update.layout, basis, budget, alone);
        const auto sketch = sharded.project(update.before, update.after, seed);
        REQUIRE(sketch.has_value());
        CHECK((*sketch ==
               Projector(update.layout, basis, budget)(update.before, update.after, seed)));

        Weights model = clone_weights(update.before);
        Weights expected = clone_weights(update.before);
        sharded.rebuild(std::span(&*sketch, 1), model, -0.5f);
        Reconstructor(update.layout, basis)(*sketch, expected, -0.5f);
        CHECK(same_bits(model, expected));
    }
}

TEST_CASE("an element that is not finite is told where the parts are made") {
    Update update;
    InProcess alone;
    update.after[0][2][3] = std::numeric_limits<float>::quiet_NaN();
    for (const ferret::BudgetRule& budget :
         {ferret::BudgetRule(ferret::Uniform{12}), ferret::BudgetRule(ferret::NormShare{12})}) {
        const ShardedProjection sharded(update.layout, ferret::Rademacher{}, budget, alone);
        CHECK_THROWS_AS(sharded.project(update.before, update.after, seed), ferret::NonFinite);
    }
}

TEST_CASE("a process is of one mind with itself") {
    const Update update;
    InProcess alone;
    const ShardedProjection sharded(update.layout, ferret::Rademacher{}, ferret::Uniform{12},
                                    alone);
    CHECK_NOTHROW(sharded.expect_alike(true, update.before));
    CHECK_NOTHROW(sharded.expect_alike(false, update.before));
}
