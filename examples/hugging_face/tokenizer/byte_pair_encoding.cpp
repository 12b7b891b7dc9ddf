#include "hugging_face/tokenizer/byte_pair_encoding.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace hugging_face {
namespace {

/// A run of bytes that has become one token, in a list that leads from each to its neighbours.
struct Symbol {
    std::uint32_t token;
    std::size_t previous;
    std::size_t next;
    bool joined_to_previous = false;
};

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
    return std::uint64_t{left} << 32 | right;
}

}  // namespace

BytePairEncoding::BytePairEncoding(std::unordered_map<std::string, std::uint32_t> vocabulary,
                                   bool whole_pieces)
    : vocabulary_(std::move(vocabulary)), whole_pieces_(whole_pieces) {
    for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
        const auto found = vocabulary_.find(std::string(1, static_cast<char>(byte)));
        bytes_[byte] = found == vocabulary_.end() ? -1 : std::int64_t{found->second};
    }
}

bool BytePairEncoding::is_complete() const {
    return std::find(bytes_.begin(), bytes_.end(), -1) == bytes_.end();
}

void BytePairEncoding::add_merge(const std::string& left, const std::string& right) {
    const auto token = [&](const std::string& bytes) {
        const auto found = vocabulary_.find(bytes);
        if (found == vocabulary_.end()) {
            throw std::invalid_argument("a merge that the vocabulary does not hold");
        }
        return found->second;
    };
    // Of a pair that comes twice, the later rank holds, as in other readers of the format.
    const std::uint64_t key = pair_key(token(left), token(right));
    merges_.insert_or_assign(key, Merge{next_rank_++, token(left + right)});
}

const BytePairEncoding::Merge* BytePairEncoding::find_merge(std::uint32_t left,
                                                            std::uint32_t right) const {
    const auto found = merges_.find(pair_key(left, right));
    return found == merges_.end() ? nullptr : &found->second;
}

void BytePairEncoding::encode(const std::string& piece, std::vector<std::int64_t>& tokens) const {
    if (whole_pieces_) {
        if (const auto found = vocabulary_.find(piece); found != vocabulary_.end()) {
            tokens.push_back(found->second);
            return;
        }
    }
    std::vector<Symbol> symbols;
    for (const char letter : piece) {
        const std::int64_t token = bytes_[static_cast<unsigned char>(letter)];
        if (token < 0) continue;
        const std::size_t at = symbols.size();
        symbols.push_back({static_cast<std::uint32_t>(token), at - 1, at + 1});
    }
    const std::size_t end = symbols.size();

    using Candidate = std::tuple<std::size_t, std::size_t, std::uint32_t>;  // rank, left, joined
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
    const auto consider = [&](std::size_t left) {
        const std::size_t right = symbols[left].next;
        if (right == end) return;
        const Merge* merge = find_merge(symbols[left].token, symbols[right].token);
        if (merge != nullptr) candidates.emplace(merge->rank, left, merge->joined);
    };
    for (std::size_t at = 0; at < end; ++at) consider(at);

    while (!candidates.empty()) {
        const auto [rank, left, joined] = candidates.top();
        candidates.pop();
        const std::size_t right = symbols[left].next;
        if (symbols[left].joined_to_previous || right == end) continue;
        // Either may have grown since.
        const Merge* merge = find_merge(symbols[left].token, symbols[right].token);
        if (merge == nullptr || merge->rank != rank) continue;
        symbols[left].token = joined;
        symbols[left].next = symbols[right].next;
        symbols[right].joined_to_previous = true;
        if (symbols[left].next != end) symbols[symbols[left].next].previous = left;
        if (left != 0) consider(symbols[left].previous);
        consider(left);
    }
    for (std::size_t at = 0; at < end; at = symbols[at].next) tokens.push_back(symbols[at].token);
}

}  // namespace hugging_face
