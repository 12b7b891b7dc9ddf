#pragma once

#include <memory>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;

namespace hugging_face {

/// A regular expression over UTF-8 text with Unicode's classes of characters, by PCRE2. Copies share
/// one compiled expression.
class Regex {
public:
    /// Throws: std::invalid_argument where the pattern is none.
    explicit Regex(std::string_view pattern);

    /// The matches from left to right and what lies between them, together the whole text. Empty
    /// matches do not count.
    /// Throws: std::runtime_error where the text is no well-formed UTF-8, or where the pattern needs
    /// more steps than PCRE2 allows.
    std::vector<std::string_view> split(std::string_view text) const;

private:
    std::shared_ptr<pcre2_real_code_8> code_;
};

}  // namespace hugging_face
