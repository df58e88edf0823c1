// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instance: a module instance (spec §4.2.3). Index spaces are flat arrays of pointers to what the
// Store owns, imports first, so that `call 7` is `funcs[7]`. Made by engine/instantiate; owned by
// the Store, never moves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/runtime/code/space.h"
#include "core/runtime/func.h"
#include "core/runtime/guest_stack.h"
#include "core/runtime/instance_context.h"
#include "core/runtime/memory.h"
#include "core/runtime/references.h"
#include "core/runtime/slice_end.h"
#include "core/runtime/table.h"
#include "core/runtime/tag.h"
#include "core/wasm/validated.h"

namespace cordon::runtime {

class Execution;
class Store;

// A global instance (spec §4.2.9). The cell is a slot: i32 and f32 in its low half, the upper half
// zero. The cell of a v128 is the first of its two slots.
struct Global {
  wasm::GlobalType type;
  uint64_t* cell;
  const Store* store;
};

using Extern = std::variant<Func*, Table*, Memory*, Global*, Tag*>;

// Runs a function that has no native code, as interp::invoke does.
using Interpret = Trap (*)(Execution& execution, Func& func, const uint64_t* args,
                           uint64_t* results);

// Fields are filled in by engine/instantiate and not changed afterwards, except dropped segments,
// references and the contents of `context`.
struct Instance {
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Store* store = nullptr;
  std::shared_ptr<const wasm::ValidatedModule> module;
  std::vector<TypeId> type_ids;  // of the module's types
  std::vector<Func*> funcs;
  std::vector<Table*> tables;
  std::vector<Memory*> memories;
  std::vector<Global*> globals;
  std::vector<Tag*> tags;
  std::vector<uint64_t*> global_cells;  // globals[i]->cell

  // Segments for memory.init and table.init; empty once dropped (spec §4.2.10, §4.2.11).
  std::vector<ByteSpan> datas;
  std::vector<std::vector<uint64_t>> elems;

  // It holds the module's own globals; the rest of it is for native code.
  std::optional<InstanceContext> context;
  std::shared_ptr<const CodeSpace> code;  // null: interpreted
  uint32_t units_taken = 0;               // of `code`, whose functions run (code/entries.h)
  std::optional<GuestStack> stack;        // of native code
  References references{*this};           // the same
  Interpret interpret = nullptr;          // set before another instance's native code may call it
  std::shared_ptr<SliceEnd> on_slice;     // of interpreted code; null: nothing happens then

  // Null if the module has no memory.
  Memory* memory0() const { return memories.empty() ? nullptr : memories[0]; }
  // Element `index` of the index space of `kind`; validation has accepted the index.
  Extern extern_at(wasm::ExternKind kind, uint32_t index) const;
  // Nothing if there is no export of that name.
  std::optional<Extern> find_export(std::string_view name) const;
};

}  // namespace cordon::runtime
