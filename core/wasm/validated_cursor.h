// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ValidatedCursor: reads the body of a function that passed validation, for a compiler's passes.
// Validation checked what Cursor checks, and the bytes cannot have changed since, so no read is
// checked again and none can fail. It is made from a ValidatedFunc alone, which only validation
// makes.
#pragma once

#include <cstring>
#include <string_view>

#include "core/base/check.h"
#include "core/wasm/validated.h"

namespace cordon::wasm {

// A view with the part of Cursor's interface that decode_op.h uses, without its checks.
class ValidatedCursor {
 public:
  static constexpr bool kChecked = false;

  // `func` belongs to `module`, which outlives this.
  ValidatedCursor(const Module& module, const ValidatedFunc& func)
      : position_(module.bytes().data() + func.body().code.offset),
        end_(position_ + func.body().code.size),
        origin_(module.bytes().data()) {}

  // No read fails, so a caller's check of ok() is compiled away. at_end(): after the final `end`.
  static constexpr bool ok() { return true; }
  bool at_end() const { return position_ == end_; }
  // Offset of the next byte in the module.
  uint32_t offset() const { return static_cast<uint32_t>(position_ - origin_); }
  const uint8_t* position() const { return position_; }
  static constexpr bool is_end(const uint8_t*) { return false; }
  static bool is_short(const uint8_t* position) { return *position < 0x80; }
  void move_to(const uint8_t* position) { position_ = position; }
  uint32_t offset_of(const uint8_t* position) const {
    return static_cast<uint32_t>(position - origin_);
  }

  // Reads as those of Cursor. REQUIRES of all: not at_end().
  uint8_t u8() { return *position_++; }
  uint8_t peek() const { return *position_; }

  // LEB128 numbers, floats as bits, and the length of a vector, as Cursor reads them (spec §5.2).
  // Validation has seen their encoding and their bounds. REQUIRES of all: not at_end().
  [[gnu::always_inline]] uint32_t u32() {
    const uint8_t byte = *position_;
    if (byte < 0x80) [[likely]] {
      ++position_;
      return byte;
    }
    return static_cast<uint32_t>(unsigned_leb());
  }
  [[gnu::always_inline]] int32_t s32() { return static_cast<int32_t>(s64()); }
  int64_t s33() { return s64(); }
  [[gnu::always_inline]] int64_t s64() {
    const uint8_t byte = *position_;
    if (byte < 0x80) [[likely]] {
      ++position_;
      return static_cast<int32_t>(uint32_t{byte} << 25) >> 25;
    }
    return signed_leb();
  }
  void skip_leb() {
    while (*position_++ >= 0x80) {
    }
  }
  uint32_t f32_bits() { return bits<uint32_t>(); }
  uint64_t f64_bits() { return bits<uint64_t>(); }
  V128 v128_bits() { return bits<V128>(); }
  uint32_t count(std::string_view, uint32_t) { return u32(); }

  // Never called for a failure: reads cannot fail.
  template <class... Args>
  [[noreturn]] void fail(const Args&...) {
    CHECK(false);
    __builtin_unreachable();
  }

 private:
  uint64_t unsigned_leb() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const uint8_t byte = *position_++;
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  int64_t signed_leb() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const uint8_t byte = *position_++;
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte >= 0x80) continue;
      const unsigned unused = shift > 57 ? 0 : 57 - shift;
      return static_cast<int64_t>(value << unused) >> unused;
    }
  }
  template <class Bits>
  Bits bits() {
    Bits value;
    std::memcpy(&value, position_, sizeof value);
    position_ += sizeof value;
    return value;
  }

  const uint8_t* position_;
  const uint8_t* end_;
  const uint8_t* origin_;
};

// The functions that decode_op.h calls on a cursor, for validated bytes: types are read without a
// check, and every feature is considered on.
inline ValType read_value_type(ValidatedCursor& in, Features) { return val_type_of(in.u8()); }
inline ValType read_ref_type(ValidatedCursor& in, Features) { return val_type_of(in.u8()); }
inline ValType read_heap_type(ValidatedCursor& in, Features) { return val_type_of(in.u8()); }
inline void fail_feature_off(ValidatedCursor& in, uint32_t, Feature) { in.fail(); }

}  // namespace cordon::wasm
