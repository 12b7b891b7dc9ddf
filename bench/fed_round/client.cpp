#include "client.hpp"

#include "device.hpp"
#include "fed_llm/model/llama.hpp"
#include "fed_llm/model/trainable_llama.hpp"
#include "federated/model/weights.hpp"
#include "federated/round/sampling.hpp"

namespace fed_round {
namespace {

constexpr std::uint64_t seed = 42;
constexpr std::size_t example_count = 10;

torch::ScalarType scalar_type(const std::string& dtype) {
    if (dtype == "float") return torch::kFloat32;
    return dtype == "half" ? torch::kFloat16 : torch::kBFloat16;
}

std::vector<fed_llm::Example> draw_examples(std::int64_t length, std::int64_t vocab_size) {
    std::mt19937_64 generator = federated::named_generator(seed, "fed_round's examples");
    std::vector<fed_llm::Example> examples(example_count);
    for (fed_llm::Example& example : examples) {
        // The model reads all tokens but the last.
        for (std::int64_t i = 0; i <= length; ++i) {
            example.tokens.push_back(static_cast<std::int64_t>(
                federated::random_index(generator, static_cast<std::size_t>(vocab_size))));
        }
        example.prompt_length = example.tokens.size() / 2;
    }
    return examples;
}

}  // namespace

std::uint64_t Client::parameter_count() const {
    return static_cast<std::uint64_t>(federated::parameter_count(model.parameters));
}

Client make_client(const Options& options) {
    const torch::Device device(options.device);
    device_name(device);  // says what is wrong with it before LibTorch does
    const fed_llm::LlamaConfig config = options.model_shape().config();
    const fed_llm::Llama llama(
        config, torch::TensorOptions().dtype(scalar_type(options.dtype)).device(device));
    std::vector<fed_llm::Client> data(1);
    data[0].examples = draw_examples(options.sequence_length, config.vocab_size);
    // The list keeps its place where it is moved.
    federated::TrainableModel model = fed_llm::trainable(llama, data);
    return {.device = device,
            .data = std::move(data),
            .model = std::move(model),
            .learning_rate = options.learning_rate,
            .clients = options.clients};
}

void draw_weights(federated::TrainableModel& model) {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    for (torch::Tensor& parameter : model.parameters) {
        if (parameter.dim() == 1) {
            parameter.fill_(1.0);
        } else {
            parameter.normal_(0.0, 0.02);
        }
    }
}

}  // namespace fed_round
