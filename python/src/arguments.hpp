#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/cpu.hpp>
#include <ferret/basis/basis.hpp>
#include <ferret/block/budget.hpp>
#include <ferret/wire/coordinate_format.hpp>
#include <span>
#include <vector>

// Arguments that may be given in more than one way. They are looked at in the body of a function, whose
// errors say more than that no overload fits.

namespace ferret_python {

/// A basis family, or its name.
struct BasisArgument {
    nanobind::object object;
    ferret::Basis get() const;
};

/// A budget: a rule with its K.
struct BudgetArgument {
    nanobind::object object;
    ferret::BudgetRule get() const;
};

/// A coordinate format, or its name.
struct FormatArgument {
    nanobind::object object;
    ferret::CoordinateFormat get() const;
};

/// Bytes of a message. Of what is not immutable a copy, which no other thread changes meanwhile.
class MessageArgument {
public:
    explicit MessageArgument(nanobind::handle object);
    std::span<const std::byte> bytes() const { return bytes_; }

private:
    nanobind::object owner_;
    std::span<const std::byte> bytes_;
};

/// A Cpu, or None for the default one.
inline ferret::Cpu backend_or_default(const ferret::Cpu* backend) {
    return backend != nullptr ? *backend : ferret::Cpu{};
}

inline nanobind::bytes to_bytes(std::span<const std::byte> bytes) {
    return nanobind::bytes(bytes.data(), bytes.size());
}

/// What `work` returns, computed while other Python threads run. It touches no Python object.
template <class Work>
auto without_lock(Work&& work) {
    const nanobind::gil_scoped_release release;
    return work();
}

}  // namespace ferret_python

namespace nanobind::detail {

#define FERRET_OBJECT_ARGUMENT(TYPE, NAME)                                       \
    template <>                                                                  \
    struct type_caster<ferret_python::TYPE> {                                    \
        NB_TYPE_CASTER(ferret_python::TYPE, const_name(NAME))                    \
        bool from_python(handle source, std::uint32_t, cleanup_list*) noexcept { \
            value.object = borrow(source);                                       \
            return true;                                                         \
        }                                                                        \
    }

FERRET_OBJECT_ARGUMENT(BasisArgument, "Basis | str");
FERRET_OBJECT_ARGUMENT(BudgetArgument, "Budget");
FERRET_OBJECT_ARGUMENT(FormatArgument, "CoordinateFormat | str");
#undef FERRET_OBJECT_ARGUMENT

}  // namespace nanobind::detail
