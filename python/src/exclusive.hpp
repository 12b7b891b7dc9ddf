#pragma once

#include <nanobind/nanobind.h>

#include <mutex>
#include <utility>

namespace ferret_python {

/// An object that changes, shared by Python's threads: one at a time works on it, while others run.
template <class T>
class Exclusive {
public:
    template <class... Arguments>
    explicit Exclusive(std::in_place_t, Arguments&&... arguments)
        : object_(std::forward<Arguments>(arguments)...) {}

    /// What work(object) returns. It touches no Python object.
    template <class Work>
    auto use(Work&& work) {
        // In this order: who waits for the object must not hold the interpreter, nor whoever waits for the
        // interpreter the object.
        const nanobind::gil_scoped_release release;
        const std::lock_guard lock(mutex_);
        return work(object_);
    }

    /// The same with two objects.
    template <class Other, class Work>
    auto use_with(Exclusive<Other>& other, Work&& work) {
        const nanobind::gil_scoped_release release;
        const std::scoped_lock lock(mutex_, other.mutex_);
        return work(object_, other.object_);
    }

private:
    template <class>
    friend class Exclusive;

    std::mutex mutex_;
    T object_;
};

}  // namespace ferret_python
