#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <iostream>
#include <string>
#include <vector>

/// Peak memory of the process so far, in bytes (Linux counts in KiB).
static std::size_t peak_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

/// Prints how much memory projection and reconstruction take beyond their inputs.
int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "usage: peak_memory BASIS LOG2_D K\n";
        return 2;
    }
    const std::size_t size = std::size_t{1} << std::stoul(arguments[2]);
    const std::uint64_t bases = std::stoull(arguments[3]);
    const ferret::Basis basis = ferret::parse_basis(arguments[1]);
    const ferret::Layout layout = ferret::Layout::per_tensor({size});
    std::vector<float> model(size, 0.5f);
    const std::size_t before = peak_memory();
    const ferret::Sketch sketch =
        ferret::Projector{layout, basis, ferret::Uniform{bases}}(model, ferret::Seed{42, 1});
    const std::size_t projected = peak_memory();
    ferret::Reconstructor{layout, basis}(sketch, model, -1.0f);
    std::cout << arguments[1] << " d = 2^" << arguments[2] << " K = " << bases << ": projection "
              << (projected - before) / 1024 << " KiB, with reconstruction "
              << (peak_memory() - before) / 1024 << " KiB beyond the "
              << size * sizeof(float) / 1024 << " KiB of the input\n";
}
