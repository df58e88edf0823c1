// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Features: the proposals beyond WebAssembly 1.0 that a module may use. Each row of opcodes.def
// names the one it needs; the decoder checks it before it accepts the instruction.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::wasm {

// One enumerator for each row of features.def; its value is its bit in Features.
enum class Feature : uint8_t {
#define FEATURE(ident, text, engines) ident,
#include "core/wasm/features.def"
  kCount,
};

// The proposal's name, as messages and the command line spell it. Static storage.
constexpr std::string_view name_of(Feature feature) {
  constexpr std::string_view kNames[] = {
#define FEATURE(ident, text, engines) text,
#include "core/wasm/features.def"
  };
  return kNames[static_cast<uint8_t>(feature)];
}

// Which engines have a feature, from the table's column: each, or all but the compiler.
enum class Engines : uint8_t { All, Interp };

// A set of features; a value of 4 bytes.
class Features {
 public:
  // WebAssembly 2.0, extended constant expressions, relaxed SIMD, tail calls, and exceptions
  // in both encodings.
  static constexpr Features all() {
    return Features((1U << static_cast<unsigned>(Feature::kCount)) - 1);
  }
  static constexpr Features mvp() { return Features(1U); }
  // The features that the compiler has.
  static constexpr Features compiled() {
    uint32_t bits = 0;
#define FEATURE(ident, text, engines) \
  if (Engines::engines == Engines::All) bits |= 1U << static_cast<unsigned>(Feature::ident);
#include "core/wasm/features.def"
    return Features(bits);
  }

  // Whether the feature is on, and the same set with the feature on or off.
  constexpr bool has(Feature feature) const {
    return (bits_ >> static_cast<unsigned>(feature)) & 1U;
  }
  constexpr Features with(Feature feature) const {
    return Features(bits_ | 1U << static_cast<unsigned>(feature));
  }
  // The features that are in both.
  constexpr Features operator&(Features other) const { return Features(bits_ & other.bits_); }
  constexpr bool operator==(const Features&) const = default;
  constexpr Features without(Feature feature) const {
    return Features(bits_ & ~(1U << static_cast<unsigned>(feature)));
  }

 private:
  explicit constexpr Features(uint32_t bits) : bits_(bits) {}
  uint32_t bits_;
};

}  // namespace cordon::wasm
