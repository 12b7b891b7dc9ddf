#pragma once

/// ferret is header-only: what is no template is inline, and its body, in a file *.inl beside the header,
/// comes with it. Programs that link to ferret::compiled, which defines FERRET_COMPILED, get declarations
/// alone, and the bodies from its library.
#ifdef FERRET_COMPILED
#define FERRET_API
#else
#define FERRET_API inline
#endif
