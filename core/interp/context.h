// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter's data in memory while it runs: frames on the value stack, and the context that
// handlers reach through one register. Made by invoke (interpreter.cc), used by handlers alone.
//
//     Execution.stack_top: values grow up ->        <- frames grow down from Execution.frames_top
//     | locals | operands || locals | operands |    free    | frame | frame | base |
//       caller    ^ the arguments a caller pushed are the callee's first locals: nothing is copied
//
// [D1] A call takes Func.call_bytes of the bytes left for frames, as much as native code takes of
// its stack.
// [S1] A call is made only if the callee's frame fits into these. It counts no less than a Frame,
// its locals and all operands that it may push, so both sides have room; no handler checks again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/abi/frame.h"
#include "core/abi/traps.h"
#include "core/runtime/exceptions.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"
#include "core/wasm/side_table.h"

namespace cordon::interp {

// One call that has not returned. The innermost is in a register. `func` and `last` describe the
// function that runs, the other fields the state of its caller, which the return restores.
struct Frame {
  const uint8_t* return_pc;
  const uint8_t* call_pc;  // opcode of the call, for backtraces
  const wasm::SideEntry* side;
  uint64_t* fp;
  const runtime::Func* func;  // null: the bottom of a run, or a change of instance
  const uint8_t* last;        // the final `end` of func
  int64_t left;               // bytes for the frames of this function's callees
};
static_assert(sizeof(Frame) <= runtime::Execution::kMostPerEntry);
// A call of any function takes at least this much of the bytes for frames.
static_assert(sizeof(Frame) <= abi::slot_bytes(abi::kLeastSlots) + abi::kReturnAddress);

// One call of invoke(), on whose stack it lives. Handlers change it; only what invoke() copies into
// the Execution outlives the call.
struct Context {
  // The fuel left of the slice (runtime/hotness.h): when it falls below zero, next_slice() decides.
  int64_t fuel;
  // The current instance; the base of its memory is in a register.
  uint64_t mem_size;
  runtime::Func* const* funcs;
  uint64_t* const* globals;
  runtime::Instance* instance;
  runtime::Memory* memory;  // null if there is none

  runtime::Execution* execution;
  int64_t slice;    // `fuel` at the start of the slice, which may have been in an earlier run
  int64_t reserve;  // fuel after this slice
  // Arguments of a slow path, set by the handler that jumps to it.
  runtime::Func* callee;
  const uint8_t* return_pc;
  runtime::Exception* exception;
  // How the run ended. `callee` is set if it ended while entering that function.
  Trap trap;
  const uint8_t* trap_pc;
  const Frame* trap_frame;

  // Makes `to` the current instance. Handlers take the base of its memory afterwards.
  void enter(runtime::Instance* to) {
    instance = to;
    funcs = to->funcs.data();
    globals = to->global_cells.data();
    memory = to->memory0();
    measure_memory();
  }
  uint8_t* memory_base() const { return memory != nullptr ? memory->base() : nullptr; }
  // Called after everything that may have made it grow.
  void measure_memory() { mem_size = memory != nullptr ? memory->size() : 0; }

  // Fuel left for the whole call, in instructions.
  int64_t all_fuel() const { return fuel + reserve; }
  // Sets the fuel at the start of the run.
  void start_fuel(int64_t all) {
    if (execution->slice <= 0) {
      execution->slice = execution->hotness.next_slice();
      execution->slice_spent = 0;
    }
    start_slice(all, execution->slice);
    slice += execution->slice_spent;
  }
  // Keeps what is left of the slice for the next run.
  void end_run() {
    execution->fuel = all_fuel();
    execution->slice = fuel;
    execution->slice_spent = slice - fuel;
  }
  // Takes so much of the slice, if there is as much, and of no fuel: the samples see it.
  void weigh(int64_t amount) {
    if (fuel < amount || fuel <= 0) return;
    fuel -= amount;
    reserve += amount;
  }
  // Sets the fuel after other code has charged it, within the current slice.
  void set_fuel(int64_t all) {
    reserve = all - fuel;
    if (reserve >= 0) return;
    fuel = all;
    reserve = 0;
  }
  // The slice ran out in a charge of `func`, for its entry or for a round of a loop, and the next
  // one begins. False if the run ends here: all fuel is used up, or Instance::on_slice ends it;
  // `trap` says.
  bool next_slice(const runtime::Func* func, uint32_t loop);

 private:
  void start_slice(int64_t all, int64_t size) {
    fuel = slice = std::min(all, size);
    reserve = all - fuel;
  }
};

}  // namespace cordon::interp
