#pragma once

namespace federated {

/// Whether a launcher of MPI started this process: OpenMPI's, PMIx's (Slurm's among them), or MPICH's.
bool started_by_launcher();

}  // namespace federated
