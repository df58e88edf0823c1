// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CallShapes: the data about each function type of a module that a call needs
// (core/abi/convention.h), computed once and used by every call.
#pragma once

#include <cstdint>
#include <vector>

#include "core/abi/convention.h"
#include "core/wasm/module.h"

namespace cordon::jit {

// What a call of one function type needs. Slots are 8 bytes; registers are bits by number.
struct CallShape {
  uint32_t params_u32 = 0;  // registers of parameters that are i32
  uint32_t outgoing = 0;    // slots of results and parameters
};

// Goes over all parameters and results; CallShapes keeps what it finds.
inline CallShape call_shape(const wasm::FuncType& type) {
  CallShape shape;
  abi::ParamPlaces places(type);
  for (const wasm::ValType param : type.params) {
    const abi::ParamPlace place = places.next(param);
    const bool in_register = place.kind == abi::ParamPlace::Kind::Int;
    if (in_register && param == wasm::ValType::i32) shape.params_u32 |= uint32_t{1} << place.index;
  }
  shape.outgoing = places.stack_slots();
  return shape;
}

// A copy of all shapes of a module; it does not refer to the module.
class CallShapes {
 public:
  // One shape for each of the module's types, in their order.
  explicit CallShapes(const wasm::Module& module) {
    shapes_.reserve(module.types.size());
    for (const wasm::FuncType& type : module.types) shapes_.push_back(call_shape(type));
  }
  // REQUIRES: a type of the module. Valid as long as this.
  const CallShape& operator[](wasm::TypeIdx type) const { return shapes_[type.value]; }

 private:
  std::vector<CallShape> shapes_;
};

}  // namespace cordon::jit
