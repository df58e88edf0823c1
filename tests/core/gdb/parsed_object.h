// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object files read back, by <elf.h> and DWARF's own rules, with every offset checked against the
// bytes there are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::gdb {

struct ParsedSymbol {
  std::string name;
  uint64_t address, size;
  bool operator==(const ParsedSymbol&) const = default;
};

struct ParsedObject {
  std::vector<std::string> sections;  // their names, in their order
  uint64_t text_address = 0, text_size = 0;
  std::vector<ParsedSymbol> symbols;
  ByteSpan debug_frame;
};

// Fails the test that calls it where the file is not as it must be. `bytes` must outlive the
// result.
ParsedObject parse_object(ByteSpan bytes);

// What .debug_frame says of one function: by address, how far the canonical frame address is from
// rsp from there on.
struct ParsedFrames {
  uint64_t start = 0, size = 0;
  std::map<uint64_t, uint64_t> rows;
  // The distance in the row that holds at `address`.
  uint64_t distance_at(uint64_t address) const {
    return std::prev(rows.upper_bound(address))->second;
  }
};
std::vector<ParsedFrames> parse_frames(ByteSpan debug_frame);

}  // namespace cordon::gdb
