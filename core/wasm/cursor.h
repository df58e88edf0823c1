// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cursor: the only reader of a module's bytes. Decoder, validator, name section and printer read
// through it; nothing else indexes into them (the interpreter does, after validation).
//
// It never reads outside of its range. Errors stick: the first one is kept with its offset, and
// after it the cursor is at its end and every read gives zero. So a caller may read several items
// and check once, if it uses none of them as a size or an index before the check, and if every loop
// ends when ok() is false.
//
//     Cursor cursor(module.bytes(), body.code);
//     while (cursor.ok() && !cursor.at_end()) { ... cursor.u8() ... cursor.u32() ... }
//     if (!cursor.ok()) return cursor.failure();
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "core/base/result.h"
#include "core/wasm/diagnostics.h"
#include "core/wasm/v128.h"

namespace cordon::wasm {

// [offset, offset + size) of a module's bytes.
struct ByteRange {
  uint32_t offset = 0;
  uint32_t size = 0;
  // One past the last byte; never wraps, since a module has at most kMaxModuleSize bytes.
  constexpr uint32_t end() const { return offset + size; }
  bool operator==(const ByteRange&) const = default;
};

// A view of the module's bytes, which must outlive it. Copies read on independently.
class Cursor {
 public:
  static constexpr bool kChecked = true;

  // All of `module`, which is at most kMaxModuleSize long.
  explicit Cursor(ByteSpan module);
  // A range of `module`; offsets still count from the module's first byte.
  Cursor(ByteSpan module, ByteRange range);

  // Whether no read has failed so far.
  bool ok() const { return error_ == nullptr; }
  // Whether every byte of the range was read; also true after an error.
  bool at_end() const { return position_ == end_; }
  // Offset of the next byte in the module.
  uint32_t offset() const { return static_cast<uint32_t>(position_ - origin_); }
  uint32_t remaining() const { return static_cast<uint32_t>(end_ - position_); }
  // The address of the next byte, for tables of distances and for callers that read ahead
  // themselves: they may read a byte if is_end() is false for its position, and move_to() moves the
  // cursor past the bytes that they have read.
  const uint8_t* position() const { return position_; }
  bool is_end(const uint8_t* position) const { return position == end_; }
  bool is_short(const uint8_t* position) const { return position != end_ && *position < 0x80; }
  void move_to(const uint8_t* position) { position_ = position; }
  uint32_t offset_of(const uint8_t* position) const {
    return static_cast<uint32_t>(position - origin_);
  }
  // From `start`, an earlier offset(), to here.
  ByteRange range_from(uint32_t start) const { return {start, offset() - start}; }

  // The next byte (spec §5.2.1); 0 and an error at the end.
  uint8_t u8() {
    if (position_ == end_) [[unlikely]]
      return end_reached();
    return *position_++;
  }
  // The next byte without moving, 0 at the end. The caller reads the byte afterwards.
  uint8_t peek() const { return position_ == end_ ? 0 : *position_; }

  // LEB128 (spec §5.2.2): at most ceil(N / 7) bytes, and no bit set beyond the type's width.
  [[gnu::always_inline]] uint32_t u32() {
    if (is_short()) [[likely]]
      return *position_++;
    return u32_long();
  }
  int32_t s32() {
    if (is_short()) [[likely]]
      return sign_extend7(*position_++);
    return s32_long();
  }
  // Block types.
  int64_t s33() {
    if (is_short()) [[likely]]
      return sign_extend7(*position_++);
    return s33_long();
  }
  int64_t s64() {
    if (is_short()) [[likely]]
      return sign_extend7(*position_++);
    return s64_long();
  }
  uint64_t u64() {
    if (is_short()) [[likely]]
      return *position_++;
    return u64_long();
  }
  // Little-endian bits of a float (spec §5.2.3).
  uint32_t f32_bits();
  uint64_t f64_bits();
  // 16 bytes, the lowest first; zero and an error if there are fewer.
  V128 v128_bits();

  // The next `size` bytes; empty and an error if there are fewer.
  ByteSpan take(uint32_t size);
  void skip(uint32_t size) { take(size); }
  // A cursor over the next `size` bytes, which this one skips; with fewer bytes left, an empty
  // cursor, and an error here. Its errors are its own: see adopt().
  Cursor sub(uint32_t size);
  // A name (spec §5.2.4): valid UTF-8, at most kMaxNameSize bytes.
  std::string_view name();

  // The length of a vector (spec §5.1.3). A count above the number of bytes left is an unexpected
  // end, one above `limit` is refused as too large; `what` names the items. 0 on error.
  uint32_t count(std::string_view what, uint32_t limit);
  // Reserves for `count` items that take at least `item_size` bytes each, but never more than the
  // bytes left can hold: a count alone allocates nothing ([L1]).
  template <class Vector>
  void reserve(Vector& items, uint32_t count, uint32_t item_size) const {
    items.reserve(items.size() + std::min(count, remaining() / item_size));
  }

  // Records an error at an offset in the module, unless there is one already, and moves to the end.
  // Returns 0 so that a read can be `return fail(...)`.
  uint8_t fail(const DiagnosticKind& kind, uint32_t offset, std::string detail = {});
  // Records that `what`, which starts with the number, is beyond `limit` ([L1]).
  void fail_limit(uint32_t offset, std::string what, uint64_t limit);
  // Takes over the error of a cursor made by sub(), if it has one and this has none.
  void adopt(const Cursor& part);

  // The error. Only when !ok().
  Failure failure() const;
  // The error, if there is one: TRY_VOID(cursor.result()).
  Result<void> result() const;

 private:
  bool is_short() const { return is_short(position_); }
  static int32_t sign_extend7(uint8_t byte) {
    return static_cast<int32_t>(uint32_t{byte} << 25) >> 25;
  }
  uint8_t end_reached();
  uint32_t u32_long();
  int32_t s32_long();
  int64_t s33_long();
  int64_t s64_long();
  uint64_t u64_long();
  template <unsigned kBits, bool kSigned>
  uint64_t leb128();

  const uint8_t* position_;
  const uint8_t* end_;
  const uint8_t* origin_;
  bool whole_;  // reads the module itself, not a part
  const DiagnosticKind* error_ = nullptr;
  uint32_t error_offset_ = 0;
  std::string detail_;
};

}  // namespace cordon::wasm
