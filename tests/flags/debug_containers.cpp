#include "bits.hpp"

int main() {
    return ferret_test::has_everybodys_bits() ? 0 : 1;
}
