#pragma once

/// A federation's roles over models in a GPU's memory: the same bytes and bits as over the host's.

#include "backend/cuda.cuh"
#include "protocol.hpp"
#include "protocol/model_fingerprint.cuh"
