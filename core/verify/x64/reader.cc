// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/verify/x64/reader.h"

#include <algorithm>

namespace cordon::verify::x64 {
namespace {

constexpr RegSet kPinned = bit(rsp) | bit(r14) | bit(r15);
constexpr uint8_t kInt3 = 0xCC, kPadding[] = {kInt3};
constexpr uint32_t kKnownFeatures =
    kBmi1.feature | kBmi2.feature | kLzcnt.feature | kAvx.feature | kAvx2.feature;

bool jumps_to(ByteSpan slot, uint32_t at, uint32_t target) {
  Insn jump;
  return decode(slot, jump) && jump.is(Op::jmp) &&
         at + jump.length + static_cast<uint32_t>(jump.imm) == target &&
         std::ranges::all_of(slot.subspan(jump.length), [](uint8_t b) { return b == kInt3; });
}

constexpr bool is_pinned(uint8_t reg) { return reg == rsp || reg == r14 || reg == r15; }

}  // namespace

extern const Isa kIsa;
constexpr Isa kIsa{abi::Machine::x64,
                   0xFFFF & ~kPinned,
                   kKnownFeatures,
                   kPadding,
                   jumps_to,
                   [](const Layout& layout, const abi::CodeBlob& blob) -> std::unique_ptr<Pass> {
                     return std::make_unique<Reader>(layout, blob);
                   }};

Reader::Reader(const Layout& layout, const abi::CodeBlob& blob)
    : Pass(kIsa, layout, blob), lacking_(~blob.options.cpu_features) {}

bool Reader::traps(uint64_t at) const {
  return at + 1 < end_ && blob_.code[at] == 0x0F && blob_.code[at + 1] == 0x0B;  // ud2
}

bool Reader::read(Placed& insn) {
  insn.at = at_;
  const bool known = decode(blob_.code.subspan(at_), insn) && insn.length <= end_ - at_;
  if (!known) return refuse(rule::instruction_unknown);
  return must((insn.form->effects.feature & lacking_) == 0, rule::feature_missing);
}

bool Reader::block() {
  const uint64_t end = block_end();
  while (at_ < end) {
    if (!instruction(insns_[0])) return false;
  }
  return true;
}

// [S1] Loads from the state and the window, stores to the frame, and the jump; no other control
// flow, so that nothing but the entry leads here.
bool Reader::load_state() {
  while (reachable_) {
    if (at_ >= block_end()) return refuse(rule::loop_entry_code);
    if (!read(insns_[0])) return false;
    const Placed& insn = insns_[0];
    const Flow kind = insn.form->effects.flow;
    const bool is_move = kind == Flow::Next && insn.has_memory && insn.base == rsp;
    const bool is_jump = kind == Flow::Jump && is_in_body_of_function(insn.target());
    if (!must(is_move || is_jump, rule::loop_entry_code) || !instruction(insns_[0])) return false;
  }
  return true;
}

[[gnu::always_inline]] inline bool Reader::instruction(Placed& insn) {
  if (!read(insn)) return false;
  const Flow kind = insn.form->effects.flow;
  if (!reachable_ && kind != Flow::Trap && kind != Flow::Nop) return refuse(rule::unreachable);
  // [M1] [S1] Only the epilogue writes one of the three, and only by a form of its own.
  if (((insn.reads | insn.writes) & kPinned) != 0) {
    if ((insn.writes & kPinned) == bit(rsp)) return epilogue();
    return refuse((insn.writes & kPinned) != 0 ? rule::pinned_write : rule::pinned_read);
  }
  if (kind != Flow::Next) return flow(insn);
  if (insn.has_memory) {
    if (insn.base == r14 && !insn.touches(Direction::Address)) {
      const ContextWord::Kind word = layout_.word(insn.disp).kind;
      if (word == ContextWord::Kind::Fuel) return fuel_charge();
      if (word == ContextWord::Kind::Table) return call_indirect();
    }
    if (!memory(insn)) return false;
  } else if (insn.rm == r10 && (insn.is(Op::cmp_imm) || insn.is(Op::cmp_imm1))) {
    if (const std::optional<bool> kept = jump_table()) return *kept;
  }
  effects(insn);
  at_ = insn.next();
  return true;
}

// The instruction's effects on the facts.
[[gnu::always_inline]] inline void Reader::effects(const Placed& insn) {
  // A 64-bit copy of a register that is u32 is u32.
  const bool copied = insn.form->effects.upper == Upper::Copied && (u32_ >> insn.reg & 1) != 0;
  u32_ = (u32_ & ~insn.lost) | insn.cleared | (copied ? insn.lost : 0);
  constexpr RegSet kMayBeConstant =
      bit(kConstantRegisters[0]) | bit(kConstantRegisters[1]) | bit(kConstantRegisters[2]);
  if ((insn.writes & kMayBeConstant) != 0) note_constants(insn);
}

// [B1] A constant is what one of two forms of 32 bits leaves, until the next write.
void Reader::note_constants(const Placed& insn) {
  for (size_t i = 0; i < constants_.size(); ++i) {
    const uint8_t reg = kConstantRegisters[i];
    if ((insn.writes & bit(reg)) == 0) continue;
    constants_[i].reset();
    if (insn.width != 4 || insn.rm != reg) continue;
    if (insn.is(Op::mov_const)) constants_[i] = static_cast<uint32_t>(insn.imm);
    if (insn.is(Op::xor_rr) && insn.reg == reg) constants_[i] = 0;
  }
}

bool Reader::flow(const Placed& insn) {
  bool kept = false;
  switch (insn.form->effects.flow) {
    case Flow::Jump:
      if (!is_in_body_of_function(insn.target())) return leave(insn);
      kept = edge(insn.target(), u32_);
      reachable_ = false;
      break;
    case Flow::Branch: kept = branch(insn.target()); break;
    case Flow::Call: kept = direct_call(insn.target(), insn.next()); break;
    case Flow::CallThrough: {
      const bool in_context = insn.base == r14 && insn.index == kNoRegister;
      kept = must(insn.has_memory, rule::call_register) && must(in_context, rule::call_memory) &&
             builtin_call(insn.disp, insn.next());
      break;
    }
    case Flow::Return:
    case Flow::JumpThrough: return leave(insn);
    case Flow::Trap:
      kept = take_trap_site(false);
      reachable_ = false;
      break;
    case Flow::Nop: kept = true; break;
    case Flow::Next: return refuse(rule::jump_indirect);
  }
  if (kept) at_ = insn.next();
  return kept;
}

bool Reader::memory(const Placed& insn) {
  if (insn.touches(Direction::Address)) return lea(insn);
  if (insn.base == rsp) return frame(insn);
  if (insn.base == r15) return heap(insn);
  if (insn.base == r14) return context(insn);
  return insn.rip ? rodata(insn) : refuse(rule::memory_shape);
}

// [M1] base + zero-extended 32 bits + a displacement below 2^31 + at most kWidestAccess bytes,
// which no form exceeds: in the reservation of memory 0, which is larger than that.
bool Reader::heap(const Placed& insn) {
  if (!take_trap_site(true)) return false;
  if (!layout_.has_memory()) return refuse(rule::heap_absent);
  if (insn.disp < 0) return refuse(rule::heap_displacement);
  if (insn.form->memory.aligned) return refuse(rule::heap_alignment);
  if (insn.index == kNoRegister) return true;
  if (insn.scale != 1) return refuse(rule::heap_scale);
  return must((u32_ & bit(insn.index)) != 0, rule::heap_index);
}

// Fuel, tables, type ids and builtins have sequences and calls of their own: not here.
bool Reader::context(const Placed& insn) {
  if (insn.index != kNoRegister) return refuse(rule::context_index);
  const ContextWord word = layout_.word(insn.disp);
  if (word.kind != ContextWord::Kind::Field) return refuse(rule::context_field);
  if (insn.memory_width != word.width) return refuse(rule::context_width);
  return must(insn.touches(Direction::Read) || word.access == abi::Access::ReadWrite,
              rule::context_write);
}

// [S1] The function's own frame, or the slots that its caller made for it, above which there may be
// the state for a loop; never the return address between them.
bool Reader::frame(const Placed& insn) {
  if (insn.index != kNoRegister) return refuse(rule::frame_index);
  if (insn.form->memory.aligned) return refuse(rule::frame_alignment);
  const int64_t first = insn.disp, end = first + insn.memory_width, size = func_.frame_size;
  const int64_t incoming = size + abi::kReturnAddress;
  const int64_t incoming_end = incoming + abi::kSlotSize * int64_t{layout_.window(*type_)};
  const int64_t state_end = incoming_end + abi::kSlotSize * int64_t{state_slots_};
  const bool is_own = first >= 0 && end <= size;
  const bool is_incoming = first >= incoming && end <= incoming_end;
  const bool is_state = first >= incoming_end && end <= state_end && insn.touches(Direction::Read);
  return must(is_own || is_incoming || is_state, rule::frame_range);
}

int64_t Reader::in_rodata(const Placed& insn) const {
  return static_cast<int64_t>(insn.next() + blob_.code_at - blob_.rodata_at) + insn.disp;
}

bool Reader::rodata(const Placed& insn) {
  if (!insn.touches(Direction::Read)) return refuse(rule::rodata_write);
  const int64_t first = in_rodata(insn), end = first + insn.memory_width;
  const bool is_inside = first >= 0 && end <= static_cast<int64_t>(blob_.rodata.size());
  return must(is_inside, rule::rodata_range) &&
         must(insn.memory_width != 16 || first % 16 == 0, rule::rodata_alignment);
}

// [R2] Arithmetic on free registers: only a jump table's sequence makes an address.
bool Reader::lea(const Placed& insn) {
  if (insn.rip) return refuse(rule::jump_table_index);
  return must(!is_pinned(insn.base) && !is_pinned(insn.index), rule::address_operand);
}

}  // namespace cordon::verify::x64
