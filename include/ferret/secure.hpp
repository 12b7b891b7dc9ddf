#pragma once

/// Rounds of which the server learns the mean update alone. Needs libsodium: component ferret::secure.

#include "protocol.hpp"
#include "secure/secure_client.hpp"
#include "secure/secure_server.hpp"
