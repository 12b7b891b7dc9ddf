#pragma once

#include <string>

namespace hugging_face {

/// A field of a configuration that no model can have.
struct ConfigProblem {
    std::string field;
    std::string expected;
    std::string got;
};

}  // namespace hugging_face
