// What a source pays that includes ferret and does nothing with it.
#include <ferret/ferret.hpp>

int main() {}
