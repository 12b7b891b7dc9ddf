#pragma once

#include <functional>
#include <string>

namespace files {

/// Told of what a file says that is read in another way than a user may expect: one sentence that
/// names the file and the field. What cannot be read rightly is an error instead.
using WarningObserver = std::function<void(const std::string&)>;

}  // namespace files
