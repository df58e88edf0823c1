// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The side table: what an in-place interpreter cannot read off the bytes when it meets a branch (B.
// L. Titzer, "A Fast In-Place Interpreter for WebAssembly", OOPSLA 2022). Validation builds it;
// entries are in the order of the instructions that own them, so that one running pointer finds the
// next one:
//
//     if        1 entry       taken when the condition is zero: to after `else` or `end`
//     else      1 entry       reached from the then-part: to after `end`
//     br        1 entry
//     br_if     1 entry       if taken; otherwise the pointer moves on by one
//     br_table  n+1 entries   the default last; a table of n labels skips all of them at once
//     try_table n+1 entries   the first leads past the instruction; then one a clause: its label,
//                             with `drop` the height of the operand stack below its operands
//     catch,    1 entry       reached from the part before: to after `end`, as for `else`.
//     catch_all               `keep` is the local that holds the exception, `drop` the height
//                             as above
//     rethrow   1 entry      `keep`: the local that holds the exception
//     loop      1 entry       no branch: LoopEntry. A branch to a loop leads past its block type
//                             and past this entry, which then is the one before the pointer
//
// A target skips any run of consecutive `end`s, which do nothing. The exception is the function's
// final `end`, which returns: it is a target itself, also of branches to the function's label.
//
// Instructions in unreachable code have entries as well, since nothing skips them; these are zero,
// and so is the entry of an `else` whose then-part does not reach it.
#pragma once

#include <cstdint>

namespace cordon::wasm {

// The entry of a branch, 16 bytes. Deltas are bytes for `pc` and entries for `side`.
struct BranchEntry {
  int32_t pc_delta;    // from the owner's opcode byte to the next instruction
  int32_t side_delta;  // from this entry to the next one after the branch
  uint32_t keep;       // slots that the label takes from the top of the operand stack
  uint32_t drop;       // slots below those that are removed; 0 for `if` and `else`
};

// The entry of a `loop`, as large as that of a branch.
struct LoopEntry {
  uint32_t fuel;  // what one more round costs, see fuel in validated.h
  uint32_t loop;  // number of this loop in its function, from 0, in the order of their opcodes
  uint32_t zero[2];
};

// A function's side table ends with its handlers: a handler catches an exception that comes from
// [begin, end), the innermost first, and the clauses of one `try` in their order. All are offsets
// in the module. `owner` is the try_table, catch, catch_all or delegate; `entry` is the index of
// its first entry in the function's side table, or, for delegate, the offset from which the search
// continues as if the exception came from there.
struct HandlerEntry {
  uint32_t begin, end, owner, entry;
};

// The instruction that owns the entry, or its place, decides which member is active.
union SideEntry {
  BranchEntry branch;
  LoopEntry loop;
  HandlerEntry handler;
};
static_assert(sizeof(SideEntry) == 16);

}  // namespace cordon::wasm
