// Whether ferret has the threads that the argument expects: "threads", or "one thread".
#include <cstdio>
#include <ferret/ferret.hpp>
#include <string_view>

int main(int count, char** arguments) {
    const int threads = ferret::threads_of(ferret::Cpu{.threads = 2});
    const int expected = count == 2 && std::string_view(arguments[1]) == "threads" ? 2 : 1;
    if (threads == expected) return 0;
    std::printf("expected %d threads, got %d\n", expected, threads);
    return 1;
}
