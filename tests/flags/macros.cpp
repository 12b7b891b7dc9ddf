// The macros of windows.h among others, which programs may have defined before they include ferret.
// The standard library and what else is not ferret's comes first: it has its own ways.
#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#if __has_include(<sodium.h>)
#include <sodium.h>
#endif
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cfloat>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define hyper __int64
#define interface struct
#define cdecl
#define pascal
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define BOOL int
#define FLOAT float
#define TRUE 1
#define FALSE 0
#define ERROR 0
#define NO_ERROR 0
#define DELETE 0x00010000L
#define STRICT 1
#define IGNORE 0
#define INFINITE 0xFFFFFFFF
#define ABSOLUTE 1
#define RELATIVE 2
#define OPAQUE 2
#define TRANSPARENT 1
#define DIFFERENCE 11
#define RGB(r, g, b) 0
#define Yield()
// And those of others: of C's complex.h and assert.h, of BSD's sys/param.h, of GNU C.
#define I _Complex_I
#define complex _Complex
#define assert(condition)
#define check(condition)
#define verify(condition)
#define major(device) 0
#define minor(device) 0
#define unix 1
#define linux 1

#include <ferret/ferret.hpp>
#include <ferret/interop/eigen.hpp>
#include <ferret/reference.hpp>
#if __has_include(<sodium.h>)
#include <ferret/secure.hpp>
#endif
