// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where parameters and results of functions are when generated code calls or is called
// (docs/generated-code.md, section 2). Used by compiler, verifier and runtime.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/abi/registers.h"
#include "core/wasm/types.h"

namespace cordon::abi {

// Whether a value of the type is passed in a float register.
constexpr bool is_float(wasm::ValType type) {
  return type == wasm::ValType::f32 || type == wasm::ValType::f64;
}

// Whether a parameter or a first result of the type is passed in a register, while one is free. A
// vector never is: the host's side of a call has only 64-bit registers.
constexpr bool has_register(wasm::ValType type) { return type != wasm::ValType::v128; }

// Where one parameter is passed.
struct ParamPlace {
  // A general register, a register for floats, or the stack.
  enum class Kind : uint8_t { Int, Float, Stack } kind;
  uint32_t index;  // the register's number, or the slot in the caller's outgoing area
};

// The caller's outgoing area: all results except a first one that has a register, then the
// parameters without a register, each in their order. So a function leaves its results where its
// caller expects them, whatever its parameters are, and a function that ends in a tail call can
// leave them to a callee that has the same results and no more slots.
struct StackUse {
  uint32_t results, params;  // slots
  // Both together, in slots.
  uint32_t total() const { return results + params; }
};

// Slots of the outgoing area for these results, all of a function or the first ones.
constexpr uint32_t result_slots(std::span<const wasm::ValType> results) {
  return wasm::slots_of(results) - (!results.empty() && has_register(results[0]) ? 1 : 0);
}
// The index of the first result without a register: it and all later ones are in memory.
constexpr uint32_t first_in_memory(std::span<const wasm::ValType> results) {
  return !results.empty() && has_register(results[0]) ? 1 : 0;
}

// The places of a function's parameters, in order.
class ParamPlaces {
 public:
  // Starts before the first parameter. Stack parameters follow the results of the same function.
  explicit ParamPlaces(const wasm::FuncType& type) : stack_(result_slots(type.results)) {}

  // The place of the next parameter. Registers first, by kind; the rest goes onto the
  // stack.
  constexpr ParamPlace next(wasm::ValType type) {
    if (is_float(type)) {
      if (floats_ < kFloatParams.size()) return {ParamPlace::Kind::Float, kFloatParams[floats_++]};
    } else if (has_register(type) && ints_ < kIntParams.size()) {
      return {ParamPlace::Kind::Int, kIntParams[ints_++]};
    }
    const uint32_t slot = stack_;
    stack_ += wasm::slots_of(type);
    return {ParamPlace::Kind::Stack, slot};
  }
  // Slots of the outgoing area for the results and the parameters returned so far.
  constexpr uint32_t stack_slots() const { return stack_; }

 private:
  uint32_t ints_ = 0, floats_ = 0, stack_;
};

// The slots of a function's results from first_in_memory() on, in order.
class ResultPlaces {
 public:
  // The first slot of the next result.
  constexpr uint32_t next(wasm::ValType type) {
    const uint32_t slot = next_;
    next_ += wasm::slots_of(type);
    return slot;
  }

 private:
  uint32_t next_ = 0;
};

// Goes over all parameters and results of `type`.
inline StackUse stack_use(const wasm::FuncType& type) {
  const uint32_t results = result_slots(type.results);
  ParamPlaces places(type);
  for (const wasm::ValType param : type.params) places.next(param);
  return {results, places.stack_slots() - results};
}

// The slots that a call of a function of `type` makes room for, in a module that has this
// ValidatedModule::tail_window().
inline uint32_t window_slots(const wasm::FuncType& type, uint32_t tail_window) {
  return std::max(stack_use(type).total(), tail_window);
}

}  // namespace cordon::abi
