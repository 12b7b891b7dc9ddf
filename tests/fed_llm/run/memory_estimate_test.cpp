#include "run/memory_estimate.hpp"

#include <map>
#include <string>

#include "model/llama.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"

using namespace fed_llm;

namespace {

std::map<std::string, double> memory(const std::string& algorithm, const std::string& optimizer) {
    Options options;
    options.algorithm = algorithm;
    options.optimizer = optimizer;
    const LlamaConfig config = tiny_config();
    const Llama llama(config, torch::TensorOptions().device(torch::kMeta));
    std::map<std::string, double> parts;
    for (const auto& [what, bytes] :
         estimate_memory(options, trainable(llama), config, {2, 10, 4}, 7)) {
        parts[std::string(what)] = bytes;
    }
    return parts;
}

double parameters() {
    double count = 0.0;
    for (const auto& tensor : Llama(tiny_config())->parameters()) {
        count += static_cast<double>(tensor.numel());
    }
    return count;
}

}  // namespace

TEST_CASE("memory has the parts of the algorithm") {
    const double model = 4.0 * parameters();
    auto ferret = memory("ferret", "sgd");
    for (const std::string part : {"weights", "copy of the round's weights", "gradients"}) {
        CHECK(ferret[part] == model);
    }
    CHECK_FALSE(ferret.contains("optimiser"));
    CHECK_FALSE(ferret.contains("sum of the updates"));
    CHECK(memory("ferret", "adamw")["optimiser"] == 2.0 * model);
    CHECK(memory("fedavg", "sgd")["sum of the updates"] == model);
    CHECK(memory("top-k", "sgd")["residuals of all clients"] == 7.0 * model);

    auto kseed = memory("fedkseed", "adamw");
    CHECK(kseed["first weights"] == model);
    CHECK_FALSE(kseed.contains("gradients"));
    CHECK_FALSE(kseed.contains("optimiser"));
    // One layer's at a time.
    CHECK(kseed["activations"] < ferret["activations"]);

    // Per layer, rank 8: q and o are 24 x 24, k and v 12 x 24.
    const double adapters = 4.0 * 3.0 * 8.0 * (2.0 * (24.0 + 24.0) + 2.0 * (24.0 + 12.0));
    auto lora = memory("fedit", "sgd");
    CHECK(lora["adapters"] == adapters);
    CHECK(lora["gradients"] == adapters);
    CHECK(lora["optimiser"] == 2.0 * adapters);
    CHECK_FALSE(memory("fedit-sgd", "adamw").contains("optimiser"));
}

TEST_CASE("steps without gradients compute with all their examples, up to a batch's tokens") {
    Options options;
    options.algorithm = "fedkseed";
    options.accumulate = 16;
    options.batch_size = 2;
    CHECK(examples_at_once(options, 100) == 32);
    CHECK(examples_at_once(options, 1000) == 4);
    CHECK(examples_at_once(options, 10'000) == 1);
    options.algorithm = "ferret";
    CHECK(examples_at_once(options, 10'000) == 2);
}
