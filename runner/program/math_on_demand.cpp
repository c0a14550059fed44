// The mathematics behind SQLite's SQL functions, which few migrations call. Linked as usual, libm
// would be loaded and bound at every start. Defined here, a function brings it when it is called.
#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>

namespace {

template <typename Function>
Function* in_libm(const char* name) {
  static void* const libm = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  void* function = libm == nullptr ? nullptr : dlsym(libm, name);
  if (function == nullptr) {
    std::fprintf(stderr, "%s() of SQL cannot be computed: %s\n", name, dlerror());
    std::abort();
  }
  return reinterpret_cast<Function*>(function);
}

using OfOne = double(double);
using OfTwo = double(double, double);

}  // namespace

// Hidden, so that no other library is bound to them.
#pragma GCC visibility push(hidden)
extern "C" {
double acos(double x) { return in_libm<OfOne>("acos")(x); }
double acosh(double x) { return in_libm<OfOne>("acosh")(x); }
double asin(double x) { return in_libm<OfOne>("asin")(x); }
double asinh(double x) { return in_libm<OfOne>("asinh")(x); }
double atan(double x) { return in_libm<OfOne>("atan")(x); }
double atan2(double y, double x) { return in_libm<OfTwo>("atan2")(y, x); }
double atanh(double x) { return in_libm<OfOne>("atanh")(x); }
double cos(double x) { return in_libm<OfOne>("cos")(x); }
double cosh(double x) { return in_libm<OfOne>("cosh")(x); }
double exp(double x) { return in_libm<OfOne>("exp")(x); }
double fmod(double x, double y) { return in_libm<OfTwo>("fmod")(x, y); }
double log(double x) { return in_libm<OfOne>("log")(x); }
double pow(double x, double y) { return in_libm<OfTwo>("pow")(x, y); }
double sin(double x) { return in_libm<OfOne>("sin")(x); }
double sinh(double x) { return in_libm<OfOne>("sinh")(x); }
double sqrt(double x) { return in_libm<OfOne>("sqrt")(x); }
double tan(double x) { return in_libm<OfOne>("tan")(x); }
double tanh(double x) { return in_libm<OfOne>("tanh")(x); }
double trunc(double x) { return in_libm<OfOne>("trunc")(x); }
}
#pragma GCC visibility pop
