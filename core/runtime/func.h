// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Func: a function instance (spec §4.2.5), of a module or of the host. A reference to it, in a
// slot, table or global of the runtime, is its address; null is zero. Native code holds a handle in
// its place (references.h). Owned by the Store, never moves.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/abi/vmctx.h"
#include "core/runtime/host_func.h"
#include "core/wasm/side_table.h"
#include "core/wasm/validated.h"

namespace cordon::runtime {

class Store;

// Canonical number of a function type in a Store: two functions have equal types exactly if these
// are equal.
enum class TypeId : uint32_t {};

// Lives as long as its Store, at one address.
struct Func {
  // What generated code sees of it, at the address of the Func; without native code both pointers
  // are null.
  abi::FuncView view{};
  const wasm::FuncType* type = nullptr;
  const wasm::FuncType* slot_types = nullptr;  // `type` with each v128 twice: one entry a slot
  const wasm::ValidatedFunc* code = nullptr;   // null for a host function
  HostFn host = nullptr;
  void* host_env = nullptr;
  Store* store = nullptr;

  // The data that a call by the interpreter needs is in one cache line, from here on; it is derived
  // from `code`: first instruction, the final `end`, its side table, the bytes that a call of it
  // takes (its frame and the return address) and those that must be free for it (abi/frame.h), and
  // the fuel of entering it. A function with native code needs more than is ever free, so that the
  // interpreter need not ask whether it has any.
  alignas(64) Instance* instance = nullptr;  // null for a host function
  const uint8_t* pc = nullptr;
  const uint8_t* last = nullptr;
  const wasm::SideEntry* side = nullptr;
  TypeId type_id{};
  uint32_t params = 0, results = 0;  // slots
  uint32_t locals = 0;               // the same
  uint32_t call_bytes = 0, checked_bytes = 0;
  uint32_t entry_fuel = 0;
  uint32_t index = 0;             // in the index space of its module
  bool takes_references = false;  // or gives them

  static constexpr uint32_t kNotInterpreted = UINT32_MAX;
  // This many bytes after `last` can be read: the interpreter looks ahead. A body that ends too
  // near the module's end is run from a copy, and so is one that moves vectors (vector_code.h).
  static constexpr size_t kReadAhead = 8;

  // Offset in the module of the byte at `at`, which is in [pc, last]. The beginning of a copy
  // counts as the first instruction.
  uint64_t module_offset(const uint8_t* at) const {
    const wasm::ByteRange& body = code->body().code;
    return std::max<int64_t>(body.offset, int64_t{body.end()} - 1 - (last - at));
  }
  bool is_host() const { return code == nullptr; }
  bool is_native() const { return view.entry != nullptr; }
};
static_assert(std::is_standard_layout_v<Func> && offsetof(Func, view) == 0);

}  // namespace cordon::runtime
