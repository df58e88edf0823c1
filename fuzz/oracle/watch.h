// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a process that runs doubtful code watches of itself: memory that nobody has a reason to
// change. Used by the monitor of mutants (tests/mutation) and by that of accepted programs
// (accepted/program.h), which compare after each call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/runtime/instance.h"

namespace cordon::fuzz {

// Blocks on the host's heap, `words` of 8 bytes each.
class Canaries {
 public:
  explicit Canaries(size_t words);
  bool alive() const;
  // One of them, for code to take for a target.
  const uint64_t* block(size_t index) const { return blocks_[index % kBlocks].data(); }

 private:
  static constexpr size_t kBlocks = 8;
  std::vector<uint64_t> blocks_[kBlocks];
};

// What code may not change of its context: all but fuel, the memory's size and the globals.
std::vector<uint8_t> frozen_part(const runtime::Instance& instance);

// Frames of this thread that wait while the guest runs: from `frame` on, to its first. The bytes
// are read as they are, whatever a sanitizer keeps between them.
class HostStack {
 public:
  explicit HostStack(const void* frame);
  bool unchanged() const;

 private:
  void copy();

  const uint8_t* begin_;
  std::vector<uint8_t> then_;
};

// [S1] Whether all below what a frame that did not ask may reach is as it was made. Pages that were
// never touched are not looked at.
bool is_clean_below(const runtime::Instance& instance);

// Which pages of [from, from + size) were ever touched, as a list of their addresses. Both are
// multiples of a page.
std::vector<const uint8_t*> touched_pages(const uint8_t* from, size_t size);

}  // namespace cordon::fuzz
