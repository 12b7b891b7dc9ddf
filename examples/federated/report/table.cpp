#include "federated/report/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace federated {
namespace {

using Row = std::vector<std::string>;

void print_row(std::ostream& stream, const Row& row, const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        stream << "| " << (i == 0 ? row[i] + padding : padding + row[i]) << ' ';
    }
    stream << "|\n";
}

}  // namespace

std::string decimal(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string grouped_digits(double value) {
    const std::string digits = decimal(value, 0);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ' ';
        text += digits[i];
    }
    return text;
}

std::string format_bytes(double bytes) {
    constexpr std::array<const char*, 5> units{" B", " KiB", " MiB", " GiB", " TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024.0 && unit + 1 < units.size()) {
        bytes /= 1024.0;
        ++unit;
    }
    return decimal(bytes, unit == 0 ? 0 : 1) + units[unit];
}

void print_table(std::ostream& stream, const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    for (std::size_t line = 0; line < rows.size(); ++line) {
        print_row(stream, rows[line], widths);
        if (line > 0) continue;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            stream << '|' << std::string(widths[i] + 1, '-') << (i == 0 ? "-" : ":");
        }
        stream << "|\n";
    }
}

}  // namespace federated
