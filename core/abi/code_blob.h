// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeBlob: machine code of one module with the tables that go with it, as the compiler made it:
// untrusted. Its codec takes hostile bytes; what it has checked is only structure (ranges, order,
// counts). What the code does is the verifier's business.
//
// A module's code is one blob, or several so that one can be verified while the next is compiled:
// pieces, each of consecutive functions. They share one code space, in which each piece's code and
// read-only data stand behind those of the piece before it, and at whose start there is a table of
// jumps, kEntrySlot bytes for each body: a call of a function that no piece so far has goes there.
// The table is the last piece of all, and has no functions. Of a single piece there is no table.
//
//     code space:  table of entries | code 0 | read-only data 0 | code 1 | read-only data 1 | ...
//
// On the wire, little-endian, each part behind the one before it without gaps:
//
//     Header | functions | leaders | trap sites | call sites | padding to 4096 | code | padding to
//     4096 | read-only data
//
// so that code and read-only data can be mapped from the very file that carries them. Padding is
// zero.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/abi/registers.h"
#include "core/abi/traps.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon::abi {

inline constexpr uint32_t kCodePage = 4096;
// [L1] Of a code space: offsets fit kOffsetBits, and any call reaches any function.
inline constexpr uint32_t kOffsetBits = 30;
inline constexpr uint64_t kMaxOffset = (uint64_t{1} << kOffsetBits) - 1;
inline constexpr uint64_t kMaxCodeSpace = std::min(kMaxOffset + 1, kBranchReach);

constexpr uint64_t round_to_code_page(uint64_t size) {
  return (size + kCodePage - 1) / kCodePage * kCodePage;
}
// Size of the table of entries of a module with `bodies` functions of its own.
constexpr uint64_t entry_table_size(uint64_t bodies) {
  return round_to_code_page(bodies * kEntrySlot);
}

// Offsets are into the code unless they say otherwise; functions stand in order and do not overlap.
struct BlobFunc {
  uint32_t offset, size;
  uint32_t frame_size;  // bytes between the stack pointer in the body and the return address
  uint32_t first_leader, leader_count;
};

// A place that a branch of the same function may go to. `u32_registers`: bit n says that the upper
// half of general register n is zero whenever control gets here, by branch or by falling through.
struct Leader {
  uint32_t offset;
  uint32_t u32_registers;
};

// An instruction that may fault or does nothing but trap, and what that means. `wasm_offset` is
// into the module's bytes.
struct TrapSite {
  uint32_t offset;
  uint32_t wasm_offset;
  Trap trap;
};

// The same as it stands on the wire and as compilers keep it, in 8 bytes: there is one for each
// access to memory. Offset, wasm offset and trap, from the lowest bit up.
class PackedTrapSite {
 public:
  PackedTrapSite() = default;
  // REQUIRES: both offsets are at most kMaxOffset.
  constexpr PackedTrapSite(uint32_t offset, uint32_t wasm_offset, Trap trap)
      : bits_(static_cast<uint64_t>(trap) << (2 * kOffsetBits) |
              uint64_t{wasm_offset} << kOffsetBits | offset) {}
  // REQUIRES: the offset plus `by` is at most kMaxOffset.
  constexpr PackedTrapSite moved(uint32_t by) const {
    PackedTrapSite site = *this;
    site.bits_ += by;
    return site;
  }

  uint32_t offset() const { return static_cast<uint32_t>(bits_ & kMaxOffset); }
  uint32_t wasm_offset() const { return static_cast<uint32_t>(bits_ >> kOffsetBits & kMaxOffset); }
  // The number of a Trap, if the maker is to be trusted.
  uint64_t trap() const { return bits_ >> (2 * kOffsetBits); }

 private:
  uint64_t bits_;
};

// The instruction behind a call, for backtraces.
struct CallSite {
  uint32_t return_offset;
  uint32_t wasm_offset;
};

struct BlobOptions {
  bool fuel = false;           // charges fuel
  uint32_t cpu_features = 0;   // bits of target.h that the code needs
  Machine machine = kMachine;  // whose code it is; any number in what was decoded
  bool operator==(const BlobOptions&) const = default;
};

// Where a piece belongs.
struct BlobPlace {
  uint32_t first_body = 0;  // of the module, whose code this begins with
  uint32_t code_base = 0;   // of the first byte of its code in the code space; full pages
  bool operator==(const BlobPlace&) const = default;
};

struct CodeBlob {
  BlobOptions options;
  BlobPlace place;
  std::vector<BlobFunc> funcs;       // one a body of the module, in order
  std::vector<Leader> leaders;       // by function, then by offset
  std::vector<TrapSite> trap_sites;  // by offset
  std::vector<CallSite> call_sites;  // by offset
  ByteSpan code, rodata;             // views of the bytes that were decoded, or of the maker's own
  uint64_t code_at = 0, rodata_at = 0;  // where they stand in the encoded bytes

  // What it takes of the code space.
  uint64_t extent() const { return rodata_at - code_at + round_to_code_page(rodata.size()); }
};

// Writes encoded bytes in place, so that a compiler has each byte once. How many records there are
// is said first; then exactly so many are added, each kind in its order.
class BlobBuilder {
 public:
  struct Counts {
    uint32_t funcs = 0, leaders = 0, trap_sites = 0, call_sites = 0;
    uint32_t code_size = 0, rodata_size = 0;
  };
  // `out` becomes the encoded bytes. A buffer that was used before saves fresh memory. All of
  // code() is the caller's to write; rodata() is zero at first.
  BlobBuilder(const BlobOptions& options, const BlobPlace& place, const Counts& counts,
              std::vector<uint8_t>& out);

  // Each with its offset moved by `by`; functions also with their first leader moved.
  void add(std::span<const BlobFunc> funcs, uint32_t by, uint32_t by_leaders);
  void add(std::span<const Leader> leaders, uint32_t by);
  void add(std::span<const PackedTrapSite> sites, uint32_t by);
  void add(std::span<const CallSite> sites, uint32_t by);
  MutableByteSpan code() { return MutableByteSpan(bytes_).subspan(code_at_, counts_.code_size); }
  MutableByteSpan rodata() {
    return MutableByteSpan(bytes_).subspan(rodata_at_, counts_.rodata_size);
  }
  // Between the first byte of the code and that of the read-only data.
  uint64_t rodata_distance() const { return rodata_at_ - code_at_; }
  // CHECKs that all records were added; more of them than were said are never written.
  void finish() const;

 private:
  // Where the records of one kind go next, and where they end.
  struct Part {
    uint64_t at, end;
  };
  template <class Record, class Move>
  void put(Part& part, std::span<const Record> records, Move move);

  Counts counts_;
  Part funcs_, leaders_, trap_sites_, call_sites_;
  uint64_t code_at_, rodata_at_;
  std::vector<uint8_t>& bytes_;
};

// The encoded bytes. `blob.code_at` and `rodata_at` are not looked at.
std::vector<uint8_t> encode(const CodeBlob& blob);
// Checks structure and takes nothing on trust; the views point into `bytes`.
Result<CodeBlob> decode_blob(ByteSpan bytes);

}  // namespace cordon::abi
