// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A guest without a library that traps in a template which was inlined twice (trace_test.cc).
namespace deep {

template <class T>
struct Thing {
  T value;
  [[gnu::always_inline]] int check(int n) const {
    if (n > value) __builtin_trap();
    return n;
  }
  [[gnu::always_inline]] int twice(int n) const { return check(n) * 2; }
};

[[gnu::noinline]] int outer(int n) {
  Thing<int> thing{3};
  return thing.twice(n) + 1;
}

}  // namespace deep

volatile int given = 4, kept;

extern "C" void _start() { kept = deep::outer(given); }
