// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// VmContext: the part of its instance that generated code sees, through the context register, and
// the two structures that it points to: a table and a function. Compiler, verifier and runtime take
// offsets from here and nowhere else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cordon::abi {

// How generated code may access a field; vmctx.def explains each value.
enum class Access : uint8_t { Host, Read, ReadWrite };

// One enumerator for each row of builtins.def; its value is its place in VmContext::builtins.
enum class Builtin : uint8_t {
#define BUILTIN(name, signature) name,
#include "core/abi/builtins.def"
};

// A row of builtins.def, whose letters are explained there. Static storage.
struct BuiltinRow {
  std::string_view name, signature;
};
inline constexpr std::array kBuiltins = {
#define BUILTIN(name, signature) BuiltinRow{#name, signature},
#include "core/abi/builtins.def"
};

struct FuncView;

// The fixed part of an instance's context: the fields of vmctx.def, then the addresses of the
// builtins.
struct VmContext {
#define FIELD(name, type, access) type name;
#include "core/abi/vmctx.def"
  const void* builtins[kBuiltins.size()];
  // The part that module_plan.h lays out begins here.
};

// A field's place in VmContext, in bytes.
struct FieldRow {
  std::string_view name;
  uint32_t offset, width;
  Access access;
};
inline constexpr std::array kVmFields = {
#define FIELD(name, type, access) \
  FieldRow{#name, offsetof(VmContext, name), sizeof(type), Access::access},
#include "core/abi/vmctx.def"
};

// Whether the fields follow each other without padding up to the builtins.
consteval bool fields_have_no_gaps() {
  uint32_t at = 0;
  for (const FieldRow& field : kVmFields) {
    if (field.offset != at) return false;
    at += field.width;
  }
  return at == offsetof(VmContext, builtins);
}
static_assert(fields_have_no_gaps());

// Offset of the builtin's address in the context, in bytes.
constexpr uint32_t offset_of(Builtin builtin) {
  return static_cast<uint32_t>(offsetof(VmContext, builtins) +
                               sizeof(void*) * static_cast<size_t>(builtin));
}

// A table as call_indirect sees it: `size` elements, each a FuncView* or null. The context holds
// its address, so a table may grow and move.
struct TableView {
  uint64_t* elements;
  uint32_t size;
};

// A function as call_indirect sees it; the first member of runtime::Func. `entry` is its code
// if `context` is that of its instance. A function without code (of the host) has null for
// both.
struct FuncView {
  const void* entry;
  VmContext* context;
  uint32_t type_id;
};

}  // namespace cordon::abi
