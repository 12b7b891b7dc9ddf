#pragma once

#include <memory>

#include "client.hpp"
#include "round.hpp"

/// Rounds of zeroth-order steps. ferret makes their Gaussian perturbations, so that whoever aggregates
/// regenerates the very same ones. Only a share of the work may be done; its time is then scaled to all
/// of it, and the outcome says so.
namespace fed_round {

/// FedKSeed: each of 200 steps draws one of the pool's 4096 seeds and moves the model by two losses'
/// difference along its z; every step is three passes over the model and two forward passes. Sent is
/// one number for each seed of the pool; aggregation regenerates all of them in one pass over the
/// model. The weights before wait in host memory; putting them back is not timed.
/// Source: arXiv 2312.06353
std::unique_ptr<FederatedRound> make_fed_k_seed(Client& client);

/// FedZO: one step along the mean of b1 = 200 estimates, each from one example (b2 = 1) by a forward
/// pass beyond the common one and two passes over the model; then as FedAvg.
/// Source: the paper's settings of it
std::unique_ptr<FederatedRound> make_fed_zo(Client& client);

}  // namespace fed_round
