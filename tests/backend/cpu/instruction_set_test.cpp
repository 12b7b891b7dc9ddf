#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ferret/ferret.hpp>
#include <string>
#include <vector>

using ferret::InstructionSet;

namespace {

/// The environment variable, as it was when it goes out of scope.
class Variable {
public:
    explicit Variable(const char* value) {
        const char* before = std::getenv(name);
        if (before != nullptr) before_ = before;
        was_set_ = before != nullptr;
        ::setenv(name, value, 1);
    }
    ~Variable() {
        if (was_set_)
            ::setenv(name, before_.c_str(), 1);
        else
            ::unsetenv(name);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    static constexpr const char* name = "FERRET_INSTRUCTION_SET";
    std::string before_;
    bool was_set_ = false;
};

/// An instruction set of another kind of processor than this.
InstructionSet foreign_set() {
    return ferret::is_supported(InstructionSet::neon) ? InstructionSet::avx2 : InstructionSet::neon;
}

}  // namespace

TEST_CASE("the environment chooses the instruction set") {
    for (const auto& [name, set] : ferret::instruction_set_names) {
        if (!ferret::is_supported(set)) continue;
        const Variable variable(std::string(name).c_str());
        CHECK(ferret::Cpu{}.instruction_set == set);
    }
    const Variable variable("");
    CHECK(ferret::Cpu{}.instruction_set == ferret::best_instruction_set());
}

TEST_CASE("names are found in both directions") {
    for (const auto& [name, set] : ferret::instruction_set_names)
        CHECK(ferret::instruction_set_name(set) == name);
}

TEST_CASE("an unknown name in the environment is an error that lists the names") {
    const Variable variable("avx1024");
    const std::string message =
        ferret_test::error_message<ferret::UnknownName>([] { static_cast<void>(ferret::Cpu{}); });
    CHECK(ferret_test::contains(message, "FERRET_INSTRUCTION_SET"));
    CHECK(ferret_test::contains(message, "avx1024"));
    for (const auto& [name, set] : ferret::instruction_set_names)
        CHECK(ferret_test::contains(message, name));
}

TEST_CASE("an instruction set that the processor lacks is refused before anything is touched") {
    const std::string name(ferret::instruction_set_name(foreign_set()));
    {
        const Variable variable(name.c_str());
        CHECK_THROWS_AS(static_cast<void>(ferret::Cpu{}), ferret::Unsupported);
    }
    const ferret::Layout layout = ferret::Layout::per_tensor({100});
    const ferret::Cpu cpu{.instruction_set = foreign_set()};
    const std::vector<float> delta = ferret_test::simple_update(100);
    const ferret::Projector project{layout, ferret::SparseSign{}, ferret::Uniform{10}};
    const ferret::Sketch sketch = project(delta, ferret::Seed{1, 2});
    const ferret::Projector foreign{layout, ferret::SparseSign{}, ferret::Uniform{10}, cpu};
    CHECK(ferret_test::contains(ferret_test::error_message<ferret::Unsupported>([&] {
                                    static_cast<void>(foreign(delta, ferret::Seed{1, 2}));
                                }),
                                name));
    std::vector<float> model(100, 1.0f);
    CHECK_THROWS_AS((ferret::Reconstructor{layout, ferret::SparseSign{}, cpu}(sketch, model, 1.0f)),
                    ferret::Unsupported);
    CHECK(model == std::vector<float>(100, 1.0f));
}

TEST_CASE("an exception in a parallel task arrives") {
    for (const int threads : {1, 3})
        CHECK_THROWS_AS(ferret::parallel_for(ferret::Cpu{.threads = threads}, 10,
                                             [](std::size_t i) {
                                                 if (i == 7) throw ferret::NonFinite("task 7");
                                             }),
                        ferret::NonFinite);
}
