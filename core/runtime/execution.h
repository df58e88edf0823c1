// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Execution: the state of one thread of guest code besides instances: fuel, the stack of values and
// frames, and the trace of a trap. Passed to every call into the guest; host functions that call
// back use it again and continue above the existing frames.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/abi/traps.h"
#include "core/base/diagnostic.h"
#include "core/base/os/mapping.h"
#include "core/base/result.h"
#include "core/runtime/float_mode.h"
#include "core/runtime/hotness.h"

namespace cordon::runtime {

struct Func;
struct Instance;
struct Tag;

// One frame of a backtrace, innermost first. `module_offset` is that of the instruction in the
// module's bytes.
struct TraceFrame {
  const Func* func;
  uint64_t module_offset;
};

// What goes on instead of a function that left the engine's code by a tail call, with its
// arguments as slots (docs/decisions/tail-calls.md).
struct Successor {
  Func* func = nullptr;  // null: there is none
  std::vector<uint64_t> args;
};

// Used by one thread at a time; outlives every call that it is given to.
class Execution {
 public:
  // Frames kept of a trap's backtrace: the innermost ones.
  static constexpr size_t kMaxTrace = 32;
  // Calls into the guest within each other, each from a host function of the one before ([S1]).
  static constexpr uint32_t kMaxNesting = 256;
  // For host_bytes(). The ratio is that of the smallest frames that two engines call in turn.
  static constexpr uintptr_t kLeastHostBytes = uintptr_t{1} << 20, kHostBytesPerByte = 16;
  // Bytes that a call into the guest may take of the interpreter's stack besides frames.
  static constexpr size_t kMostPerEntry = 64;
  static constexpr int64_t kUnlimitedFuel = INT64_MAX;

  // `stack_bytes` bounds all frames of the guest together as abi/frame.h counts them ([S1], [L1]).
  // Above and below the interpreter's stack there is an unmapped page.
  static Result<Execution> create(uint64_t stack_bytes, int64_t fuel = kUnlimitedFuel);

  // Below zero once it is used up: the charge that does not fit traps with fuel_exhausted and
  // leaves this negative.
  int64_t fuel;
  // The interpreter's stack: values grow up from stack_base, data about calls grows down. While no
  // guest code runs on this thread, stack_top is the first free slot, frames_top the first byte
  // above the space that is free for frames. frames_left is how many more bytes frames may count,
  // whichever engine runs them: at a call of a function of a module without the window of
  // parameters and results, which is its caller's; else all.
  uint64_t* stack_base;
  uint64_t* stack_top;
  uint8_t* frames_top;
  int64_t frames_left;
  uint32_t nesting = 0;  // active calls into the guest on this thread's own stack

  // How many bytes of frames the guest may have, on this stack and on those of native code
  // (guest_stack.h) together; a multiple of 8.
  size_t frame_bytes() const { return frame_bytes_; }
  // [S1] What calls of the guest may take of the thread's own stack at most: enough for a recursion
  // that changes the engine in each call to end where any other does (docs/decisions/limits.md).
  uintptr_t host_bytes() const { return kLeastHostBytes + kHostBytesPerByte * frame_bytes_; }
  // No call into a guest begins below this address of the host's stack; set by the outermost one.
  uintptr_t host_limit = 0;
  // The mode of the host's own floating-point arithmetic while it works for a guest.
  FloatMode host_float_mode = kGuestFloatMode;
  // Set by the code that gives a Trap other than none and host_exit; cleared at the outermost call.
  std::vector<TraceFrame> trace;
  // Samples of interpreted code.
  Hotness hotness;
  int64_t slice = 0;        // what is left of the last one
  int64_t slice_spent = 0;  // what runs that have ended took of it
  // With Trap::uncaught_exception: what was thrown, as a slot of type exnref, and its tag. A host
  // function that a guest called and that gives this trap passes the exception on.
  uint64_t exception = 0;
  const Tag* exception_tag = nullptr;
  // Set by native code and by the interpreter as they come back, and taken by call_func() and the
  // entries at once.
  Successor successor;
  // Why the guest was ended with Trap::host_exit, unless it was the host's wish: what came for it
  // was refused (slice_end.h). No further call of it is made.
  std::optional<Diagnostic> refused;
  // How often a function went on in native code at one of its loops (loop_state.h), for reports.
  uint64_t loops_entered = 0;

 private:
  Execution(Mapping stack, size_t frame_bytes, int64_t fuel);
  Mapping stack_;
  size_t frame_bytes_;
};

}  // namespace cordon::runtime
