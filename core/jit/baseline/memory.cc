// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads and stores of FuncCompiler. A load whose only consumer follows at once is left to that
// one's memory operand.
#include "core/jit/baseline/func_compiler_inl.h"
#include "core/jit/masm/heap_inl.h"

namespace cordon::jit {

using masm::HeapAddress;
using masm::MacroAssembler;
using wasm::Op;

namespace {

// Instructions that take their right operand from memory if it is of `type`.
constexpr auto kTakesMemory = [] {
  std::array<ValType, 256> types{};  // ValType{} is no type
  const auto add = [&types](ValType type, std::initializer_list<Op> ops) {
    for (const Op op : ops) types[static_cast<size_t>(op)] = type;
  };
  using enum Op;
  add(ValType::i32, {i32_add, i32_sub, i32_and, i32_or, i32_xor, i32_mul, i32_eq, i32_ne, i32_lt_s,
                     i32_lt_u, i32_gt_s, i32_gt_u, i32_le_s, i32_le_u, i32_ge_s, i32_ge_u});
  add(ValType::i64, {i64_add, i64_sub, i64_and, i64_or, i64_xor, i64_mul, i64_eq, i64_ne, i64_lt_s,
                     i64_lt_u, i64_gt_s, i64_gt_u, i64_le_s, i64_le_u, i64_ge_s, i64_ge_u});
  add(ValType::f32, {f32_add, f32_sub, f32_mul, f32_div});
  add(ValType::f64, {f64_add, f64_sub, f64_mul, f64_div});
  return types;
}();

}  // namespace

// [M1] The address as the macro assembler wants it; `value` is locked as long as it is used.
CORDON_INLINE inline HeapAddress FuncCompiler::address(Value& value, uint32_t offset) {
  if (value.is(Kind::Const) && value.bits + offset < masm::kDispLimit) {
    return MacroAssembler::constant_address(static_cast<uint32_t>(value.bits + offset));
  }
  return masm_.heap_address(in_reg(value), offset, masm::kScratch);
}

template <ValType kType, unsigned kBytes, bool kSigned>
void FuncCompiler::load(const wasm::immediate::MemArg& operands) {
  Value& value = pop();
  const HeapAddress from = address(value, operands.offset);
  constexpr bool kWhole = kBytes == (kType == ValType::i32 || kType == ValType::f32 ? 4u : 8u);
  if (kWhole && kTakesMemory[next_byte()] == kType && from.index != masm::kScratch) {
    // The index stays locked: the consumer comes at once.
    return push({.kind = Kind::Heap,
                 .type = kType,
                 .reg = static_cast<uint8_t>(from.index),
                 .held = value.held,
                 .index = from.disp,
                 .bits = op_offset_});
  }
  if constexpr (is_float(kType)) {
    release(value);
    const FReg dst = result_freg(kType, nullptr);
    masm_.load(fsize_of(kType), dst, from);
    push_fresult(kType, dst);
  } else {
    const Reg dst = result_reg(kType, &value);
    masm_.load(kBytes, kSigned, size_of(kType), dst, from);
    release(value);
    push_result(kType, dst);
  }
}

template <ValType kType, unsigned kBytes>
void FuncCompiler::store(const wasm::immediate::MemArg& operands) {
  Value &value = pop(), &where = pop();
  const bool narrow = kType == ValType::i32 || kType == ValType::f32;
  const auto constant = narrow ? static_cast<int32_t>(static_cast<uint32_t>(value.bits))
                               : static_cast<int64_t>(value.bits);
  const bool as_constant =
      value.is(Kind::Const) && (kBytes < 8 || constant == static_cast<int32_t>(constant));
  // In a register before the address, whose sum may stand in the scratch register.
  [[maybe_unused]] Reg from = Reg::none;
  [[maybe_unused]] FReg ffrom = FReg::none;
  if (!as_constant) {
    if constexpr (is_float(kType)) {
      ffrom = in_freg(value);
    } else {
      from = in_reg(value);
    }
  }
  const HeapAddress to = address(where, operands.offset);
  if (as_constant) {
    masm_.store(kBytes, to, static_cast<int32_t>(constant));
  } else if constexpr (is_float(kType)) {
    masm_.store(fsize_of(kType), to, ffrom);
  } else {
    masm_.store(kBytes, to, from);
  }
  release(value);
  release(where);
}

#define LOAD(code, ident, text, type, memory, feature)                       \
  void FuncCompiler::ident(const wasm::immediate::MemArg& operands) {        \
    load<ValType::type, sizeof(memory), std::is_signed_v<memory>>(operands); \
  }
#define STORE(code, ident, text, type, memory, feature)               \
  void FuncCompiler::ident(const wasm::immediate::MemArg& operands) { \
    store<ValType::type, sizeof(memory)>(operands);                   \
  }
#define OP(code, ident, text, imm, feature)
#include "core/wasm/opcodes.def"

}  // namespace cordon::jit
