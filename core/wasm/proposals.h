// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of WebAssembly that Cordon lacks, by their proposals' names. Decoder and validator call
// fail_unknown() for a code without a row: a code of a proposal is refused by the proposal's name,
// with advice to the author, and any other one as malformed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace cordon::wasm {

// The place in a binary (spec §5) of a code that identifies a proposal.
enum class MarkPlace : uint8_t {
  Section,      // its id
  TypeForm,     // first byte of a type in the type section
  ValueType,    // a value type, reference type or block type
  HeapType,     // its first byte, of ref.null
  TableForm,    // first byte of a table in the table section
  TableFlags,   // of the limits of a table
  MemoryFlags,  // of the limits of a memory
  ExternKind,   // of an import or export
  Opcode,       // the byte, or prefix << 16 | number
};

namespace diag {

#define PROPOSAL(ident, klass, text, advice, marks) \
  inline constexpr DiagnosticKind lacks_##ident{    \
      DiagnosticClass::klass, "lacks_" #ident,      \
      "uses " text " ({}){at}, which Cordon does not support; " advice};
#include "core/wasm/proposals.def"

}  // namespace diag

// The refusal by the missing proposal to which a code belongs, with the code's meaning in `what`;
// null if it belongs to none.
const DiagnosticKind* lacked_proposal(MarkPlace place, uint32_t code, std::string_view& what);

// Refuses a code at `offset` that has no row: by the name of its proposal if it belongs to one,
// otherwise as `malformed` with `detail`. `In` is a Cursor or a ValidatedCursor.
template <class In>
void fail_unknown(In& in, MarkPlace place, uint32_t code, uint32_t offset,
                  const DiagnosticKind& malformed, std::string detail) {
  std::string_view what;
  if (const DiagnosticKind* lacked = lacked_proposal(place, code, what)) {
    in.fail(*lacked, offset, std::string(what));
  } else {
    in.fail(malformed, offset, std::move(detail));
  }
}

}  // namespace cordon::wasm
