#pragma once

#include <stdexcept>
#include <string>

// Before anything that would not compile without them.
#if !defined(__cpp_concepts)
#error "ferret: expected C++20, got an earlier standard; compile with -std=c++20 or later"
#endif
#if !defined(__cpp_exceptions) && !defined(__EXCEPTIONS) && !defined(_CPPUNWIND)
#error "ferret: expected C++ exceptions, which tell of errors, got -fno-exceptions or the like"
#endif

namespace ferret {

/// Base of every exception ferret throws. The message says what was expected, what came and where.
class Error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A layout that describes no model: no tensors, an empty tensor, a block size of zero.
class InvalidLayout : public Error {
    using Error::Error;
};

/// A budget that the blocks cannot take: under two bases a block, or more bases than elements.
class InvalidBudget : public Error {
    using Error::Error;
};

/// Tensors, a shard or a sketch that do not fit the layout.
class LayoutMismatch : public Error {
    using Error::Error;
};

/// An infinite or not-a-number value in an update, a coordinate or a scale.
class NonFinite : public Error {
    using Error::Error;
};

/// Sketches that do not share seed, layout and basis family, or whose parts contradict each other.
class SketchMismatch : public Error {
    using Error::Error;
};

/// A name that stands for no basis family, budget rule, ...
class UnknownName : public Error {
    using Error::Error;
};

/// Something that this machine cannot do, such as an instruction set it does not have.
class Unsupported : public Error {
    using Error::Error;
};

/// A call of the CUDA runtime that failed.
class DeviceError : public Error {
    using Error::Error;
};

/// A message of another round than the one that is open.
class WrongRound : public Error {
    using Error::Error;
};

/// A model that is not, bit for bit, the one that a message is about.
class ModelMismatch : public Error {
    using Error::Error;
};

/// A second message of a client in one round.
class Duplicate : public Error {
    using Error::Error;
};

/// A message or a call that the step of a secure round does not wait for.
class WrongStep : public Error {
    using Error::Error;
};

/// Fewer clients than a secure round's threshold: the step does not end with so few.
class TooFewClients : public Error {
    using Error::Error;
};

/// What a client refuses its server because it would let it look into single updates.
class UnsafeRequest : public Error {
    using Error::Error;
};

/// A file that cannot be read or written, or that is not what it should be.
class FileError : public Error {
    using Error::Error;
};

/// Base of what can be wrong with a received message.
class WireError : public Error {
    using Error::Error;
};

/// A message shorter than it says, or longer.
class Truncated : public WireError {
    using WireError::WireError;
};

/// A message that is no ferret message, or one of another version.
class UnsupportedVersion : public WireError {
    using WireError::WireError;
};

/// A message whose checksum is not that of its content.
class ChecksumMismatch : public WireError {
    using WireError::WireError;
};

/// A message whose signature or seal is not that of its sender.
class Forged : public WireError {
    using WireError::WireError;
};

/// A message whose fields contradict each other or claim impossible sizes.
class Malformed : public WireError {
    using WireError::WireError;
};

}  // namespace ferret
