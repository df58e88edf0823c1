// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An interpreter in a loop over one big switch, running a small register program (Collatz lengths
// with a table in memory): br_table, and an interpreter's worst case when it is interpreted itself.
#include "workload.h"

enum op {
  kHalt,
  kLoadConstant,
  kMove,
  kAdd,
  kAddConstant,
  kSubtract,
  kMultiply,
  kAnd,
  kOr,
  kXor,
  kShiftRight,
  kShiftLeft,
  kLess,
  kEqual,
  kJump,
  kJumpIf,
  kJumpUnless,
  kLoad,
  kStore,
  kMix,
};

struct instruction {
  uint8_t op, a, b, c;
  int32_t constant;
};

enum { kNumber, kSteps, kFlag, kOne, kLimit, kTotal, kSlot, kScratch, kRegisters = 8 };
enum { kMemory = 1024 };

// For each number below kLimit: count the Collatz steps, add them to a table slot, fold them into
// kTotal.
static const struct instruction kProgram[] = {
    {kLoadConstant, kSlot, 0, 0, 1},             // 0
    {kLoadConstant, kOne, 0, 0, 1},              // 1
    {kMove, kNumber, kSlot, 0, 0},               // 2: the next number
    {kLoadConstant, kSteps, 0, 0, 0},            // 3
    {kEqual, kFlag, kNumber, kOne, 0},           // 4: the next step
    {kJumpIf, kFlag, 0, 0, 14},                  // 5
    {kAddConstant, kSteps, kSteps, 0, 1},        // 6
    {kAnd, kFlag, kNumber, kOne, 0},             // 7
    {kJumpIf, kFlag, 0, 0, 11},                  // 8
    {kShiftRight, kNumber, kNumber, kOne, 0},    // 9
    {kJump, 0, 0, 0, 4},                         // 10
    {kLoadConstant, kScratch, 0, 0, 3},          // 11
    {kMultiply, kNumber, kNumber, kScratch, 0},  // 12
    {kJump, 0, 0, 0, 22},                        // 13
    {kLoad, kScratch, kSteps, 0, 0},             // 14
    {kAdd, kScratch, kScratch, kSlot, 0},        // 15
    {kStore, kScratch, kSteps, 0, 0},            // 16
    {kMix, kTotal, kTotal, kScratch, 0},         // 17
    {kAddConstant, kSlot, kSlot, 0, 1},          // 18
    {kLess, kFlag, kSlot, kLimit, 0},            // 19
    {kJumpIf, kFlag, 0, 0, 2},                   // 20
    {kHalt, 0, 0, 0, 0},                         // 21
    {kAddConstant, kNumber, kNumber, 0, 1},      // 22
    {kJump, 0, 0, 0, 4},                         // 23
};

static uint64_t memory[kMemory];

static uint64_t run_program(const struct instruction* program, uint64_t limit) {
  uint64_t r[kRegisters] = {0};
  r[kLimit] = limit;
  for (const struct instruction* pc = program;; pc++) {
    switch ((enum op)pc->op) {
      case kHalt: return r[kTotal];
      case kLoadConstant: r[pc->a] = (uint64_t)(int64_t)pc->constant; break;
      case kMove: r[pc->a] = r[pc->b]; break;
      case kAdd: r[pc->a] = r[pc->b] + r[pc->c]; break;
      case kAddConstant: r[pc->a] = r[pc->b] + (uint64_t)(int64_t)pc->constant; break;
      case kSubtract: r[pc->a] = r[pc->b] - r[pc->c]; break;
      case kMultiply: r[pc->a] = r[pc->b] * r[pc->c]; break;
      case kAnd: r[pc->a] = r[pc->b] & r[pc->c]; break;
      case kOr: r[pc->a] = r[pc->b] | r[pc->c]; break;
      case kXor: r[pc->a] = r[pc->b] ^ r[pc->c]; break;
      case kShiftRight: r[pc->a] = r[pc->b] >> (r[pc->c] & 63); break;
      case kShiftLeft: r[pc->a] = r[pc->b] << (r[pc->c] & 63); break;
      case kLess: r[pc->a] = r[pc->b] < r[pc->c]; break;
      case kEqual: r[pc->a] = r[pc->b] == r[pc->c]; break;
      case kJump: pc = program + pc->constant - 1; break;
      case kJumpIf:
        if (r[pc->a] != 0) pc = program + pc->constant - 1;
        break;
      case kJumpUnless:
        if (r[pc->a] == 0) pc = program + pc->constant - 1;
        break;
      case kLoad: r[pc->a] = memory[r[pc->b] % kMemory]; break;
      case kStore: memory[r[pc->b] % kMemory] = r[pc->a]; break;
      case kMix: r[pc->a] = fold(r[pc->b], r[pc->c]); break;
    }
  }
}

uint64_t run_workload(uint32_t rounds) {
  // Read through a volatile pointer, so that the compiler cannot run the program in advance.
  const struct instruction* volatile program = kProgram;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = fold(sum, run_program(program, 1000 + (round & 15)));
  }
  return sum;
}
