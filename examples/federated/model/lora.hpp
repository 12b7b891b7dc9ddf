#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace federated {

struct LoraSettings {
    std::int64_t rank = 8;
    double alpha = 16.0;
    /// The matrices to adapt: those whose name ends in one of these.
    std::vector<std::string> targets = {"q_proj.weight", "k_proj.weight", "v_proj.weight",
                                        "o_proj.weight"};
};

/// Low-rank adapters on some matrices of a model whose other parameters stay as they are.
///
/// Math:   W = W_0 + s B A with s = alpha / rank, A [rank, in] uniform in +-1/sqrt(in) at first, B
///         [out, rank] zero, so that the model starts as it was. No dropout.
/// Source: Hu et al., ICLR 2022, arXiv 2106.09685; A's law is that of the Python package peft
class LoraAdapters {
public:
    /// Shares `parameters` with the model, and takes their values for W_0.
    /// Throws: std::invalid_argument for a rank below 1 or if no matrix has a target's name
    /// Repro:  A is a function of the seed and the shapes
    LoraAdapters(std::span<const std::string> names, std::span<const torch::Tensor> parameters,
                 const LoraSettings& settings, std::uint64_t seed);

    /// A and B of each adapted matrix, in the model's order: what is tuned.
    const std::vector<torch::Tensor>& parameters() const { return parameters_; }
    /// One a parameter: the matrix's name and ".lora_A" or ".lora_B".
    const std::vector<std::string>& names() const { return names_; }

    /// W := W_0 + s B A in the model. Cost: rank multiplications an adapted entry.
    void apply();

    /// The loss of the adapted model, to be differentiated by the adapters' parameters. Applies the
    /// adapters first. `loss` computes it from the model's own parameters.
    /// Math:   the gradient by A is s B^T G, by B it is s G A^T, G being the loss's gradient by W
    torch::Tensor loss(const std::function<torch::Tensor()>& loss);

private:
    struct Adapter {
        torch::Tensor weight;  // W, the model's
        torch::Tensor base;    // W_0
        torch::Tensor down;    // A
        torch::Tensor up;      // B
    };
    torch::Tensor product(const Adapter& adapter) const;

    double scale_;
    std::vector<Adapter> adapters_;
    std::vector<torch::Tensor> parameters_;
    std::vector<std::string> names_;
};

}  // namespace federated
