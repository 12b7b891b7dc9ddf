// Seconds of training steps of kd_lora's student: see kd_lora_step.py, which runs it.
//   kd_lora_step MODEL fedlora|full BATCHES
// BATCHES is a text: the number of batches, then of each its rows and length, its tokens with 0 for
// padding, and its labels. A line "go" runs each batch once; the answer is a line of seconds and the last
// loss.
#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/lora.hpp"
#include "kd_lora/training/hugging_face_adamw.hpp"

namespace {

struct Batch {
    torch::Tensor tokens;
    torch::Tensor mask;
    torch::Tensor labels;
};

torch::Tensor read_numbers(std::istream& stream, std::int64_t count) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    for (std::int64_t& number : numbers) stream >> number;
    return torch::tensor(numbers);
}

std::vector<Batch> read_batches(const std::string& file) {
    std::ifstream stream(file);
    stream.exceptions(std::ios::failbit | std::ios::badbit);
    std::int64_t count = 0;
    stream >> count;
    std::vector<Batch> batches;
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t rows = 0;
        std::int64_t length = 0;
        stream >> rows >> length;
        Batch batch;
        batch.tokens = read_numbers(stream, rows * length).view({rows, length});
        batch.mask = batch.tokens.ne(0);
        batch.labels = read_numbers(stream, rows);
        batches.push_back(std::move(batch));
    }
    return batches;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "usage: kd_lora_step MODEL fedlora|full BATCHES\n";
        return 2;
    }
    at::set_num_threads(1);
    kd_lora::SequenceClassifier model = kd_lora::load_classifier(arguments[1]);
    if (std::string(arguments[2]) == "fedlora") kd_lora::add_lora(model, {}, 1);
    const std::vector<Batch> batches = read_batches(arguments[3]);
    std::vector<torch::Tensor> trained;
    for (const auto& parameter : model.trained_parameters()) trained.push_back(parameter.tensor);
    kd_lora::HuggingFaceAdamW optimizer({torch::optim::OptimizerParamGroup(trained)}, 1e-4);
    kd_lora::Dropout dropout(1);
    for (std::string line; std::getline(std::cin, line) && line == "go";) {
        double loss_value = 0.0;
        const auto start = std::chrono::steady_clock::now();
        for (const Batch& batch : batches) {
            const auto output = model.forward(batch.tokens, batch.mask, {.dropout = &dropout});
            const torch::Tensor loss =
                torch::nn::functional::cross_entropy(output.logits, batch.labels);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            loss_value = loss.item<double>();
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::cout << seconds.count() << ' ' << loss_value << std::endl;
    }
}
