#pragma once

/// A federation's roles, which exchange nothing but bytes.

#include "ferret.hpp"
#include "protocol/client.hpp"
#include "protocol/follower.hpp"
#include "protocol/plan.hpp"
#include "protocol/plan_check.hpp"
#include "protocol/server.hpp"
