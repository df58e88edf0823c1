// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What stands in memory while the interpreter runs: frames on the value stack, and the context that
// handlers reach through one register. Made by invoke (interpreter.cc), used by handlers alone.
//
//     Execution.stack_top: values grow up ->        <- frames grow down from Execution.frames_top
//     | locals | operands || locals | operands |    free    | frame | frame | base |
//       caller    ^ the arguments a caller pushed are the callee's first locals: nothing is copied
//
// [D1] A call takes Func.call_bytes of what is left for frames, as much as native code takes of its
// stack.
// [S1] A call is made only if the callee's frame fits into that. It counts no less than a Frame,
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
// function that runs, the other fields the state of its caller, which its return restores.
struct Frame {
  const uint8_t* return_pc;
  const uint8_t* call_pc;  // opcode of the call, for backtraces
  const wasm::SideEntry* side;
  uint64_t* fp;
  const runtime::Func* func;  // null: no function but the bottom, or a change of instance
  const uint8_t* last;        // the final `end` of func
  int64_t left;               // bytes for frames of what this function calls
};
static_assert(sizeof(Frame) <= runtime::Execution::kMostPerEntry);
// A call of any function takes this much at least, by what it counts.
static_assert(sizeof(Frame) <= abi::slot_bytes(abi::kLeastSlots) + abi::kReturnAddress);

// One call of invoke(), whose stack it lives on. Handlers change it; nothing of it survives the
// call but what invoke() copies into the Execution.
struct Context {
  // What is left of the slice (runtime/hotness.h): when it falls below zero, next_slice() decides.
  int64_t fuel;
  // The instance that runs; the base of its memory is in a register.
  uint64_t mem_size;
  runtime::Func* const* funcs;
  uint64_t* const* globals;
  runtime::Instance* instance;
  runtime::Memory* memory;  // null if there is none

  runtime::Execution* execution;
  int64_t slice;    // what `fuel` began with
  int64_t reserve;  // fuel beyond this slice
  // What a handler leaves for the slow path it jumps to.
  runtime::Func* callee;
  const uint8_t* return_pc;
  runtime::Exception* exception;
  // How the run ended. `callee` is set if it was in entering that function.
  Trap trap;
  const uint8_t* trap_pc;
  const Frame* trap_frame;

  // Makes `to` the instance that runs. Handlers take the base of its memory afterwards.
  void enter(runtime::Instance* to) {
    instance = to;
    funcs = to->funcs.data();
    globals = to->global_cells.data();
    memory = to->memory0();
    measure_memory();
  }
  uint8_t* memory_base() const { return memory != nullptr ? memory->base() : nullptr; }
  // After everything that may have made it grow.
  void measure_memory() { mem_size = memory != nullptr ? memory->size() : 0; }

  // Fuel left for the whole call, in instructions.
  int64_t all_fuel() const { return fuel + reserve; }
  // The run begins with so much.
  void start_fuel(int64_t all) {
    if (execution->slice <= 0) execution->slice = execution->hotness.next_slice();
    start_slice(all, execution->slice);
  }
  // Others charged for their work, within the slice under way.
  void set_fuel(int64_t all) {
    reserve = all - fuel;
    if (reserve >= 0) return;
    fuel = all;
    reserve = 0;
  }
  // The slice ran out in a charge of `func`, for its entry or for a round of a loop. False if this
  // was all fuel there was.
  bool next_slice(const runtime::Func* func, uint32_t loop) {
    execution->hotness.note(func, loop, static_cast<uint64_t>(slice - fuel));
    const int64_t all = all_fuel();
    start_slice(all, execution->hotness.next_slice());
    return all >= 0;
  }

 private:
  void start_slice(int64_t all, int64_t size) {
    fuel = slice = std::min(all, size);
    reserve = all - fuel;
  }
};

}  // namespace cordon::interp
