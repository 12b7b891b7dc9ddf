#pragma once

#include <ferret/secure.hpp>

/// Another identity, made in another source file.
ferret::secure::Identity other_identity();
