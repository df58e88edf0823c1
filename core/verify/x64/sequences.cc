// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed sequences of docs/generated-code.md as templates, their matcher, and the meaning of
// each. No leader and no trap site is inside, so nothing enters one past its checks.
#include <cstddef>

#include "core/abi/frame.h"
#include "core/verify/x64/reader.h"

namespace cordon::verify::x64 {

// One instruction. A displacement or an immediate may be a hole; kNoRegister and -1 are no operand.
struct Pattern {
  Op op, or_op = op;  // the other has a shorter immediate or distance
  uint8_t width = 0, reg = kNoRegister, rm = kNoRegister;
  Address address = {};
  int64_t disp = 0, imm = 0;
  int cond = -1;
  bool to_trap = false;  // a branch to a listed ud2
};
struct Step {
  Pattern pattern;
  const DiagnosticKind& rule;  // broken if anything else is there
};

namespace {

using enum Op;

// What a hole accepts: special values that no signed 32-bit number equals.
constexpr int64_t kAny = INT64_MIN, kPositive = kAny + 1, kNotNegative = kAny + 2,
                  kFrame = kAny + 3, kMinusFrame = kAny + 4, kTable = kAny + 5, kType = kAny + 6;

constexpr Address at(Gpr base, uint8_t index = kNoRegister, uint8_t scale = 1) {
  return {false, base, index, scale};
}
constexpr Pattern load(Op op, uint8_t width, Gpr reg, Address address, int64_t disp) {
  return {.op = op, .width = width, .reg = reg, .address = address, .disp = disp};
}
constexpr Pattern pair(Op op, uint8_t width, Gpr rm, Gpr reg) {
  return {.op = op, .width = width, .reg = reg, .rm = rm};
}
constexpr Pattern branch_if(int cond, bool to_trap = false) {
  return {.op = jcc, .or_op = jcc1, .imm = kAny, .cond = cond, .to_trap = to_trap};
}
constexpr Pattern trap_if(int cond) { return branch_if(cond, true); }
constexpr Pattern move_rsp(Op op, Op or_op) {
  return {.op = op, .or_op = or_op, .width = 8, .rm = rsp, .imm = kFrame};
}

constexpr int64_t kLimit = offsetof(abi::VmContext, stack_limit);
constexpr Step kPrologue[] = {
    {load(cmp_load, 8, rsp, at(r14), kLimit), rule::stack_check},
    {trap_if(kBelow), rule::stack_check},
    {move_rsp(sub_imm, sub_imm1), rule::stack_check_size},
};
// [R2] The compared address does not stay in its register.
constexpr Step kLargePrologue[] = {
    {load(lea, 8, r11, at(rsp), kMinusFrame), rule::stack_check_size},
    {load(cmp_load, 8, r11, at(r14), kLimit), rule::stack_check},
    {trap_if(kBelow), rule::stack_check},
    {move_rsp(sub_imm, sub_imm1), rule::stack_check_size},
    {pair(xor_rr, 4, r11, r11), rule::stack_check},
};
constexpr Step kEpilogue[] = {{move_rsp(add_imm, add_imm1), rule::epilogue}};
constexpr Step kFuelCharge[] = {
    {{.op = sub_imm,
      .or_op = sub_imm1,
      .width = 8,
      .address = at(r14),
      .disp = offsetof(abi::VmContext, fuel),
      .imm = kNotNegative},
     rule::fuel_charge},
    {trap_if(kSign), rule::fuel_charge},
};
constexpr Step kJumpTable[] = {
    {{.op = cmp_imm, .or_op = cmp_imm1, .width = 4, .rm = r10, .imm = kPositive},
     rule::jump_table_index},
    {branch_if(kAboveEqual), rule::jump_table_index},
    {load(lea, 8, r11, {.rip = true}, kAny), rule::jump_table_index},
    {load(movsxd, 8, r10, at(r11, r10, 4), 0), rule::jump_table_sequence},
    {pair(add_rr, 8, r10, r11), rule::jump_table_sequence},
    {{.op = jmp_through, .rm = r10}, rule::jump_table_sequence},
};
constexpr size_t kTellTale = 3;  // the first steps of a jump table, with which nothing else begins
// r11: table, its elements, the function, its code. r10: index, then the required type. [R2] The
// callee finds its own address in r11.
constexpr Step kFindCallee[] = {
    {load(mov_load, 8, r11, at(r14), kTable), rule::context_field},
    {load(cmp_load, 4, r10, at(r11), offsetof(abi::TableView, size)), rule::indirect_bound},
    {trap_if(kAboveEqual), rule::indirect_bound},
    {load(mov_load, 8, r11, at(r11), offsetof(abi::TableView, elements)), rule::indirect_element},
    {load(mov_load, 8, r11, at(r11, r10, 8), 0), rule::indirect_element},
    {pair(test_rr, 8, r11, r11), rule::indirect_null},
    {trap_if(kEqual), rule::indirect_null},
    {load(mov_load, 4, r10, at(r14), kType), rule::indirect_signature},
    {load(cmp_load, 4, r10, at(r11), offsetof(abi::FuncView, type_id)), rule::indirect_signature},
    {trap_if(kNotEqual), rule::indirect_signature},
    {load(cmp_load, 8, r14, at(r11), offsetof(abi::FuncView, context)), rule::indirect_context},
    {branch_if(kNotEqual), rule::indirect_context},
    {load(mov_load, 8, r11, at(r11), offsetof(abi::FuncView, entry)), rule::indirect_call},
};
constexpr Pattern kCallCallee{.op = call_through, .rm = r11},
    kJumpToCallee{.op = jmp_through, .rm = r11};
constexpr size_t kTypeStep = 7, kForeignStep = 11, kCallStep = std::size(kFindCallee);
// Its part out of line; the mov only if the result is an i32.
constexpr Step kForeignCall[] = {
    {{.op = call_through, .address = at(r14), .disp = offset_of(abi::Builtin::call_foreign)},
     rule::foreign_sequence},
    {pair(mov_store, 4, rax, rax), rule::foreign_sequence},
    {{.op = jmp, .or_op = jmp1, .imm = kAny}, rule::foreign_sequence},
};
constexpr Step kForeignCallOfOther[] = {kForeignCall[0], kForeignCall[2]};
// The same of a tail call; the add only if there is a frame.
constexpr Step kForeignTailCall[] = {
    {move_rsp(add_imm, add_imm1), rule::foreign_sequence},
    {{.op = jmp_through, .address = at(r14), .disp = offset_of(abi::Builtin::return_call_foreign)},
     rule::foreign_sequence},
};

}  // namespace

// How many of the steps match here. If not all, at_ is at the first other instruction, and refused.
size_t Reader::match(std::span<const Step> steps) {
  for (size_t i = 0;;) {
    if (!must(holds(steps[i].pattern, insns_[i]), steps[i].rule)) return i;
    if (++i == steps.size()) return i;
    if (!follow(insns_[i - 1].length) || !read(insns_[i])) return i;
  }
}

bool Reader::taken(std::span<const Step> steps) {
  if (match(steps) < steps.size()) return false;
  at_ = insns_[steps.size() - 1].next();
  return true;
}

bool Reader::holds(const Pattern& want, const Placed& insn) const {
  const Address& address = insn;
  return (insn.is(want.op) || insn.is(want.or_op)) && insn.width == want.width &&
         insn.has_memory == (want.address != Address{}) && address == want.address &&
         (want.reg == kNoRegister || insn.reg == want.reg) &&
         (want.rm == kNoRegister || insn.rm == want.rm) && holds(want.disp, insn.disp) &&
         holds(want.imm, insn.imm) && (want.cond < 0 || insn.cond == want.cond) &&
         (!want.to_trap || is_trap(insn.target()));
}

bool Reader::holds(int64_t want, int64_t value) const {
  switch (want) {
    case kAny: return true;
    case kPositive: return value > 0;
    case kNotNegative: return value >= 0;
    case kFrame: return value != 0 && value == func_.frame_size;
    case kMinusFrame: return value == -int64_t{func_.frame_size};
    case kTable: return layout_.word(value).kind == ContextWord::Kind::Table;
    case kType: return layout_.word(value).kind == ContextWord::Kind::TypeId;
    default: return value == want;
  }
}

// [S1] Nothing is written below rsp before this.
bool Reader::prologue() {
  const uint32_t size = func_.frame_size;
  if (size % 8 != 0 || size >= abi::kFrameBound) return refuse(rule::frame_size);
  std::span<const Step> steps = kPrologue;
  if (size > abi::kSmallFrame) steps = kLargePrologue;
  return read(insns_[0]) && taken(size == 0 ? steps.first(2) : steps);
}

// [S1] rsp is at the return address again when ret reads it, or another function takes over.
bool Reader::epilogue() {
  const bool adds = (insns_[0].is(add_imm) || insns_[0].is(add_imm1)) && insns_[0].width == 8;
  if (!must(adds, rule::stack_pointer_write) || match(kEpilogue) == 0) return false;
  return follow(insns_[0].length) && read(insns_[1]) && leave(insns_[1]);
}

bool Reader::leave(const Placed& insn) {
  const bool is_gone = &insn != &insns_[0] || func_.frame_size == 0;
  bool kept = false;
  switch (insn.form->effects.flow) {
    case Flow::Return: kept = must(is_gone, rule::epilogue) && returns(); break;
    case Flow::Jump: kept = direct_tail_call(insn.target(), is_gone); break;
    case Flow::JumpThrough: kept = tail_builtin(insn) && must(is_gone, rule::epilogue); break;
    default: return refuse(rule::epilogue);
  }
  at_ = kept ? insn.next() : at_;
  return kept;
}

// [C1] Only the sequence of call_indirect jumps to where a register says.
bool Reader::tail_builtin(const Placed& insn) {
  if (!insn.has_memory) return refuse(rule::jump_indirect);
  constexpr auto kImport = static_cast<uint32_t>(abi::Builtin::return_call_import),
                 kOwn = static_cast<uint32_t>(abi::Builtin::return_call_own);
  const ContextWord word = layout_.word(insn.disp);
  const bool is_builtin = insn.base == r14 && insn.index == kNoRegister &&
                          word.kind == ContextWord::Kind::Builtin &&
                          (word.index == kImport || word.index == kOwn);
  if (!must(is_builtin, rule::tail_builtin)) return false;
  return word.index == kOwn ? own_tail_call() : import_tail_call();
}

// Fuel only ever falls, and cannot wrap.
bool Reader::fuel_charge() {
  return must(blob_.options.fuel, rule::fuel_charge) && taken(kFuelCharge);
}

// Nothing if this is only a comparison.
std::optional<bool> Reader::jump_table() {
  const uint64_t start = at_;
  const size_t steps = (u32_ & bit(r10)) != 0 ? match(kJumpTable) : 0;
  if (steps < kTellTale) {
    at_ = start;
    return std::nullopt;
  }
  if (steps < std::size(kJumpTable) || !branch(insns_[1].target())) return false;
  at_ = insns_[steps - 1].next();
  return table_edges(in_rodata(insns_[2]), static_cast<uint64_t>(insns_[0].imm),
                     u32_ & ~(bit(r10) | bit(r11)));
}

bool Reader::call_indirect() {
  static_assert(kCallStep + 2 == kLongest);
  if (match(kFindCallee) < kCallStep) return false;
  if ((u32_ & bit(r10)) == 0) return refuse(rule::indirect_index);
  Placed& insn = insns_[kCallStep];
  if (!follow(insns_[kCallStep - 1].length) || !read(insn)) return false;
  const TypeFacts& callee = layout_.type(layout_.word(insns_[kTypeStep].disp).index);
  if (!holds(kCallCallee, insn)) return return_call_indirect(callee);
  at_ = insn.next();
  return indirect_call(callee, insns_[kForeignStep].target(), at_);
}

// Instead of the call: the frame is taken down, if there is one, and control goes there.
bool Reader::return_call_indirect(const TypeFacts& callee) {
  const Placed* last = &insns_[kCallStep];
  if (func_.frame_size != 0) {
    if (!must(holds(kEpilogue[0].pattern, *last), rule::indirect_call)) return false;
    if (!follow(last->length) || !read(insns_[kCallStep + 1])) return false;
    ++last;
  }
  if (!must(holds(kJumpToCallee, *last), rule::indirect_call)) return false;
  if (!indirect_tail_call(callee, insns_[kForeignStep].target())) return false;
  at_ = last->next();
  return true;
}

bool Reader::foreign_call(const Foreign& call) {
  std::span<const Step> steps = kForeignCall;
  if (call.result_u32 == 0) steps = kForeignCallOfOther;
  if (call.is_tail) steps = std::span(kForeignTailCall).subspan(func_.frame_size == 0 ? 1 : 0);
  if (!read(insns_[0]) || !taken(steps)) return false;
  if (call.is_tail) return true;
  return must(insns_[steps.size() - 1].target() == call.back, rule::foreign_sequence) &&
         take_call_site(insns_[0].next());
}

}  // namespace cordon::verify::x64
