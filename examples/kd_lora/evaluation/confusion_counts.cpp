#include "kd_lora/evaluation/confusion_counts.hpp"

#include <numeric>
#include <stdexcept>
#include <string>

namespace kd_lora {

ConfusionCounts::ConfusionCounts(std::int64_t labels) : labels_(labels) {
    if (labels < 2) {
        throw std::invalid_argument("confusion counts: expected at least 2 classes, got " +
                                    std::to_string(labels));
    }
    counts_.resize(static_cast<std::size_t>(labels) * static_cast<std::size_t>(labels));
}

void ConfusionCounts::add(std::int64_t label, std::int64_t prediction, std::uint64_t count) {
    counts_[index(label, prediction)] += count;
}

void ConfusionCounts::add(const ConfusionCounts& other) {
    if (other.labels_ != labels_) {
        throw std::invalid_argument("confusion counts: expected " + std::to_string(labels_) +
                                    " classes, got " + std::to_string(other.labels_));
    }
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::uint64_t ConfusionCounts::at(std::int64_t label, std::int64_t prediction) const {
    return counts_[index(label, prediction)];
}

std::uint64_t ConfusionCounts::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::size_t ConfusionCounts::index(std::int64_t label, std::int64_t prediction) const {
    for (const std::int64_t number : {label, prediction}) {
        if (number < 0 || number >= labels_) {
            throw std::invalid_argument("confusion counts: expected classes of 0 to " +
                                        std::to_string(labels_ - 1) + ", got " +
                                        std::to_string(number));
        }
    }
    return static_cast<std::size_t>(label * labels_ + prediction);
}

}  // namespace kd_lora
