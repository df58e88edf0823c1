// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/printable.h"

#include <cstddef>
#include <cstdint>

namespace cordon::supervisor {
namespace {

struct Decoded {
  size_t length;  // 0: not UTF-8
  uint32_t point;
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t lead = byte(0);
  if (lead < 0x80) return {1, lead};
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {0, 0};
  uint32_t point = lead & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    return {0, 0};
  }
  return {length, point};
}

bool is_safe(uint32_t point) {
  if (point == '\n' || point == '\t') return true;
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  if (point == 0x2028 || point == 0x2029) return false;  // ends of lines
  bool bidirectional = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
  return !bidirectional && point != 0x200e && point != 0x200f && point != 0x061c;
}

std::string escaped(std::string_view text, bool whole_lines) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Decoded decoded = decode(text);
    size_t length = decoded.length == 0 ? 1 : decoded.length;
    const bool moves = decoded.point == '\n' || decoded.point == '\t';
    if (decoded.length != 0 && is_safe(decoded.point) && (whole_lines || !moves)) {
      out += text.substr(0, length);
    } else {
      for (char c : text.substr(0, length)) {
        auto value = static_cast<uint8_t>(c);
        out += {'\\', 'x', kDigits[value >> 4], kDigits[value & 15]};
      }
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, true); }
std::string printable_line(std::string_view text) { return escaped(text, false); }

}  // namespace cordon::supervisor
