#include <cstdio>

#include "mixed.hpp"

int main() {
    const Outcome plain = plain_outcome();
    const Outcome tuned = tuned_outcome();
#ifdef _OPENMP
    constexpr int tuned_threads = 2;
#else
    constexpr int tuned_threads = 1;
#endif
    if (plain.threads != 1 || tuned.threads != tuned_threads) {
        std::printf("expected 1 and %d threads, got %d and %d\n", tuned_threads, plain.threads,
                    tuned.threads);
        return 1;
    }
    return plain.has_everybodys_bits && tuned.has_everybodys_bits ? 0 : 1;
}
