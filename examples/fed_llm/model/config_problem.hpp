#pragma once

#include <string>

namespace fed_llm {

/// A field of a configuration that no model can have.
struct ConfigProblem {
    std::string field;
    std::string expected;
    std::string got;
};

}  // namespace fed_llm
