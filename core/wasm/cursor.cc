// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/cursor.h"

#include <cstring>

#include "core/base/checked.h"
#include "core/wasm/limits.h"
#include "core/wasm/utf8.h"

namespace cordon::wasm {

Cursor::Cursor(ByteSpan module) : Cursor(module, {0, static_cast<uint32_t>(module.size())}) {
  CHECK(module.size() <= kMaxModuleSize);
  whole_ = true;
}

Cursor::Cursor(ByteSpan module, ByteRange range)
    : position_(module.data() + range.offset),
      end_(module.data() + range.offset + range.size),
      origin_(module.data()),
      whole_(false) {
  CHECK(range_fits(range.offset, range.size, module.size()));
}

uint8_t Cursor::fail(const DiagnosticKind& kind, uint32_t offset, std::string detail) {
  if (ok()) {
    error_ = &kind;
    error_offset_ = offset;
    detail_ = std::move(detail);
  }
  position_ = end_;
  return 0;
}

void Cursor::fail_limit(uint32_t offset, std::string what, uint64_t limit) {
  fail(diag::limit_exceeded, offset, std::move(what) + ", the limit is " + std::to_string(limit));
}

void Cursor::adopt(const Cursor& part) {
  if (!part.ok()) fail(*part.error_, part.error_offset_, part.detail_);
}

Failure Cursor::failure() const {
  CHECK(!ok());
  return cordon::fail(*error_, error_offset_, detail_);
}

Result<void> Cursor::result() const {
  if (!ok()) return failure();
  return {};
}

uint8_t Cursor::end_reached() {
  const auto end = static_cast<uint32_t>(end_ - origin_);
  return fail(whole_ ? diag::unexpected_end : diag::unexpected_end_of_section, end);
}

// The last byte may hold only the bits that are left, above them zeros or copies of the sign.
template <unsigned kBits, bool kSigned>
uint64_t Cursor::leb128() {
  constexpr unsigned kLastShift = (kBits - 1) / 7 * 7;
  constexpr unsigned kLastBits = kBits - kLastShift;
  const uint32_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0; shift <= kLastShift; shift += 7) {
    if (at_end()) return end_reached();
    const uint8_t byte = *position_++;
    if (shift == kLastShift) {
      if (byte >= 0x80) return fail(diag::integer_too_long, start);
      const unsigned unused = byte >> (kSigned ? kLastBits - 1 : kLastBits);
      constexpr unsigned kAllOnes = 0x7fU >> (kLastBits - 1);
      if (unused != 0 && !(kSigned && unused == kAllOnes)) {
        return fail(diag::integer_too_large, start);
      }
    }
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) {
      const bool negative = kSigned && (byte & 0x40) != 0;
      if (negative && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      break;
    }
  }
  return value;
}

uint32_t Cursor::u32_long() { return static_cast<uint32_t>(leb128<32, false>()); }
int32_t Cursor::s32_long() { return static_cast<int32_t>(leb128<32, true>()); }
int64_t Cursor::s33_long() { return static_cast<int64_t>(leb128<33, true>()); }
int64_t Cursor::s64_long() { return static_cast<int64_t>(leb128<64, true>()); }
uint64_t Cursor::u64_long() { return leb128<64, false>(); }

uint32_t Cursor::f32_bits() {
  uint32_t bits = 0;
  if (const ByteSpan bytes = take(sizeof bits); ok()) std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

uint64_t Cursor::f64_bits() {
  uint64_t bits = 0;
  if (const ByteSpan bytes = take(sizeof bits); ok()) std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

V128 Cursor::v128_bits() {
  V128 bits;
  if (const ByteSpan bytes = take(sizeof bits); ok()) std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

ByteSpan Cursor::take(uint32_t size) {
  if (size > remaining()) {
    end_reached();
    return {};
  }
  const ByteSpan bytes{position_, size};
  position_ += size;
  return bytes;
}

Cursor Cursor::sub(uint32_t size) {
  const uint32_t start = offset();
  Cursor part(*this);
  part.whole_ = false;
  if (size > remaining()) {
    fail(diag::length_out_of_bounds, start,
         std::to_string(size) + " bytes where " + std::to_string(remaining()) + " are left");
    part.position_ = part.end_ = end_;
    return part;
  }
  part.end_ = position_ + size;
  position_ += size;
  return part;
}

std::string_view Cursor::name() {
  const uint32_t start = offset();
  const uint32_t size = u32();
  if (size > remaining()) {
    fail(diag::length_out_of_bounds, start,
         "a name of " + std::to_string(size) + " bytes where " + std::to_string(remaining()) +
             " are left");
    return {};
  }
  const uint32_t text_start = offset();
  const std::string_view text = as_text(take(size));
  if (!is_utf8(text)) {
    fail(diag::malformed_utf8, text_start);
    return {};
  }
  if (size > kMaxNameSize) {
    fail_limit(start, std::to_string(size) + " bytes of a name", kMaxNameSize);
    return {};
  }
  return text;
}

uint32_t Cursor::count(std::string_view what, uint32_t limit) {
  const uint32_t start = offset();
  const uint32_t items = u32();
  const bool fits = items <= remaining();
  if (fits && items <= limit) return items;
  std::string detail = std::to_string(items) + ' ';
  detail += what;
  if (!fits) {
    detail += " where " + std::to_string(remaining()) + " bytes are left";
    return fail(diag::unexpected_end_of_section, start, std::move(detail));
  }
  fail_limit(start, std::move(detail), limit);
  return 0;
}

}  // namespace cordon::wasm
