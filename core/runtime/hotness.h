// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hotness: in which functions and loops of interpreted code the work is done, for reports, and for
// compiling what is hot. It is sampled by fuel, so that counting costs the running code nothing:
// the interpreter gives out fuel in slices, and the charge that uses up a slice, an entry of a
// function or a round of a loop, is recorded with the fuel of the whole slice. As every charge is
// hit in proportion to its size, the sums are in proportion to what was charged there. The sampled
// charges are the same in every run of the same guest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cordon::runtime {

struct Func;

// A function's entry or one of its loops.
struct HotSpot {
  static constexpr uint32_t kEntry = ~uint32_t{0};

  const Func* func = nullptr;
  uint32_t loop = kEntry;  // number in the function, as in wasm::LoopEntry
  uint64_t fuel = 0;       // about how many instructions were charged there
};

// Belongs to an Execution; for one thread.
class Hotness {
 public:
  // Mean length of a slice, unless set. Lengths vary by up to half of it, so that a guest's rhythm
  // cannot evade the samples.
  static constexpr int64_t kMeanSlice = 16384;

  // From here on all fuel is one slice: for runs that nobody samples.
  void stop() { mean_ = 0; }
  // From here on slices have about this length, at least 1.
  void set_mean_slice(int64_t fuel) { mean_ = fuel; }
  // The next slice's fuel, at least 1.
  int64_t next_slice();
  // A slice with this fuel ended in `func`.
  void note(const Func* func, uint32_t loop, uint64_t fuel);
  // At most `count`, the hottest first.
  std::vector<HotSpot> hottest(size_t count) const;

 private:
  // [L1] Bounded: a spot that finds no free place among kWays replaces the least hot
  // one.
  static constexpr size_t kWays = 8, kPlaces = 512;
  std::vector<HotSpot> spots_;  // empty until something is noted
  uint64_t random_ = 1;
  int64_t mean_ = kMeanSlice;  // 0: stopped
};

}  // namespace cordon::runtime
