#include "bits.hpp"
#include "mixed.hpp"

Outcome tuned_outcome() {
    return {ferret_test::has_everybodys_bits(), ferret::threads_of(ferret::Cpu{.threads = 2})};
}
