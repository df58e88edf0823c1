// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/cursor.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/wasm/limits.h"
#include "core/wasm/utf8.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::wasm {
namespace {

using testing::WasmBytes;
using Bytes = std::vector<uint8_t>;

// What a read of exactly these bytes gives: a value, all bytes used, or the reason.
template <class Read>
auto read_all(const Bytes& bytes, Read read) {
  Cursor cursor(bytes);
  const auto value = read(cursor);
  if (cursor.ok()) EXPECT_TRUE(cursor.at_end());
  return std::pair{value, cursor.ok() ? nullptr : cursor.failure().value().kind};
}

auto u32 = [](Cursor& c) { return c.u32(); };
auto u64 = [](Cursor& c) { return c.u64(); };
auto s32 = [](Cursor& c) { return c.s32(); };
auto s33 = [](Cursor& c) { return c.s33(); };
auto s64 = [](Cursor& c) { return c.s64(); };

template <class Read, class T>
void expect_value(const Bytes& bytes, Read read, T value) {
  const auto [got, reason] = read_all(bytes, read);
  EXPECT_EQ(reason, nullptr) << (reason ? reason->name : "");
  EXPECT_EQ(got, value);
}

template <class Read>
void expect_refused(const Bytes& bytes, Read read, const DiagnosticKind& kind) {
  const auto [got, reason] = read_all(bytes, read);
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->name, kind.name);
  EXPECT_EQ(got, 0);
}

TEST(CursorLeb, EveryBoundaryOfEachWidthReadsBack) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const int64_t near : {-1, 0, 1}) {
      const uint64_t value = (uint64_t{1} << bit) + near;
      const auto as_signed = static_cast<int64_t>(value);
      expect_value(WasmBytes().u64(value).bytes(), u64, value);
      for (const int64_t number : {as_signed, static_cast<int64_t>(0 - value)}) {
        const Bytes bytes = WasmBytes().s64(number).bytes();
        expect_value(bytes, s64, number);
        if (number == static_cast<int32_t>(number)) expect_value(bytes, s32, number);
        if (number >= -(int64_t{1} << 32) && number < int64_t{1} << 32) {
          expect_value(bytes, s33, number);
        }
      }
      if (value <= UINT32_MAX) expect_value(WasmBytes().u64(value).bytes(), u32, value);
    }
  }
}

TEST(CursorLeb, PaddingWithinTheLengthIsAllowed) {
  expect_value({0x80, 0x80, 0x80, 0x80, 0x00}, u32, 0U);
  expect_value({0xff, 0xff, 0xff, 0xff, 0x0f}, u32, UINT32_MAX);
  expect_value({0xff, 0xff, 0xff, 0xff, 0x7f}, s32, -1);
  expect_value({0xff, 0xff, 0xff, 0xff, 0x7f}, s33, -1);
  expect_value({0x80, 0x80, 0x80, 0x80, 0x78}, s32, std::numeric_limits<int32_t>::min());
  expect_value({0xff, 0xff, 0xff, 0xff, 0x07}, s32, std::numeric_limits<int32_t>::max());
  expect_value({0x80, 0x80, 0x80, 0x80, 0x70}, s33, -(int64_t{1} << 32));
  expect_value({0xff, 0xff, 0xff, 0xff, 0x0f}, s33, (int64_t{1} << 32) - 1);
  expect_value({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, u64, uint64_t{0});
  expect_value({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, s64, int64_t{-1});
}

// The last byte of the longest form in all 256 values: what is left must be zero or the sign.
TEST(CursorLeb, UnusedBitsOfTheLastByteAreErrors) {
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    const auto last = static_cast<uint8_t>(byte);
    const Bytes five{0x80, 0x80, 0x80, 0x80, last};
    Bytes ten(10, 0x80);
    ten[9] = last;
    const auto accepts = [](const Bytes& bytes, auto read) {
      const DiagnosticKind* reason = read_all(bytes, read).second;
      if (reason != nullptr) EXPECT_EQ(reason->name, diag::integer_too_large.name);
      return reason == nullptr;
    };
    EXPECT_EQ(accepts(five, u32), byte < 0x10) << byte;
    EXPECT_EQ(accepts(five, s32), byte < 0x08 || byte >= 0x78) << byte;
    EXPECT_EQ(accepts(five, s33), byte < 0x10 || byte >= 0x70) << byte;
    EXPECT_EQ(accepts(ten, u64), byte < 0x02) << byte;
    EXPECT_EQ(accepts(ten, s64), byte == 0 || byte == 0x7f) << byte;
  }
}

TEST(CursorLeb, OneByteTooManyIsAnError) {
  const Bytes five{0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  Bytes ten(11, 0x80);
  ten[10] = 0;
  expect_refused(five, u32, diag::integer_too_long);
  expect_refused(five, s32, diag::integer_too_long);
  expect_refused(five, s33, diag::integer_too_long);
  expect_refused(ten, u64, diag::integer_too_long);
  expect_refused(ten, s64, diag::integer_too_long);
}

TEST(CursorLeb, AnIntegerCutOffIsAnUnexpectedEnd) {
  for (size_t size = 0; size < 5; ++size) {
    expect_refused(Bytes(size, 0xff), u32, diag::unexpected_end);
    expect_refused(Bytes(size, 0xff), s32, diag::unexpected_end);
    expect_refused(Bytes(size, 0xff), s64, diag::unexpected_end);
  }
}

TEST(Cursor, TheFirstErrorStaysWithItsOffset) {
  const Bytes bytes{1, 2, 3};
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.u8(), 1);
  EXPECT_EQ(cursor.f32_bits(), 0U);
  EXPECT_FALSE(cursor.ok());
  EXPECT_TRUE(cursor.at_end());
  EXPECT_EQ(cursor.u8(), 0);
  EXPECT_EQ(cursor.u32(), 0U);
  EXPECT_TRUE(cursor.take(1).empty());
  EXPECT_EQ(cursor.name(), "");
  cursor.fail(diag::malformed_utf8, 0);
  EXPECT_EQ(cursor.failure().value().kind, &diag::unexpected_end);
  EXPECT_EQ(cursor.failure().value().offset, 3U);
}

TEST(Cursor, OffsetsOfAPartCountFromTheModule) {
  const Bytes bytes{9, 9, 0x80, 7, 7};
  Cursor cursor(bytes);
  cursor.skip(2);
  Cursor part = cursor.sub(1);
  EXPECT_EQ(cursor.offset(), 3U);
  EXPECT_EQ(part.offset(), 2U);
  part.u32();
  ASSERT_FALSE(part.ok());
  EXPECT_TRUE(cursor.ok());
  cursor.adopt(part);
  EXPECT_EQ(cursor.failure().value().kind, &diag::unexpected_end_of_section);
  EXPECT_EQ(cursor.failure().value().offset, 3U);
}

TEST(Cursor, APartLargerThanTheRestIsAnErrorAndEmpty) {
  const Bytes bytes{1, 2};
  Cursor cursor(bytes);
  Cursor part = cursor.sub(UINT32_MAX);
  EXPECT_FALSE(cursor.ok());
  EXPECT_TRUE(part.at_end());
  EXPECT_EQ(part.u8(), 0);
}

TEST(Cursor, ANameLargerThanTheRestIsAnError) {
  const Bytes bytes{0xff, 0xff, 0xff, 0xff, 0x0f, 'a'};
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.name(), "");
  EXPECT_EQ(cursor.failure().value().kind, &diag::length_out_of_bounds);
}

