#pragma once

/// ferret on the CPU. Adapters for Eigen and LibTorch are in interop/, the oracle in reference.hpp.

#include "block/budget.hpp"
#include "block/layout.hpp"
#include "block/segment_run.hpp"
#include "block/shard.hpp"
#include "block/tiling.hpp"
#include "error.hpp"
#include "partial_sketch.hpp"
#include "projector.hpp"
#include "reconstructor.hpp"
#include "sketch.hpp"
#include "tensor/tensor.hpp"
#include "wire.hpp"
#include "wire/partial_sketch.hpp"
