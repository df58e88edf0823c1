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

// Whether a parameter or a first result of the type is passed in a register, as long as there is
// one. A vector never is: the host's side of a call knows registers of 64 bits alone.
constexpr bool has_register(wasm::ValType type) { return type != wasm::ValType::v128; }

// Where one parameter is passed.
struct ParamPlace {
  // A general register, a register for floats, or the stack.
  enum class Kind : uint8_t { Int, Float, Stack } kind;
  uint32_t index;  // the register's number, or the slot in the caller's outgoing area
};

// The caller's outgoing area: results but a first one that has a register, then the parameters that
// have none, each in their order. So a function leaves its results where its caller looks for them,
// whatever parameters the function has that computes them: one that it ends in a call of need only
// have the same results and no more slots.
struct StackUse {
  uint32_t results, params;  // slots
  // Both together, in slots.
  uint32_t total() const { return results + params; }
};

// Slots that these results, all of a function or the first ones, take of the outgoing area.
constexpr uint32_t result_slots(std::span<const wasm::ValType> results) {
  return wasm::slots_of(results) - (!results.empty() && has_register(results[0]) ? 1 : 0);
}
// The number of the first result that has no register: of all from there on.
constexpr uint32_t first_in_memory(std::span<const wasm::ValType> results) {
  return !results.empty() && has_register(results[0]) ? 1 : 0;
}

// The places of a function's parameters, asked for in their order.
class ParamPlaces {
 public:
  // None is asked for yet. Stack parameters come after the results of the same function.
  explicit ParamPlaces(const wasm::FuncType& type) : stack_(result_slots(type.results)) {}

  // The place of the next parameter. Registers first, by kind; what no register is left for goes
  // onto the stack.
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
  // Slots of the outgoing area that the results and the parameters asked for so far take.
  constexpr uint32_t stack_slots() const { return stack_; }

 private:
  uint32_t ints_ = 0, floats_ = 0, stack_;
};

// The slots of a function's results from first_in_memory() on, asked for in their order.
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

}  // namespace cordon::abi
