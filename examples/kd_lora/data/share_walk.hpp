#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kd_lora {

/// A walk over the rows of a share: every row once in a random order, then all again in a new order,
/// and so on. Whoever continues it needs to know no more than how many rows were taken.
/// Repro: a function of rows, seed and name.
class ShareWalk {
public:
    /// `name` tells walks of one seed apart.
    /// Throws: std::invalid_argument if there are no rows.
    ShareWalk(std::vector<std::size_t> rows, std::uint64_t seed, std::string name);

    /// The next `count` rows. A row comes twice only where a new order begins among them.
    /// Cost: O(count), and O(rows) for each new order.
    std::vector<std::size_t> take(std::size_t count);

    /// The next rows of a round: `most` of them, or as many as the share has where that is fewer or
    /// `most` is 0.
    std::vector<std::size_t> take_at_most(std::size_t most);

    /// How many rows were taken.
    std::uint64_t taken() const { return taken_; }

    /// Goes to where `taken` rows were taken. Cost: O(rows).
    void go_to(std::uint64_t taken);

private:
    void draw_order();

    std::vector<std::size_t> rows_;
    std::uint64_t seed_;
    std::string name_;
    std::uint64_t taken_ = 0;
    std::vector<std::size_t> order_;  ///< indices of rows_, of the pass in which taken_ stands
};

}  // namespace kd_lora
