#pragma once

#include <type_traits>

namespace ferret {

template <class Signature>
class FunctionRef;

/// A function to call, of whatever type, that outlives the reference: a parameter that does not make a
/// template of what it is handed to. C++26 has std::function_ref.
template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
public:
    template <class Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, FunctionRef>)  // that is copied
        FunctionRef(const Function& function)
        : function_(&function), call_([](const void* called, Arguments... arguments) -> Result {
              return (*static_cast<const Function*>(called))(arguments...);
          }) {}

    Result operator()(Arguments... arguments) const { return call_(function_, arguments...); }

private:
    const void* function_;
    Result (*call_)(const void*, Arguments...);
};

}  // namespace ferret
