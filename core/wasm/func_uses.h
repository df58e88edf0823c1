// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncUses: which locals, loops and calls a body uses, for a compiler that has to choose before it
// begins: how hot each local is (uses, weighted by loop depth), where it is read last, what each
// loop touches, which types are called. UseNotes collects it during a pass that is made anyway:
// validation, on request (validate_uses.cc).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/inline_call.h"
#include "core/wasm/types.h"

namespace cordon::wasm {

// What a function does with one of its locals. Offsets count from the start of the module.
struct LocalUse {
  uint32_t local = 0;
  uint32_t weight = 0;         // uses, each counted 8 ^ loop depth; at least 1 in FuncUses
  uint32_t last_read = 0;      // offset of its last byte; in a loop the loop's end
  bool written_first = false;  // set before it is read on every path
};

// Bit i represents every local whose index is i modulo 64: a clear bit says "not touched".
struct LoopUse {
  uint64_t read = 0, written = 0;
  uint32_t fuel = 0;
  bool calls = false;
  bool innermost = true;
};

// A function type that is called, directly or through a table; imports are listed separately.
struct CallUse {
  TypeIdx type;
  bool import;
};

// The uses of one function. The spans point into the UsePool that it came in.
struct FuncUses {
  std::span<const LocalUse> locals;  // those that are used, each once, ordered by last_read
  std::span<const LoopUse> loops;    // in the order of their opcodes
  std::span<const CallUse> called;   // each once
  bool calls = false;                // anything, including runtime services
  uint32_t runtime_slots = 0;        // of the frame that such a service takes, at most
};

// The uses of several functions, in their order.
struct UsePool {
  std::vector<LocalUse> locals;
  std::vector<LoopUse> loops;
  std::vector<CallUse> called;
  std::vector<FuncUses> funcs;
};

// Collects the uses of functions one after the other; used by one thread.
class UseNotes {
 public:
  // `types` is the number of types in the module, which bounds the indices given to call().
  explicit UseNotes(size_t types) : seen_(2 * types) {}

  // Begins and ends a function, one after the other. In between, the other methods are called in
  // the order of its bytes, for unreachable instructions too.
  void begin(uint32_t locals);
  void end();
  // The functions that ended since the last take(). They are removed.
  UsePool take();

  // REQUIRES of all: the indices are in range. `at` is the offset of an instruction's last byte.
  CORDON_INLINE void read(uint32_t local, uint32_t at) { touch(local, false).last_read = at; }
  CORDON_INLINE void write(uint32_t local) { touch(local, true); }
  // A branch: code after it may not run.
  void branch() { straight_ = false; }
  // `at`: the offset of the opcode of `loop` or `end`.
  void open_loop(uint32_t at);
  void close_loop(uint32_t at, uint32_t fuel);
  void call(TypeIdx type, bool import);
  // `slots`: what the runtime is handed in memory.
  void call_runtime(uint32_t slots = 0) {
    loop_.calls = true;
    runtime_slots_ = std::max(runtime_slots_, slots);
  }

 private:
  static constexpr uint32_t kMaxWeight = 1u << 30;
  // The ends of a function's records in the lists.
  struct Ends {
    size_t locals = 0, loops = 0, called = 0;
  };
  struct OpenLoop {
    LoopUse around;
    size_t index;
  };
  [[gnu::noinline]] void touch_first(uint32_t local, bool write);
  CORDON_INLINE LocalUse& touch(uint32_t local, bool write) {
    LocalUse& use = locals_[local];
    if (use.weight == 0) [[unlikely]]
      touch_first(local, write);
    use.weight = std::min(use.weight + weight_, kMaxWeight);
    (write ? loop_.written : loop_.read) |= uint64_t{1} << (local % 64);
    return use;
  }

  UsePool pool_;
  std::vector<Ends> ends_;
  std::vector<LocalUse> locals_;   // by local, of this function
  std::vector<uint32_t> touched_;  // each once
  std::vector<uint32_t> seen_;     // by type, then of imports by type: the last function to call it
  uint32_t number_ = 0;            // of the function
  LoopUse loop_;                   // the innermost one that is open, or the whole body
  std::vector<OpenLoop> open_loops_;
  std::vector<std::pair<uint32_t, uint32_t>> outer_loops_;  // [start, end)
  uint32_t weight_ = 1, runtime_slots_ = 0;
  bool straight_ = true;  // no branch so far
};

}  // namespace cordon::wasm
