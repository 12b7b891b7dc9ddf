#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "support/updates.hpp"

namespace ferret_test {

/// Checks that the action is refused with this error, whose text has `part`.
template <class Expected, class Action>
void refuse(const Action& action, std::string_view part) {
    const std::string found = error_message<Expected>(action);
    CAPTURE(found);
    CHECK(contains(found, part));
}

}  // namespace ferret_test
