#pragma once

#include <exception>

namespace federated {

/// Thrown at a safe point after the user asked to stop.
class Interrupted : public std::exception {
public:
    const char* what() const noexcept override { return "interrupted"; }
};

/// From here on the first SIGINT or SIGTERM only sets a flag; the next one ends the process.
void catch_interrupts();

/// A safe point. Throws: Interrupted if a signal came.
void stop_if_interrupted();

}  // namespace federated
