// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ByteWriter: writes ELF and DWARF: records and words in their representation in memory, LEB128,
// strings.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::gdb {

static_assert(std::endian::native == std::endian::little, "records are copied as they are");

// Owns a growing list of bytes. Offsets count from its first byte; nothing here fails.
class ByteWriter {
 public:
  // Appends the object's bytes in host order, which is little-endian; padding must be explicit.
  template <class Record>
  void put(const Record& record) {
    static_assert(std::is_trivially_copyable_v<Record>);
    raw({reinterpret_cast<const uint8_t*>(&record), sizeof record});
  }
  // Appends an unsigned LEB128 in its shortest form (DWARF 5, §7.6).
  void uleb(uint64_t value) {
    for (; value >= 0x80; value >>= 7) put(static_cast<uint8_t>(value | 0x80));
    put(static_cast<uint8_t>(value));
  }
  // Appends the bytes.
  void raw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // Appends the text and a terminating zero.
  void text(std::string_view text) {
    raw(as_bytes(text));
    put(uint8_t{0});
  }
  void fill_to_multiple_of(size_t size, uint8_t filler) {
    while (bytes_.size() % size != 0) put(filler);
  }
  // Overwrites the bytes at an offset.
  template <class Record>
  void put_at(size_t at, const Record& record) {
    std::memcpy(bytes_.data() + at, &record, sizeof record);
  }

  // Bytes written so far, which is the offset of the next one.
  size_t size() const { return bytes_.size(); }
  ByteSpan bytes() const { return bytes_; }
  // Moves the bytes out; the writer is empty afterwards.
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::gdb
