#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "compiled.hpp"

namespace ferret {

/// A piece of an error's message: text, or a number as std::to_string writes it.
class MessagePart {
public:
    MessagePart(const char* text) : kind_(Kind::text), text_(text) {}
    MessagePart(std::string_view text) : kind_(Kind::text), text_(text) {}
    MessagePart(const std::string& text) : kind_(Kind::text), text_(text) {}
    MessagePart(int number) : kind_(Kind::integer), integer_(number) {}
    MessagePart(unsigned number) : kind_(Kind::natural), natural_(number) {}
    MessagePart(unsigned long number) : kind_(Kind::natural), natural_(number) {}
    MessagePart(unsigned long long number) : kind_(Kind::natural), natural_(number) {}
    MessagePart(float number) : MessagePart(static_cast<double>(number)) {}
    MessagePart(double number) : kind_(Kind::real), real_(number) {}

    void append_to(std::string& message) const;

private:
    enum class Kind : std::uint8_t { text, integer, natural, real };

    Kind kind_;
    union {
        std::string_view text_;
        int integer_;
        unsigned long long natural_;
        double real_;
    };
};

/// The parts of an error's message, put together: a call, where a chain of operator+ would be pages of
/// code in every function that checks something.
std::string error_text(std::initializer_list<MessagePart> parts);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "error_text.inl"
#endif
