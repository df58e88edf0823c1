// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads and stores of FuncCompiler. A load whose only consumer follows at once is left to that
// one's memory operand.
#include "core/jit/baseline/func_compiler_inl.h"
#include "core/jit/masm/heap_inl.h"
#include "core/wasm/signature.h"

namespace cordon::jit {

using masm::HeapAddress;
using masm::MacroAssembler;
using wasm::OpKind;

namespace {

constexpr bool takes_memory(OpKind kind, ValType type) {
  return kind == OpKind::Arithmetic || kind == OpKind::Bitwise ||
         (kind == OpKind::Comparison && !is_float(type));
}

// By opcode the type of the right operand, where that may be taken from memory; ValType{} is none.
constexpr auto kTakesMemory = [] {
  std::array<ValType, 256> types{};
#define PURE(code, ident, text, sig, feature, kind, effect)               \
  if constexpr (code < 256) {                                             \
    const ValType type = wasm::parse_signature(sig).param_types().back(); \
    if (takes_memory(OpKind::kind, type)) types[code] = type;             \
  }
#include "core/wasm/opcodes.def"
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
#define OP(code, ident, text, imm, feature, kind, effect)
#include "core/wasm/opcodes.def"

}  // namespace cordon::jit
