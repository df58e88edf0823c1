// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Watches over memory of the host that untrusted code must not change. Used by the monitor of
// mutants (tests/mutation) and by that of accepted programs (accepted/program.h); both compare
// after each call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/runtime/instance.h"

namespace cordon::fuzz {

inline constexpr size_t kHostPage = 4096;

// Blocks on the host's heap, `words` of 8 bytes each.
class Canaries {
 public:
  explicit Canaries(size_t words);
  bool alive() const;
  // The address of a block, as a target for code.
  const uint64_t* block(size_t index) const { return blocks_[index % kBlocks].data(); }

 private:
  static constexpr size_t kBlocks = 8;
  std::vector<uint64_t> blocks_[kBlocks];
};

// The part of an instance's context that code may not change: all of it except fuel, the memory's
// size and the globals.
std::vector<uint8_t> frozen_part(const runtime::Instance& instance);

// The frames of this thread that wait while the guest runs: all from `frame` to the thread's first.
// The bytes are read raw, including a sanitizer's padding between variables.
class HostStack {
 public:
  explicit HostStack(const void* frame);
  bool unchanged() const;

 private:
  void copy();

  const uint8_t* begin_;
  std::vector<uint8_t> then_;
};

// [S1] Whether the headroom below the stack's limit is untouched, except for what a small frame may
// use there without a check. Skips pages that were never touched.
bool is_clean_below(const runtime::Instance& instance);

// The addresses of those pages of [from, from + size) that were ever touched. REQUIRES: both are
// multiples of a page.
std::vector<const uint8_t*> touched_pages(const uint8_t* from, size_t size);

}  // namespace cordon::fuzz
