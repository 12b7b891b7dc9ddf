#pragma once

#include <ferret/protocol/follower.hpp>

#include "exclusive.hpp"

namespace ferret_python {

using Follower = Exclusive<ferret::Follower<>>;

}  // namespace ferret_python
