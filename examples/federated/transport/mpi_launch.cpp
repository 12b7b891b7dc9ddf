#include <mpi.h>

#include <cstdlib>
#include <exception>

#include "federated/transport/launch.hpp"
#include "federated/transport/launcher.hpp"
#include "federated/transport/mpi.hpp"

namespace federated {
namespace {

bool initialized() {
    int flag = 0;
    MPI_Initialized(&flag);
    return flag != 0;
}

/// The world, whose end MPI wants to be told. Where this process alone leaves, by an exception, that
/// would wait for the others: end_all_processes follows then.
class World : public Mpi {
public:
    World() : Mpi(MPI_COMM_WORLD) {}
    ~World() override {
        if (std::uncaught_exceptions() == 0) MPI_Finalize();
    }
};

}  // namespace

std::unique_ptr<Transport> launched_processes() {
    if (!started_by_launcher()) return std::make_unique<InProcess>();
    MPI_Init(nullptr, nullptr);
    return std::make_unique<World>();
}

void end_all_processes(int exit_code) {
    if (initialized()) MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::_Exit(exit_code);
}

}  // namespace federated
