// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of blocks and branches (spec §4.4.8). A block costs nothing but its dispatch: the side
// table has the targets of branches and the operands that they keep.
#include <algorithm>

#include "core/interp/branch.h"
#include "core/interp/handler.h"

namespace cordon::interp {

namespace {

constexpr auto kBlock = static_cast<uint8_t>(wasm::Op::block);
constexpr uint8_t kNoType = 0x40;

// Whether the 32 bytes at `pc` are sixteen blocks without a type.
INLINE bool are_blocks(const uint8_t* pc) {
  constexpr uint64_t kFour = 0x4002400240024002;  // little-endian
  uint64_t differs = 0;
  for (size_t i = 0; i < 32; i += 8) differs |= read_raw<uint64_t>(pc + i) ^ kFour;
  return differs == 0;
}

// Skips the blocks without a type at `pc`. A compiled switch opens hundreds in a row, each time it
// is run. No byte after `last` is read.
INLINE const uint8_t* skip_blocks(const uint8_t* pc, const uint8_t* last) {
  while (last - pc >= 32 && are_blocks(pc)) pc += 32;
  while (pc[0] == kBlock && pc[1] == kNoType) pc += 2;
  return pc;
}

}  // namespace

COLD HANDLER(branch_and_move) {
  const wasm::BranchEntry& entry = side->branch;
  const uint64_t* from = sp - entry.keep;
  uint64_t* to = sp - entry.keep - entry.drop;
  sp = std::copy(from, from + entry.keep, to);
  const int64_t distance = entry.pc_delta;
  pc += distance;
  side += entry.side_delta;
  if (distance <= 0) CHARGE_ROUND(0);
  NEXT(0, 0);
}

COLD HANDLER(raise_at_loop) {
  pc = opcode_of_loop(pc);
  TAIL(raise_kept);
}

namespace on {

template <unsigned kCached>
HANDLER(unreachable) {
  TAIL(raise<Trap::unreachable>);
}
INSTANTIATE(unreachable)

template <unsigned kCached>
HANDLER(nop) {
  NEXT(kCached, 1);
}
INSTANTIATE(nop)

template <unsigned kCached>
HANDLER(block) {
  pc = skip_leb(pc + 1);
  if (*pc == kBlock) pc = skip_blocks(pc, frame->last);
  NEXT(kCached, 0);
}
INSTANTIATE(block)

template <unsigned kCached>
HANDLER(loop) {
  pc = skip_leb(pc + 1);
  ++side;
  CHARGE_ROUND(kCached);
  NEXT(kCached, 0);
}
INSTANTIATE(loop)

template <unsigned kCached>
HANDLER(if_) {
  const auto condition = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  IF(after_pop(kCached), condition != 0);
}
INSTANTIATE(if_)

// Reached at the end of the then-part alone; it drops nothing and goes forward.
template <unsigned kCached>
HANDLER(else_) {
  GO_AHEAD(kCached);
}
INSTANTIATE(else_)

template <unsigned kCached>
HANDLER(br) {
  BRANCH(kCached);
}
INSTANTIATE(br)

template <unsigned kCached>
HANDLER(br_if) {
  const auto condition = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  BR_IF(after_pop(kCached), condition != 0);
}
INSTANTIATE(br_if)

template <unsigned kCached>
HANDLER(br_table) {
  const auto index = static_cast<uint32_t>(pop<kCached>(sp, a, b, c));
  const uint8_t* at = pc + 1;
  const uint32_t labels = read_u32(at);
  side += std::min(index, labels);
  BRANCH(after_pop(kCached));
}
INSTANTIATE(br_table)

}  // namespace on

}  // namespace cordon::interp
