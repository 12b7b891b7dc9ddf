#pragma once

#include <string>
#include <vector>

#include "fed_llm/data/federated_dataset.hpp"

namespace fed_llm {

/// Clients against categories as CSV (RFC 4180, with line feeds): a header of "client" and the
/// categories in the order of their names, then a line for each client with its numbers of
/// examples.
std::string split_table(const std::vector<Client>& clients);

}  // namespace fed_llm
