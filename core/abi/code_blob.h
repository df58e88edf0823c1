// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeBlob: machine code of one module and the tables that go with it, as the compiler made it:
// untrusted. Its codec takes hostile bytes and checks only structure (ranges, order, counts). The
// verifier checks what the code does.
//
// A module's code is one blob, or several pieces, so that one can be verified while the next is
// compiled. Each piece has consecutive functions. They share one code space, in which each
// piece's code and read-only data follow those of the piece before, and which begins with a table
// of jumps, kEntrySlot bytes for each body: a call of a function that has no code yet goes there.
// The table is the last piece of all, and has no functions. Code that is a single piece has no
// table.
//
//     code space:  table of entries | code 0 | read-only data 0 | code 1 | read-only data 1 | ...
//
// Code that is made as it is needed, while the guest runs, is another kind of series: each piece
// has whichever functions are needed next, none of them twice in the series, and follows the piece
// before it from offset 0 on. There is no table and no last piece: a call of a function that is in
// no piece so far goes through the runtime (call_own).
//
// On the wire, little-endian, each part follows the one before it without gaps:
//
//     Header | the tables of blob_tables.def | padding to 4096 | code | padding to 4096 | read-only
//     data
//
// so that code and read-only data can be mapped from the file that carries them. Padding is
// zero.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/abi/blob_tables.h"
#include "core/abi/registers.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon::abi {

inline constexpr uint32_t kCodePage = 4096;
// [L1] Of a code space: offsets fit kOffsetBits, and any call reaches any function.
inline constexpr uint64_t kMaxCodeSpace = std::min(kMaxOffset + 1, kBranchReach);

// The least multiple of kCodePage that is at least `size`, which is at most a code space.
constexpr uint64_t round_to_code_page(uint64_t size) {
  return (size + kCodePage - 1) / kCodePage * kCodePage;
}
// Size of the table of entries of a module with `bodies` functions of its own.
constexpr uint64_t entry_table_size(uint64_t bodies) {
  return round_to_code_page(bodies * kEntrySlot);
}

// What the code was compiled for. `fuel` and `as_needed` are the same in all pieces of a series.
struct BlobOptions {
  bool fuel = false;           // charges fuel
  uint32_t cpu_features = 0;   // bits of target.h that the code needs
  Machine machine = kMachine;  // may be any number after decoding
  bool as_needed = false;      // a piece of code that is made as it is needed
  bool operator==(const BlobOptions&) const = default;
};

// The place of a piece in its module and in the code space.
struct BlobPlace {
  uint32_t first_body = 0;  // index of the first body whose code this piece has; 0 if as_needed
  uint32_t code_base = 0;   // of the first byte of its code in the code space; full pages
  bool operator==(const BlobPlace&) const = default;
};

// A decoded blob, or one to be encoded. Views live as long as the bytes; the tables are copies.
struct CodeBlob {
  BlobOptions options;
  BlobPlace place;
#define TABLE(name, Wire, Record, text, stray) std::vector<Record> name;
#include "core/abi/blob_tables.def"
  ByteSpan code, rodata;                // views of the decoded bytes, or of the maker's own
  uint64_t code_at = 0, rodata_at = 0;  // their offsets in the encoded bytes

  // The bytes that it takes of the code space.
  uint64_t extent() const { return rodata_at - code_at + round_to_code_page(rodata.size()); }
};

// Writes encoded bytes in place, so that a compiler holds each byte once. The numbers of rows are
// given first; then exactly as many are added, those of each table in order.
class BlobBuilder {
 public:
  // How many records of each kind there will be; sizes in bytes.
  struct Counts {
#define TABLE(name, Wire, Record, text, stray) uint32_t name = 0;
#include "core/abi/blob_tables.def"
    uint32_t code_size = 0, rodata_size = 0;
  };
  // `out` becomes the encoded bytes. A buffer that was used before saves fresh memory. The caller
  // writes all of code(); rodata() is zero at first.
  BlobBuilder(const BlobOptions& options, const BlobPlace& place, const Counts& counts,
              std::vector<uint8_t>& out);

  // Appends the rows, each moved by `by`.
  template <BlobTable kTable>
  void add(std::span<const WireOf<kTable>> rows, uint32_t by);
  MutableByteSpan code() { return MutableByteSpan(bytes_).subspan(code_at_, counts_.code_size); }
  MutableByteSpan rodata() {
    return MutableByteSpan(bytes_).subspan(rodata_at_, counts_.rodata_size);
  }
  // Between the first byte of the code and that of the read-only data.
  uint64_t rodata_distance() const { return rodata_at_ - code_at_; }
  // CHECKs that all rows were added. Rows beyond the number given are never written.
  void finish() const;

 private:
  // The place of a table's next row, and the end of its rows.
  struct Part {
    uint64_t at, end;
  };

  Counts counts_;
  std::array<Part, kBlobTables> parts_;  // by BlobTable
  uint64_t code_at_, rodata_at_;
  std::vector<uint8_t>& bytes_;
};

// The encoded bytes. `blob.code_at` and `rodata_at` are ignored.
std::vector<uint8_t> encode(const CodeBlob& blob);
// Checks the structure of untrusted bytes; the views point into `bytes`.
Result<CodeBlob> decode_blob(ByteSpan bytes);

}  // namespace cordon::abi
