#pragma once

#include "error_text.hpp"

namespace ferret {

FERRET_API void MessagePart::append_to(std::string& message) const {
    switch (kind_) {
        case Kind::text:
            message.append(text_);
            break;
        case Kind::integer:
            message.append(std::to_string(integer_));
            break;
        case Kind::natural:
            message.append(std::to_string(natural_));
            break;
        case Kind::real:
            message.append(std::to_string(real_));
            break;
    }
}

FERRET_API std::string error_text(std::initializer_list<MessagePart> parts) {
    std::string whole;
    for (const MessagePart& part : parts) part.append_to(whole);
    return whole;
}

}  // namespace ferret
