#include <cstdlib>
#include <ferret/interop/torch.hpp>
#include <ferret/protocol/model_fingerprint.hpp>
#include <string>
#include <string_view>

#include "federated/algorithm/registry.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// Squared distances of all parameters to an example's tokens: additions and multiplications alone, so
/// that no function of a mathematics library has a say in the weights.
TrainableModel distance_model() {
    TrainableModel model = bigram_model();
    model.names = {"model.layers.0.self_attn.q_proj.weight", "model.norm.weight"};
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : model.parameters) {
        parameter.copy_(
            (torch::arange(parameter.numel(), torch::kFloat32) / 256.0).view(parameter.sizes()));
    }
    model.loss = [clients = random_clients(3), table = model.parameters[0],
                  bias = model.parameters[1]](const Batch& batch) {
        torch::Tensor sum = torch::zeros({});
        for (const std::size_t i : batch.examples) {
            const torch::Tensor target =
                torch::tensor(clients[batch.client][i], torch::kInt64).to(torch::kFloat32) / 16.0;
            const auto length = target.size(0);
            sum = sum + (table.view({-1, length}) - target).square().sum() +
                  (bias.view({-1, length}) - target).square().sum();
        }
        return sum / static_cast<double>(batch.examples.size());
    };
    model.mean_loss = without_gradient(model.loss);
    return model;
}

std::uint64_t weights_after_three_rounds(const AlgorithmOptions& options) {
    TrainableModel model = distance_model();
    Roles roles{make_client(options, model), make_server(options, model)};
    for (std::int64_t round = 1; round <= 3; ++round) {
        play_round(roles, 3, {.number = round, .server_rate = 0.5});
    }
    return ferret::model_fingerprint(ferret::Layout::per_tensor({256, 16}), model.parameters);
}

}  // namespace

// What a run ends with is part of what a change must not change. LibTorch and OpenBLAS choose
// kernels by the processor; the environment of this suite's own ctest keeps them to one.
TEST_SUITE("final weights") {
    TEST_CASE("every algorithm ends with the weights it always ended with") {
        const char* capability = std::getenv("ATEN_CPU_CAPABILITY");
        if (capability == nullptr || std::string_view(capability) != "default") {
            MESSAGE("skipped: the ctest federated_final_weights sets the environment for it");
            return;
        }
        struct Run {
            std::string algorithm;
            double learning_rate;
            std::uint64_t weights;
        };
        const Run runs[]{{"fedavg", 0.0625, 0x24a19afd0bf484b9},
                         {"ferret", 0.0625, 0x06ad51bb71cd5bb5},
                         {"fedkseed", 1e-3, 0x2beb50c9626ad6fe},
                         {"fedkseed-pro", 1e-3, 0xd11ffd58df6adc11},
                         {"fedzo", 1e-3, 0xa17c5b3982beab7b},
                         {"fedit", 0.0625, 0xdb9716490675443a},
                         {"fedit-sgd", 1e-3, 0x31ba569f4a4414f6},
                         {"top-k", 0.0625, 0x6836b1e1ec3d317e},
                         {"sign-feedback", 0.0625, 0xc6666799c057156d},
                         {"ferret-public", 1e-3, 0xef0b9ff319375aea}};
        for (const Run& run : runs) {
            CAPTURE(run.algorithm);
            AlgorithmOptions options;
            options.algorithm = run.algorithm;
            options.lr = run.learning_rate;
            options.local_steps = 3;
            options.batch_size = 2;
            options.budget = 40;
            options.pool_size = 20;
            options.lora_rank = 2;
            options.coordinates = options.coordinates_down = "float32";
            if (run.algorithm == "ferret") {  // as the paper has it
                options.basis = "truncated-normal";
                options.layout = "grouped";
                options.budget_rule = "norm-share";
                options.seeds = "shared";
                options.server_lr = 1.0;
            }
            CHECK(weights_after_three_rounds(options) == run.weights);
            if (run.algorithm != "top-k") continue;
            // Every entry that came goes down: what top-k was without a residual at the server.
            options.budget_down = 3 * options.budget;
            CHECK(weights_after_three_rounds(options) == 0xfe285e5c3430b3ca);
        }
    }
}
