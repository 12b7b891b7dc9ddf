#include "federated/projection/sharded_projection.hpp"

#include <algorithm>
#include <cstring>
#include <ferret/block/tiling.hpp>
#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>
#include <ferret/wire/partial_sketch.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/projection/model_fingerprint.hpp"
#include "federated/transport/text.hpp"

namespace federated {
namespace {

using Bytes = std::vector<std::byte>;

/// The shard's part of the tensors, which share their memory.
Weights slices(const ferret::Layout& layout, const ferret::Shard& shard, const Weights& weights) {
    const torch::NoGradGuard no_grad;
    Weights parts;
    std::size_t tensor = 0;
    for (const ferret::Extent& extent : shard.extents()) {
        while (layout.tensor_offset(tensor) + layout.tensor_size(tensor) <= extent.offset) ++tensor;
        const std::uint64_t first = extent.offset - layout.tensor_offset(tensor);
        parts.push_back(weights[tensor].view(-1).narrow(0, static_cast<std::int64_t>(first),
                                                        static_cast<std::int64_t>(extent.size)));
    }
    return parts;
}

Bytes elements_of(const Weights& parts) {
    Bytes bytes;
    for (const torch::Tensor& part : parts) {
        const auto* const data = static_cast<const std::byte*>(part.data_ptr());
        bytes.insert(bytes.end(), data, data + part.nbytes());
    }
    return bytes;
}

void write_bytes(std::span<const std::byte> bytes, const Weights& parts) {
    for (const torch::Tensor& part : parts) {
        std::memcpy(part.data_ptr(), bytes.data(), part.nbytes());
        bytes = bytes.subspan(part.nbytes());
    }
}

/// What each process makes, at the first of them.
/// Throws: in all processes, if making threw ferret::NonFinite in one of them
template <class Make>
std::vector<Bytes> gather_made(Transport& processes, const Make& make) {
    Bytes made;
    std::string failure;
    try {
        made = make();
    } catch (const ferret::NonFinite& error) {
        failure = error.what();
    }
    const auto failures = processes.gather(bytes_of(failure));
    const auto first =
        std::ranges::find_if(failures, [](const Bytes& text) { return !text.empty(); });
    const std::string told =
        broadcast_text(processes, first == failures.end() ? std::string() : text_of(*first));
    if (!told.empty()) throw ferret::NonFinite(told);
    return processes.gather(std::move(made));
}

}  // namespace

ShardedProjection::ShardedProjection(ferret::Layout layout, ferret::Basis basis,
                                     ferret::BudgetRule budget, Transport& processes)
    : layout_(layout),
      basis_(basis),
      budget_(budget),
      project_(layout, basis, budget),
      reconstruct_(std::move(layout), basis),
      processes_(processes) {}

ferret::Shard ShardedProjection::own_shard(std::span<const std::uint64_t> segment_sizes,
                                           std::size_t rank) const {
    return ferret::Shard::whole_segments(layout_, segment_sizes,
                                         static_cast<std::uint32_t>(processes_.size()),
                                         static_cast<std::uint32_t>(rank));
}

/// The K_l of the whole update.
std::vector<std::uint32_t> ShardedProjection::agree_on_bases(const Weights& before,
                                                             const Weights& after) const {
    if (!ferret::depends_on_update(budget_)) return ferret::allocate(budget_, layout_);
    const ferret::Shard shard = own_shard(ferret::norm_segment_sizes(layout_), processes_.rank());
    const std::vector<Bytes> gathered = gather_made(processes_, [&] {
        return ferret::encode(project_.part_squared_norms(slices(layout_, shard, before),
                                                          slices(layout_, shard, after), shard));
    });
    Bytes agreed;
    if (processes_.rank() == 0) {
        std::vector<ferret::PartialNorms> parts;
        for (const Bytes& bytes : gathered) parts.push_back(ferret::decode_partial_norms(bytes));
        const std::vector<double> norms =
            ferret::combine(layout_, std::span<const ferret::PartialNorms>(parts));
        for (const std::uint32_t bases : ferret::allocate(budget_, layout_, norms)) {
            ferret::append_little_endian(agreed, bases);
        }
    }
    processes_.broadcast(agreed);
    std::vector<std::uint32_t> bases_per_block;
    for (std::size_t at = 0; at < agreed.size(); at += sizeof(std::uint32_t)) {
        bases_per_block.push_back(ferret::read_little_endian<std::uint32_t>(agreed, at));
    }
    return bases_per_block;
}

std::optional<ferret::Sketch> ShardedProjection::project(const Weights& before,
                                                         const Weights& after,
                                                         const ferret::Seed& seed) const {
    const std::vector<std::uint32_t> bases = agree_on_bases(before, after);
    const ferret::Shard shard =
        own_shard(ferret::segment_sizes(layout_, basis_, bases), processes_.rank());
    const std::vector<Bytes> gathered = gather_made(processes_, [&] {
        return ferret::encode(project_.project_part(
            slices(layout_, shard, before), slices(layout_, shard, after), shard, bases, seed));
    });
    if (processes_.rank() != 0) return std::nullopt;
    std::vector<ferret::PartialSketch> parts;
    for (const Bytes& bytes : gathered) parts.push_back(ferret::decode_partial_sketch(bytes));
    return ferret::combine(layout_, basis_, std::span<const ferret::PartialSketch>(parts));
}

void ShardedProjection::expect_alike(bool finite, const Weights& model) const {
    Bytes own{std::byte{finite ? std::uint8_t{1} : std::uint8_t{0}}};
    ferret::append_little_endian(own, model_fingerprint(model));
    const std::vector<Bytes> all = processes_.gather(own);
    Bytes verdict;
    if (processes_.rank() == 0) {
        const bool alike = std::ranges::all_of(all, [&](const Bytes& one) { return one == own; });
        verdict = alike ? own : Bytes();
    }
    processes_.broadcast(verdict);
    if (verdict.empty()) {
        throw std::runtime_error(
            "shards: expected the processes that share a client to train it to the same weights, "
            "got others: they may compute with other numbers of threads, or on other processors");
    }
}

void ShardedProjection::rebuild(std::span<const ferret::Sketch> sketches, Weights& model,
                                float scale) const {
    // Any cut gives the same bits here; that of the norms asks for no K.
    const std::vector<std::uint64_t> sizes = ferret::norm_segment_sizes(layout_);
    const ferret::Shard shard = own_shard(sizes, processes_.rank());
    Weights own = slices(layout_, shard, model);
    reconstruct_.reconstruct_shard(sketches, shard, own, scale);
    const std::vector<Bytes> gathered = processes_.gather(elements_of(own));
    Bytes whole;
    for (const Bytes& part : gathered) whole.insert(whole.end(), part.begin(), part.end());
    processes_.broadcast(whole);
    if (whole.empty()) return;
    std::span<const std::byte> left(whole);
    for (std::size_t rank = 0; rank < processes_.size(); ++rank) {
        const Weights parts = slices(layout_, own_shard(sizes, rank), model);
        std::size_t size = 0;
        for (const torch::Tensor& part : parts) size += part.nbytes();
        write_bytes(left.first(size), parts);
        left = left.subspan(size);
    }
}

}  // namespace federated
