// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/json.h"

namespace cordon {
namespace {

void append_escape(std::string& out, uint16_t code) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[code >> shift & 15];
}

// The code point at the start of `text` if it takes two or three bytes of UTF-8 and must not reach
// a terminal unescaped: C1 controls, and characters that reorder text or end a line. 0 otherwise.
uint16_t hidden_point(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return byte(1);
  if (byte(0) == 0xd8 && byte(1) == 0x9c) return 0x061c;
  if (byte(0) != 0xe2 || !follows(1) || !follows(2)) return 0;
  const auto point = static_cast<uint16_t>(0x2000 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f));
  const bool marks = point == 0x200e || point == 0x200f;
  const bool lines = point == 0x2028 || point == 0x2029;
  const bool order = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
  return marks || lines || order ? point : uint16_t{0};
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte < 0x20 || byte == 0x7f) {
      append_escape(out, byte);
    } else if (const uint16_t point = hidden_point(text.substr(i)); point != 0) {
      append_escape(out, point);
      i += point < 0x800 ? 1 : 2;
    } else {
      out += text[i];
    }
  }
  return out += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  raw(quoted(name));
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  raw({&bracket, 1});
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  if (comma_) out_ += ',';
  out_ += text;
  comma_ = true;
  return *this;
}

}  // namespace cordon
