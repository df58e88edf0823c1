// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory rows of Compiler. A load whose only consumer follows at once becomes that one's memory
// operand.
#include "core/jit/baseline/address_inl.h"
#include "core/jit/baseline/compiler.h"
#include "core/jit/masm/heap_inl.h"
#include "core/wasm/signature.h"

namespace cordon::jit::baseline {

using abi::Builtin;
using masm::HeapAddress;
using masm::MacroAssembler;
using wasm::OpKind;

namespace {

constexpr bool takes_memory(OpKind kind, ValType type) {
  return kind == OpKind::Arithmetic || kind == OpKind::Bitwise ||
         (kind == OpKind::Comparison && !is_float(type));
}

// By opcode the type of the right operand, if that may be in memory; otherwise ValType{}.
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

template <ValType kType, unsigned kBytes, bool kSigned>
void Compiler::load(const wasm::immediate::MemArg& operands) {
  using R = std::conditional_t<is_float(kType), FReg, Reg>;
  Value& value = operands_.pop();
  const HeapAddress from = address(value, operands.offset);
  constexpr bool kWhole = kBytes == (is_narrow(kType) ? 4u : 8u);
  if (kWhole && kTakesMemory[position_.next_byte()] == kType && from.index != masm::kScratch) {
    // The index stays locked: the consumer comes at once.
    return operands_.push({.kind = Kind::Heap,
                           .type = kType,
                           .reg = static_cast<uint8_t>(from.index),
                           .held = value.held,
                           .index = from.disp,
                           .bits = position_.offset()});
  }
  const R dst = operands_.result<R>(kType, is_float(kType) ? nullptr : &value);
  if constexpr (is_float(kType)) {
    masm_.load(size_of<R>(kType), dst, from);
  } else {
    masm_.load(kBytes, kSigned, size_of<R>(kType), dst, from);
  }
  operands_.release(value);
  operands_.push_result(kType, dst);
}

template <ValType kType, unsigned kBytes>
void Compiler::store(const wasm::immediate::MemArg& operands) {
  using R = std::conditional_t<is_float(kType), FReg, Reg>;
  Value &value = operands_.pop(), &where = operands_.pop();
  const int64_t constant = as_immediate(value);
  if (value.is(Kind::Const) && (kBytes < 8 || constant == static_cast<int32_t>(constant))) {
    masm_.store(kBytes, address(where, operands.offset), static_cast<int32_t>(constant));
    return operands_.release(where);
  }
  // In a register before the address, whose sum may be in the scratch register.
  const R from = operands_.in<R>(value);
  const HeapAddress to = address(where, operands.offset);
  if constexpr (is_float(kType)) {
    masm_.store(size_of<R>(kType), to, from);
  } else {
    masm_.store(kBytes, to, from);
  }
  operands_.release(value);
  operands_.release(where);
}

#define LOAD(code, ident, text, type, memory, feature)                       \
  void Compiler::ident(const wasm::immediate::MemArg& operands) {            \
    load<ValType::type, sizeof(memory), std::is_signed_v<memory>>(operands); \
  }
#define STORE(code, ident, text, type, memory, feature)           \
  void Compiler::ident(const wasm::immediate::MemArg& operands) { \
    store<ValType::type, sizeof(memory)>(operands);               \
  }
#define OP(code, ident, text, imm, feature, kind, effect)
#include "core/wasm/opcodes.def"

// Memory instructions of the runtime, and the size.

void Compiler::memory_size(const wasm::immediate::Memory&) {
  const Reg r = operands_.result<Reg>(ValType::i32);
  masm_.load_context(Size::S32, r, offsetof(abi::VmContext, memory_pages));
  operands_.push_result(ValType::i32, r);
}
void Compiler::memory_grow(const wasm::immediate::Memory&) {
  calls_.call(Builtin::memory_grow, {}, 1, ValType::i32);
}
void Compiler::memory_copy(const wasm::immediate::MemoryCopy&) {
  calls_.call(Builtin::memory_copy, {}, 3);
}
void Compiler::memory_fill(const wasm::immediate::Memory&) {
  calls_.call(Builtin::memory_fill, {}, 3);
}
void Compiler::memory_init(const wasm::immediate::MemoryInit& operands) {
  calls_.call(Builtin::memory_init, {operands.data.value}, 3);
}
void Compiler::data_drop(const wasm::immediate::Data& operands) {
  calls_.call(Builtin::data_drop, {operands.data.value}, 0);
}

}  // namespace cordon::jit::baseline
