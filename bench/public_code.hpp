#pragma once

/// Registers what the public Ferret and FedKSeed code does for every basis, on one thread of
/// LibTorch: seed its generator, fill a vector with trunc_normal_ (or normal_), take a dot.
void register_public_code();
