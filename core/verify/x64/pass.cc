// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass itself: functions in their order, and in each of them instruction after instruction.
#include "core/verify/x64/pass.h"

#include <algorithm>

#include "core/abi/target.h"

namespace cordon::verify::x64 {
namespace {

constexpr RegSet kPinned = bit(rsp) | bit(r14) | bit(r15);
constexpr uint8_t kInt3 = 0xCC;
constexpr uint32_t kKnownFeatures =
    static_cast<uint32_t>(abi::CpuFeature::Bmi1) | static_cast<uint32_t>(abi::CpuFeature::Bmi2) |
    static_cast<uint32_t>(abi::CpuFeature::Lzcnt) | static_cast<uint32_t>(abi::CpuFeature::Avx);

}  // namespace

Pass::Pass(const Layout& layout, const abi::CodeBlob& blob)
    : layout_(layout),
      blob_(blob),
      rodata_(blob.rodata_at - blob.code_at),
      traps_(blob.trap_sites),
      calls_(blob.call_sites) {
  uint32_t largest = 0;
  for (const abi::BlobFunc& func : blob_.funcs) largest = std::max(largest, func.size);
  places_.resize(largest);
}

// Blob

bool Pass::run() {
  if ((blob_.options.cpu_features & ~kKnownFeatures) != 0) return refuse(rule::feature_unknown);
  uint64_t end = 0;
  for (uint32_t i = 0; i < blob_.funcs.size(); ++i) {
    if (!gap(end, blob_.funcs[i].offset) || !function(i)) return false;
    end = end_;
  }
  return gap(end, blob_.code.size()) && sites_end(kNever - 1);
}

bool Pass::gap(uint64_t from, uint64_t to) {
  for (at_ = from; at_ < to; ++at_) {
    if (blob_.code[at_] != kInt3) return refuse(rule::gap);
  }
  return to == 0 || sites_end(to - 1);
}

// Every site up to and with `last` must have been met.
bool Pass::sites_end(uint64_t last) {
  if (next_trap_at() <= last) return stray_trap_site();
  if (next_call_at() <= last) return refuse(rule::call_site_stray);
  return true;
}

// Functions

bool Pass::mark_leaders() {
  std::fill_n(places_.begin(), func_.size, uint16_t{0});
  leaders_ = std::span(blob_.leaders).subspan(func_.first_leader, func_.leader_count);
  next_leader_at_ = leaders_.empty() ? kNever : leaders_[0].offset;
  for (const abi::Leader& leader : leaders_) {
    if ((leader.u32_registers & (kPinned | ~RegSet{0xFFFF})) != 0) {
      at_ = leader.offset;
      return refuse(rule::leader_claim);
    }
    places_[leader.offset - func_.offset] = static_cast<uint16_t>(leader.u32_registers | kLeader);
  }
  return true;
}

// That they are instructions, and listed for what they are, shows when the pass gets there.
void Pass::mark_ud2() {
  const ByteSpan code = blob_.code;
  for (const abi::TrapSite& site : traps_) {
    const uint64_t at = site.offset;
    if (at + 1 >= end_) return;
    if (code[at] != 0x0F || code[at + 1] != 0x0B) continue;
    uint16_t& here = places_[at - func_.offset];
    if ((here & kLeader) == 0) here = kUd2;
  }
}

bool Pass::function(uint32_t index) {
  const wasm::Module& module = layout_.module();
  function_ = index;
  func_ = blob_.funcs[index];
  const uint32_t body = blob_.place.first_body + index;
  type_ = &layout_.type_of(module.imported_funcs + body);
  body_ = module.bodies[body].code;
  at_ = func_.offset;
  end_ = uint64_t{func_.offset} + func_.size;
  foreign_.clear();
  next_foreign_ = 0;
  if (!mark_leaders()) return false;
  mark_ud2();
  reachable_ = true;
  know_only(type_->params_u32);
  if (!prologue()) return false;
  while (at_ < end_) {
    if (!instruction()) return false;
  }
  if (reachable_) return refuse(rule::falls_off);
  if (next_leader_at_ != kNever) return refuse(rule::leader_place);
  return true;
}

void Pass::know_only(RegSet u32) {
  u32_ = u32;
  constants_ = {};
  compared_at_ = bounded_at_ = kNever;
}

// What the instruction does to the facts.
[[gnu::always_inline]] inline void Pass::effects(const Insn& insn) {
  // A 64-bit copy of a register that is u32 is u32.
  const bool copied = insn.form->effects.upper == Upper::Copied && (u32_ >> insn.reg & 1) != 0;
  u32_ = (u32_ & ~insn.lost) | insn.cleared | (copied ? insn.lost : 0);
  if ((insn.writes & (bit(rsi) | bit(rdx))) != 0) {
    note_constants(insn);
  } else if (insn.width == 4 && insn.rm == r10) {
    note_bound(insn);
  }
}

bool Pass::instruction() {
  if (at_ >= next_leader_at_) {
    if (at_ != next_leader_at_) return refuse(rule::leader_place);
    if (!enter_leader()) return false;
    if ((places_[at_ - func_.offset] & kForeign) != 0) return foreign_call();
  }
  Insn& insn = insn_;
  if (!read(insn)) return false;
  const Flow kind = insn.form->effects.flow;
  if (!reachable_ && kind != Flow::Trap && kind != Flow::Nop) return refuse(rule::unreachable);
  // [M1] [S1] Only the epilogue writes one of the three, and only by a form of its own.
  if (((insn.reads | insn.writes) & kPinned) != 0) {
    if ((insn.writes & kPinned) == bit(rsp)) return epilogue(insn);
    return refuse((insn.writes & kPinned) != 0 ? rule::pinned_write : rule::pinned_read);
  }
  if (kind != Flow::Next) return flow(insn);
  if (insn.has_memory) {
    if (insn.rip && insn.touches(Direction::Address)) return jump_table(insn);
    if (insn.base == r14 && !insn.touches(Direction::Address)) {
      const ContextWord::Kind word = layout_.word(insn.disp).kind;
      if (word == ContextWord::Kind::Fuel) return fuel_charge(insn);
      if (word == ContextWord::Kind::Table) return call_indirect(insn);
    }
    if (!memory(insn)) return false;
  }
  effects(insn);
  at_ += insn.length;
  return true;
}

// Falling through is an edge like any other.
bool Pass::enter_leader() {
  if (reachable_ && !edge(at_, u32_)) return false;
  reachable_ = true;
  know_only(places_[at_ - func_.offset] & ~RegSet{kFlags});
  leaders_ = leaders_.subspan(1);
  next_leader_at_ = leaders_.empty() ? kNever : leaders_[0].offset;
  return true;
}

bool Pass::flow(const Insn& insn) {
  const uint64_t next = at_ + insn.length;
  const uint64_t target = next + static_cast<uint64_t>(insn.imm);
  switch (insn.form->effects.flow) {
    case Flow::Jump:
      if (!edge(target, u32_)) return false;
      reachable_ = false;
      break;
    case Flow::Branch:
      if (!branch(target)) return false;
      // `jae` right behind the comparison: from here on r10d is below the bound.
      if (at_ == compared_at_ && insn.cond == kAboveEqual) bounded_at_ = next;
      break;
    case Flow::Call: {
      const TypeFacts* callee = layout_.entry_at(blob_.place.code_base + target);
      if (callee == nullptr) return refuse(rule::call_target);
      if (!call_made(*callee, next)) return false;
      break;
    }
    case Flow::CallThrough:
      if (!builtin_call(insn) || !take_call_site(next)) return false;
      break;
    case Flow::Return:
      if (func_.frame_size != 0) return refuse(rule::epilogue);
      if (!returns()) return false;
      break;
    case Flow::Trap:
      if (!take_trap_site(false)) return false;
      reachable_ = false;
      break;
    case Flow::Nop: break;
    case Flow::JumpThrough:
    case Flow::Next: return refuse(rule::jump_indirect);
  }
  at_ = next;
  return true;
}

// [B1] A register in which builtins take constants was written: with a constant?
void Pass::note_constants(const Insn& insn) {
  for (size_t i = 0; i < constants_.size(); ++i) {
    const uint8_t reg = abi::kBuiltinParams[i];
    if ((insn.writes & bit(reg)) == 0) continue;
    constants_[i].reset();
    if (insn.width != 4 || insn.rm != reg) continue;
    if (insn.is(Op::mov_const)) constants_[i] = static_cast<uint32_t>(insn.imm);
    if (insn.is(Op::xor_rr) && insn.reg == reg) constants_[i] = 0;
  }
}

// cmp r10d, imm: the first of a jump table.
void Pass::note_bound(const Insn& insn) {
  const bool compares = (insn.is(Op::cmp_imm) || insn.is(Op::cmp_imm1)) && !insn.has_memory;
  if (!compares || insn.imm <= 0 || (u32_ & bit(r10)) == 0) return;
  compared_at_ = at_ + insn.length;
  bound_ = static_cast<uint32_t>(insn.imm);
}

// Reading

bool Pass::read(Insn& insn) {
  const bool known = decode(blob_.code.subspan(at_), insn) && insn.length <= end_ - at_;
  if (!known) return refuse(rule::instruction_unknown);
  if ((insn.form->effects.feature & ~blob_.options.cpu_features) != 0) {
    return refuse(rule::feature_missing);
  }
  return true;
}

bool Pass::advance(Insn& insn) {
  at_ += insn.length;
  if (at_ >= next_leader_at_) {
    return refuse(at_ == next_leader_at_ ? rule::leader_in_sequence : rule::leader_place);
  }
  if (at_ >= end_) return refuse(rule::falls_off);
  return read(insn);
}

// [T1] The next site must be that of the next instruction that traps, or it is no instruction's.
bool Pass::stray_trap_site() {
  at_ = next_trap_at();
  return refuse(rule::trap_site_stray);
}

// [T1] This instruction traps: the next site must be its own.
bool Pass::take_trap_site(bool is_heap) {
  if (at_ < next_trap_at()) return refuse(rule::trap_site_missing);
  if (at_ > next_trap_at()) return stray_trap_site();
  const abi::TrapSite& site = traps_[0];
  const bool fits = is_heap ? site.trap == Trap::out_of_bounds_memory_access
                            : site.trap > Trap::none && site.trap <= Trap::fuel_exhausted;
  if (!fits) return refuse(rule::trap_site_kind);
  if (!wasm_offset_fits(site.wasm_offset)) return refuse(rule::site_offset);
  traps_ = traps_.subspan(1);
  return true;
}

bool Pass::take_call_site(uint64_t return_offset) {
  if (next_call_at() > return_offset) return refuse(rule::call_site_missing);
  if (next_call_at() < return_offset) return refuse(rule::call_site_stray);
  if (!wasm_offset_fits(calls_[0].wasm_offset)) return refuse(rule::site_offset);
  calls_ = calls_.subspan(1);
  return true;
}

bool Pass::wasm_offset_fits(uint32_t wasm_offset) const {
  return wasm_offset >= body_.offset && wasm_offset < body_.end();
}

}  // namespace cordon::verify::x64
