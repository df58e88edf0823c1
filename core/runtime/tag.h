// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tag: what distinguishes exceptions (spec of 3.0 §4.2.9). Its identity is its address. Owned by
// the Store.
#pragma once

#include <cstdint>
#include <string>

#include "core/runtime/func.h"

namespace cordon::runtime {

struct Tag {
  const wasm::FuncType* type = nullptr;        // parameters are the payload; no results
  const wasm::FuncType* slot_types = nullptr;  // the same, one entry a slot
  TypeId type_id{};
  const Store* store = nullptr;
  uint32_t index = 0;  // in the module that defines it
  std::string name;    // of its first export or import there; may be empty, and is untrusted text

  uint32_t slots() const { return static_cast<uint32_t>(slot_types->params.size()); }
};

}  // namespace cordon::runtime
