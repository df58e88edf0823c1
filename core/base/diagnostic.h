// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A Diagnostic gives the reason for which an input was refused or an OS call failed. Each layer
// keeps its texts in a table (diagnostics.def beside this file and in core/wasm, ...), expanded to
// constants of DiagnosticKind; a Diagnostic points at one of them and adds offset and detail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

// The kind of refusal, in the order of a run. The command line maps it to an exit status.
enum class DiagnosticClass : uint8_t {
  Malformed,    // the binary format is violated (spec §5)
  Invalid,      // the module decodes but does not validate (spec §3)
  Unlinkable,   // an import does not match (spec §4.5.4)
  Limit,        // within the specification, beyond one of our limits (DESIGN [L1])
  Unsupported,  // a feature that is off or not built
  Usage,        // the caller requested something impossible
  Os,           // a system call failed
};

// One row of a diagnostics.def. Constants with static storage, so that a pointer to one never
// dangles, and two rows differ by their addresses.
struct DiagnosticKind {
  DiagnosticClass klass;
  std::string_view name;  // the identifier in the table
  std::string_view text;  // "{}" becomes detail, "{at}" " at offset 0x..", else both go last
};

inline constexpr uint64_t kNoOffset = ~uint64_t{0};

// One failure. Owns its detail; `kind` is never null.
struct Diagnostic {
  const DiagnosticKind* kind;
  uint64_t offset = kNoOffset;  // byte offset in the input, where one is known
  int os_error = 0;             // errno, for DiagnosticClass::Os
  std::string detail = {};      // replaces "{}" in the text: a name, a number with its limit

  // "unexpected end of section at offset 0x1f" or "openat2 /x: Permission denied".
  std::string message() const;
};

}  // namespace cordon
