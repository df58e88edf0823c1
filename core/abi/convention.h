// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where parameters and results of functions stand when generated code calls or is called
// (docs/generated-code.md, section 2). Compiler, verifier and runtime ask here.
#pragma once

#include <cstdint>
#include <span>

#include "core/abi/registers.h"
#include "core/wasm/types.h"

namespace cordon::abi {

// Whether a value of the type travels in a register for floats.
constexpr bool is_float(wasm::ValType type) {
  return type == wasm::ValType::f32 || type == wasm::ValType::f64;
}

// Where one parameter is passed.
struct ParamPlace {
  // A general register, a register for floats, or the stack.
  enum class Kind : uint8_t { Int, Float, Stack } kind;
  uint32_t index;  // the register's number, or the slot in the caller's outgoing area
};

// The places of a function's parameters, asked for in their order.
class ParamPlaces {
 public:
  // The place of the next parameter. Registers first, by kind; what no register is left for goes
  // onto the stack.
  constexpr ParamPlace next(wasm::ValType type) {
    if (is_float(type)) {
      if (floats_ < kFloatParams.size()) return {ParamPlace::Kind::Float, kFloatParams[floats_++]};
    } else if (ints_ < kIntParams.size()) {
      return {ParamPlace::Kind::Int, kIntParams[ints_++]};
    }
    const uint32_t slot = stack_;
    stack_ += wasm::slots_of(type);
    return {ParamPlace::Kind::Stack, slot};
  }
  // Slots that the parameters asked for so far take.
  constexpr uint32_t stack_slots() const { return stack_; }

 private:
  uint32_t ints_ = 0, floats_ = 0, stack_ = 0;
};

// Slots of the caller's outgoing area that a call takes: stack parameters, then results but the
// first, in their order.
struct StackUse {
  uint32_t params, results;
  // Slots of 8 bytes.
  uint32_t total() const { return params + results; }
};
inline StackUse stack_use(const wasm::FuncType& type) {
  ParamPlaces places;
  for (const wasm::ValType param : type.params) places.next(param);
  const std::span results(type.results);
  return {places.stack_slots(), wasm::slots_of(results.subspan(results.empty() ? 0 : 1))};
}

}  // namespace cordon::abi
