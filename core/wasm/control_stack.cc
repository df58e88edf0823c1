// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/control_stack.h"

#include <array>

#include "core/base/check.h"

namespace cordon::wasm {

namespace {

// Element b is the type of byte b, so that one value type can be a list.
constexpr auto kTypeOfByte = [] {
  std::array<ValType, 128> types{};
  for (size_t byte = 0; byte < types.size(); ++byte) {
    types[byte] = val_type_of(static_cast<uint8_t>(byte));
  }
  return types;
}();

}  // namespace

BlockTypes types_of(const BlockType& type, const Module& module) {
  switch (type.kind) {
    case BlockType::Kind::Empty: return {};
    case BlockType::Kind::Value: {
      const ValType& listed = kTypeOfByte[kind_of(type.value) & 127];
      CHECK(listed == type.value);
      return {{}, {&listed, 1}};
    }
    case BlockType::Kind::Func: break;
  }
  const FuncType& func = module.types[type.type.value];
  return {func.params, func.results};
}

}  // namespace cordon::wasm
