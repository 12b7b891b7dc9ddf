#pragma once

#include <string>

#include "files/file_error.hpp"

/// The field that the FileError thrown by `action` names; "no error" where none is thrown.
template <typename Action>
std::string error_field(Action action) {
    try {
        action();
    } catch (const files::FileError& error) {
        return error.field();
    }
    return "no error";
}
