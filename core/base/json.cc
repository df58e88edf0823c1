// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/json.h"

namespace cordon {
namespace {

void append_escape(std::string& out, uint8_t code) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[code >> 4];
  out += kDigits[code & 15];
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<uint8_t>(text[i + 1]) : uint8_t{0};
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte < 0x20 || byte == 0x7f) {
      append_escape(out, byte);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F
      append_escape(out, next);
      ++i;
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
