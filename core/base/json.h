// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JSON output for the workers, which link no library for it. The caller nests and orders the calls
// as the grammar requires; the writer adds commas and escapes. Text may come from a guest: no
// control character in it survives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cordon {

// Text in double quotes with JSON's escapes; controls (C0, DEL, C1) as \u00XX. `text` is UTF-8.
std::string quoted(std::string_view text);

// Appends to one text; a writer makes one JSON value. The order of calls is not checked: an end
// without its begin gives text that is not JSON.
class JsonWriter {
 public:
  // Each returns this writer, so that calls can be chained. A begin is valid where a value is.
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  // Within an object, before each value.
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text) { return raw(quoted(text)); }
  JsonWriter& value(uint64_t number) { return raw(std::to_string(number)); }
  JsonWriter& boolean(bool truth) { return raw(truth ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }

  // Moves the text out; the writer is empty afterwards.
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& raw(std::string_view text);

  std::string out_;
  bool comma_ = false;  // the next item is not the first of its kind
};

}  // namespace cordon
