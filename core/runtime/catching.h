// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which clause of a function catches an exception (spec of 3.0 §4.6.6, and the legacy encoding):
// one search for all engines, by what validation has noted (wasm/side_table.h). So they agree on
// who catches and on what the search costs ([D1]), and machine code has no say in either.
#pragma once

#include <cstdint>
#include <optional>

#include "core/runtime/exceptions.h"
#include "core/wasm/side_table.h"

namespace cordon::runtime {

struct Func;

// A clause that catches. `entry` is in the function's side table: the clause's own.
struct Catcher {
  uint32_t owner = 0;   // offset in the module of the try_table, catch or catch_all
  uint32_t clause = 0;  // which one of the try_table; else 0
  const wasm::SideEntry* entry = nullptr;
  bool has_tag = false;    // it gives the payload
  bool gives_ref = false;  // and the reference, to the label of a try_table
  bool is_legacy = false;  // the reference goes to a local that only `rethrow` reads

  // Whether a reference of the exception is given at all.
  bool keeps() const { return gives_ref || is_legacy; }
  // What it takes of an exception with this tag, in slots: payload, then reference.
  uint32_t slots(const Tag& tag) const { return (has_tag ? tag.slots() : 0) + (keeps() ? 1 : 0); }
};

// The innermost clause of `func` that catches `exception`, which comes from the instruction at
// `offset` of its module. Takes from `fuel` one for each handler that is looked at, and one for
// each clause of a try_table after its first. [L1] The search ends, with nothing, when fuel is
// below zero: it never does more work than was paid for. REQUIRES: `func` has a body, and the
// offset lies in it.
std::optional<Catcher> find_catcher(const Func& func, uint32_t offset, const Exception& exception,
                                    int64_t& fuel);

}  // namespace cordon::runtime
