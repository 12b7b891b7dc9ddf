#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "federated/round/sampling.hpp"

namespace federated {

/// An endless walk over the indices 0..size-1: every index once in a random order, then all again
/// in a new order.
/// Repro: a function of size and generator.
class DataOrder {
public:
    /// Throws: std::invalid_argument if size is 0.
    DataOrder(std::size_t size, std::mt19937_64 generator)
        : size_(size), generator_(std::move(generator)) {
        if (size == 0) throw std::invalid_argument("data order: there are no examples");
    }

    std::size_t next() {
        if (next_ == order_.size()) {
            order_ = sample_without_replacement(generator_, size_, size_);
            next_ = 0;
        }
        return order_[next_++];
    }

    /// The next `count` indices.
    std::vector<std::size_t> next(std::int64_t count) {
        std::vector<std::size_t> indices;
        for (std::int64_t i = 0; i < count; ++i) indices.push_back(next());
        return indices;
    }

private:
    std::size_t size_;
    std::mt19937_64 generator_;
    std::vector<std::size_t> order_;
    std::size_t next_ = 0;
};

}  // namespace federated