TEST(Cursor, NamesEndAtTheirLimit) {
  for (const uint32_t size : {kMaxNameSize, kMaxNameSize + 1}) {
    const Bytes bytes = WasmBytes().name(std::string(size, 'n')).bytes();
    Cursor cursor(bytes);
    EXPECT_EQ(cursor.name().size(), size == kMaxNameSize ? size : 0);
    EXPECT_EQ(cursor.ok(), size == kMaxNameSize);
    if (!cursor.ok()) {
      EXPECT_EQ(cursor.failure().value().message(),
                "too large: 100001 bytes of a name, the limit is 100000 at offset 0x0");
    }
  }
}

TEST(Cursor, CountsBeyondTheBytesOrTheLimitAreRefused) {
  const Bytes bytes{3, 0, 0, 0};
  EXPECT_EQ(Cursor(bytes).count("things", 3), 3U);
  Cursor limited(bytes);
  EXPECT_EQ(limited.count("things", 2), 0U);
  EXPECT_EQ(limited.failure().value().kind->klass, DiagnosticClass::Limit);
  EXPECT_EQ(limited.failure().value().message(),
            "too large: 3 things, the limit is 2 at offset 0x0");
  const Bytes short_bytes{3, 0, 0};
  Cursor cut(short_bytes);
  EXPECT_EQ(cut.count("things", 3), 0U);
  EXPECT_EQ(cut.failure().value().kind->klass, DiagnosticClass::Malformed);
}

// The encoding of any number below 2^21, right or wrong, by pattern: surrogates, overlong, too big.
std::string encode(uint32_t code, unsigned bytes) {
  std::string out;
  constexpr uint8_t kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  if (bytes == 1) return std::string(1, static_cast<char>(code));
  out += static_cast<char>(kLead[bytes] | code >> (6 * (bytes - 1)));
  for (unsigned i = bytes - 1; i-- > 0;) {
    out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
  }
  return out;
}

TEST(Utf8, ExactlyTheScalarValuesInTheirShortestForm) {
  for (unsigned bytes = 1; bytes <= 4; ++bytes) {
    constexpr uint32_t kMin[] = {0, 0, 0x80, 0x800, 0x10000};
    constexpr uint32_t kEnd[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    for (uint32_t code = 0; code < kEnd[bytes]; ++code) {
      const bool good = code >= kMin[bytes] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      ASSERT_EQ(is_utf8(encode(code, bytes)), good) << code << " in " << bytes;
    }
  }
}

TEST(Utf8, StrayAndMissingBytesAreFoundAtEveryPlace) {
  const std::string text = "0123456789abcdef\xf0\x9f\x98\x80xyz";
  ASSERT_TRUE(is_utf8(text));
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool inside = i > 16 && i < 20;
    EXPECT_EQ(is_utf8(text.substr(0, i)), !inside) << i;
    std::string stray = text;
    stray.insert(i, 1, '\x80');
    EXPECT_FALSE(is_utf8(stray)) << i;
  }
  for (unsigned byte = 0xf8; byte <= 0xff; ++byte) {
    EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)) + "\x80\x80\x80\x80\x80"));
  }
}

}  // namespace
}  // namespace cordon::wasm
