#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace federated {

/// 3.14159 with two digits as "3.14".
std::string decimal(double value, int digits);

/// 1234567 as "1 234 567".
std::string grouped_digits(double value);

/// Bytes with a unit: "812 B", "1.3 MiB".
std::string format_bytes(double bytes);

/// Prints a Markdown table, the first column flush left and the others flush right. The first row
/// is the head; all rows have its length.
void print_table(std::ostream& stream, const std::vector<std::vector<std::string>>& rows);

}  // namespace federated
