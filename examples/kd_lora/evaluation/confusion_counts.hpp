#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kd_lora {

/// How often each class was taken for which.
class ConfusionCounts {
public:
    /// Throws: std::invalid_argument for fewer than two classes.
    explicit ConfusionCounts(std::int64_t labels);

    /// Throws: std::invalid_argument for a class that there is not.
    void add(std::int64_t label, std::int64_t prediction, std::uint64_t count = 1);

    /// Adds the counts of other examples.
    /// Throws: std::invalid_argument for another number of classes.
    void add(const ConfusionCounts& other);

    std::uint64_t at(std::int64_t label, std::int64_t prediction) const;
    std::int64_t labels() const { return labels_; }
    std::uint64_t total() const;

private:
    std::size_t index(std::int64_t label, std::int64_t prediction) const;

    std::int64_t labels_;
    std::vector<std::uint64_t> counts_;  ///< labels x predictions
};

}  // namespace kd_lora
