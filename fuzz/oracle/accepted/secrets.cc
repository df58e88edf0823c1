// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/accepted/secrets.h"

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "fuzz/oracle/accepted/breach.h"

namespace cordon::fuzz::accepted {
namespace {

// A result of memory.fill; addresses do not look like this.
bool is_one_byte_repeated(uint64_t value) {
  uint8_t only = 0;
  for (; value != 0; value >>= 8) {
    const auto byte = static_cast<uint8_t>(value);
    if (byte != 0 && only != 0 && byte != only) return false;
    if (byte != 0) only = byte;
  }
  return true;
}

}  // namespace

void Secrets::check(const uint8_t* words, size_t size, const char* where) const {
  for (size_t at = 0; at + 8 <= size && watching_; at += 8) {
    uint64_t value;
    std::memcpy(&value, words + at, sizeof value);
    check(value, where);
  }
}

void Secrets::check_address(uint64_t value, const char* where) const {
  if (is_one_byte_repeated(value)) return;
  for (const ByteSpan code : allowed_) {
    if (value - reinterpret_cast<uint64_t>(code.data()) <= code.size()) return;
  }
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    std::istringstream in(line);
    uint64_t from = 0, to = 0;
    char dash = 0;
    in >> std::hex >> from >> dash >> to;
    if (value < from || value >= to) continue;
    std::ostringstream what;
    what << where << " has an address of the host: " << std::hex << value << " in " << line;
    breach(what.str());
  }
}

}  // namespace cordon::fuzz::accepted
