// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trap: a guest's fault, as a value (DESIGN §6). Handlers, host functions and generated code return
// one; Trap::none means success.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/wasm/fault.h"

namespace cordon {

// One enumerator for each row of traps.def; `none` is 0.
enum class Trap : uint8_t {
#define TRAP(name, text) name,
#include "core/abi/traps.def"
};

inline constexpr uint32_t kTrapCount = 0
#define TRAP(name, text) +1
#include "core/abi/traps.def"
    ;
// Only traps below this number can be those of a site of machine code (blob_tables.h).
inline constexpr uint32_t kSiteTraps = 16;
static_assert(kSiteTraps <= kTrapCount &&
              static_cast<uint32_t>(Trap::uncaught_exception) == kSiteTraps);

// The identifier, as in reports. REQUIRES: an enumerator. Static storage.
constexpr std::string_view trap_name(Trap trap) {
  constexpr std::string_view kNames[] = {
#define TRAP(name, text) #name,
#include "core/abi/traps.def"
  };
  return kNames[static_cast<uint8_t>(trap)];
}

// The text for people, the spec tests' own where they have one. REQUIRES: an enumerator. Static
// storage.
constexpr std::string_view trap_text(Trap trap) {
  constexpr std::string_view kTexts[] = {
#define TRAP(name, text) text,
#include "core/abi/traps.def"
  };
  return kTexts[static_cast<uint8_t>(trap)];
}

// The trap of the same name.
constexpr Trap to_trap(wasm::sem::Fault fault) {
  switch (fault) {
    case wasm::sem::Fault::none: return Trap::none;
    case wasm::sem::Fault::integer_divide_by_zero: return Trap::integer_divide_by_zero;
    case wasm::sem::Fault::integer_overflow: return Trap::integer_overflow;
    case wasm::sem::Fault::invalid_conversion_to_integer:
      return Trap::invalid_conversion_to_integer;
  }
  return Trap::none;
}

}  // namespace cordon
