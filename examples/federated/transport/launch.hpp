#pragma once

#include <memory>

#include "federated/transport/transport.hpp"

namespace federated {

/// The processes that mpirun or another launcher of MPI started together with this one, or InProcess
/// where none did. Once in a process. mpi_launch.cpp where MPI is installed, no_mpi_launch.cpp elsewhere.
/// Throws: std::runtime_error if a launcher started several and the program was built without MPI, so that
///         they do not run side by side as if each were alone
std::unique_ptr<Transport> launched_processes();

/// Ends this process and all that were started with it: what one that fails does, so that the others do
/// not wait for it for ever.
[[noreturn]] void end_all_processes(int exit_code);

}  // namespace federated
