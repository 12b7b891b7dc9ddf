#include "kd_lora/data/share_walk.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "federated/round/sampling.hpp"

namespace kd_lora {

ShareWalk::ShareWalk(std::vector<std::size_t> rows, std::uint64_t seed, std::string name)
    : rows_(std::move(rows)), seed_(seed), name_(std::move(name)) {
    if (rows_.empty()) {
        throw std::invalid_argument("walk: expected rows, got none for " + name_);
    }
    draw_order();
}

std::vector<std::size_t> ShareWalk::take(std::size_t count) {
    std::vector<std::size_t> next;
    while (next.size() < count) {
        next.push_back(rows_[order_[taken_ % rows_.size()]]);
        if (++taken_ % rows_.size() == 0) draw_order();
    }
    return next;
}

std::vector<std::size_t> ShareWalk::take_at_most(std::size_t most) {
    return take(most == 0 ? rows_.size() : std::min(most, rows_.size()));
}

void ShareWalk::go_to(std::uint64_t taken) {
    taken_ = taken;
    draw_order();
}

void ShareWalk::draw_order() {
    const std::string pass = std::to_string(taken_ / rows_.size());
    std::mt19937_64 generator = federated::named_generator(seed_, name_ + ", pass " + pass);
    order_ = federated::sample_without_replacement(generator, rows_.size(), rows_.size());
}

}  // namespace kd_lora
