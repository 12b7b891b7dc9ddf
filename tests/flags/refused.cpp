// What a flag that voids the contract must not let pass: where the compiler does not stop, the
// program does.
#include <cstdio>
#include <ferret/sketch.hpp>

int main() {
    try {
        ferret::Sketch{}.scale(1.0f);
    } catch (const ferret::Unsupported& error) {
        std::puts(error.what());
        return 1;
    }
    return 0;
}
