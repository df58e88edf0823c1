// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/catching.h"

#include "core/runtime/instance.h"
#include "core/wasm/op.h"
#include "core/wasm/validated_cursor.h"

namespace cordon::runtime {
namespace {

using wasm::Op;

Op op_at(const wasm::Module& module, uint32_t offset) {
  return static_cast<Op>(module.bytes()[offset]);
}

// Reads the immediates after the opcode at `offset`.
wasm::ValidatedCursor behind(const Func& func, const wasm::Module& module, uint32_t offset) {
  wasm::ValidatedCursor cursor(module, *func.code);
  cursor.move_to(module.bytes().data() + offset + 1);
  return cursor;
}

bool is_of(const Exception& exception, const Func& func, uint32_t tag) {
  return func.instance->tags[tag] == exception.tag;
}

// The clause of the try_table at found.owner, whose first has found.entry. The first is paid for.
bool search_clauses(const Func& func, const wasm::Module& module, const Exception& exception,
                    Catcher& found, int64_t& fuel) {
  wasm::ValidatedCursor at = behind(func, module, found.owner);
  at.skip_leb();  // block type
  const uint32_t clauses = at.u32();
  for (; found.clause != clauses; ++found.clause, ++found.entry) {
    if (found.clause != 0 && --fuel < 0) return false;
    const uint8_t kind = at.u8();
    found.has_tag = kind < 2;
    found.gives_ref = (kind & 1) != 0;
    if (!found.has_tag || is_of(exception, func, at.u32())) return true;
    at.skip_leb();  // label
  }
  return false;
}

}  // namespace

std::optional<Catcher> find_catcher(const Func& func, uint32_t offset, const Exception& exception,
                                    int64_t& fuel) {
  const wasm::Module& module = func.instance->module->module();
  for (const wasm::SideEntry& each : func.code->handlers()) {
    if (fuel < 0 || --fuel < 0) break;
    const wasm::HandlerEntry& handler = each.handler;
    if (offset < handler.begin || offset >= handler.end) continue;
    const Op op = op_at(module, handler.owner);
    if (op == Op::delegate) {
      offset = handler.entry;
      continue;
    }
    Catcher found{.owner = handler.owner, .entry = func.side + handler.entry};
    if (op == Op::try_table) {
      ++found.entry;
      if (search_clauses(func, module, exception, found, fuel)) return found;
      continue;
    }
    found.is_legacy = true;
    found.has_tag = op == Op::catch_;
    if (!found.has_tag || is_of(exception, func, behind(func, module, handler.owner).u32())) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace cordon::runtime
