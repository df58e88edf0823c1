// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of a code blob's tables (blob_tables.def). Each type of row has these members, by which
// its table is ordered and bounded:
//
//   place()      the offset in the code by which rows are ordered
//   next()       the least place that the following row may have
//   fits(size)   whether it lies inside code of this size
//   moved(by)    the same row, that much further on (a Wire only)
//
// Before decode_blob() nothing here is checked. Offsets are into the code of the piece.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/abi/traps.h"
#include "core/base/checked.h"

namespace cordon::abi {

// [L1] Of an offset into a module's code or into its bytes.
inline constexpr uint32_t kOffsetBits = 30;
inline constexpr uint64_t kMaxOffset = (uint64_t{1} << kOffsetBits) - 1;

// The code of one function, which is entered at its first byte. Functions do not overlap.
struct BlobFunc {
  uint32_t offset, size;
  uint32_t frame_size;  // bytes between the stack pointer in the body and the return address
  uint32_t body;        // index of the body whose code it is

  // No function is empty, and the next one begins at its end or later.
  uint32_t place() const { return offset; }
  uint64_t next() const { return uint64_t{offset} + size; }
  bool fits(uint64_t code_size) const { return size != 0 && range_fits(offset, size, code_size); }
  BlobFunc moved(uint32_t by) const { return {offset + by, size, frame_size, body}; }
};

// A target for branches of the same function. `u32_registers`: bit n says that the upper half of
// general register n is zero whenever control gets here, by a branch or by falling through.
struct Leader {
  uint32_t offset;
  uint32_t u32_registers;

  // At most one leader at an offset.
  uint32_t place() const { return offset; }
  uint64_t next() const { return uint64_t{offset} + 1; }
  bool fits(uint64_t code_size) const { return offset < code_size; }
  Leader moved(uint32_t by) const { return {offset + by, u32_registers}; }
};

// An instruction that may fault or only traps, and its trap. `wasm_offset` is into the module's
// bytes.
struct TrapSite {
  uint32_t offset;
  uint32_t wasm_offset;
  Trap trap;

  // At most one site at an offset. The trap must be an enumerator.
  uint32_t place() const { return offset; }
  uint64_t next() const { return uint64_t{offset} + 1; }
  bool fits(uint64_t code_size) const {
    return offset < code_size && static_cast<size_t>(trap) < kSiteTraps;
  }
};

// The same as encoded and as compilers keep it, in 8 bytes, since each access to memory has one.
// Offset, wasm offset and trap, from the lowest bit up.
class PackedTrapSite {
 public:
  PackedTrapSite() = default;
  // REQUIRES: both offsets are at most kMaxOffset.
  constexpr PackedTrapSite(uint32_t offset, uint32_t wasm_offset, Trap trap)
      : bits_(static_cast<uint64_t>(trap) << (2 * kOffsetBits) |
              uint64_t{wasm_offset} << kOffsetBits | offset) {}
  // CHECKs that the offsets are at most kMaxOffset.
  explicit PackedTrapSite(const TrapSite& site);
  // The trap may be out of range.
  explicit operator TrapSite() const {
    return {static_cast<uint32_t>(bits_ & kMaxOffset),
            static_cast<uint32_t>(bits_ >> kOffsetBits & kMaxOffset),
            static_cast<Trap>(bits_ >> (2 * kOffsetBits))};
  }
  // REQUIRES: the offset plus `by` is at most kMaxOffset.
  constexpr PackedTrapSite moved(uint32_t by) const {
    PackedTrapSite site = *this;
    site.bits_ += by;
    return site;
  }

 private:
  uint64_t bits_;
};

// The return address of a call, for backtraces.
struct CallSite {
  uint32_t return_offset;
  uint32_t wasm_offset;

  // At most one site at an offset.
  uint32_t place() const { return return_offset; }
  uint64_t next() const { return uint64_t{return_offset} + 1; }
  // A call may be a function's last instruction, and return to the end of the code.
  bool fits(uint64_t code_size) const { return return_offset <= code_size; }
  CallSite moved(uint32_t by) const { return {return_offset + by, wasm_offset}; }
};

// Where control goes on in a function that catches, entered from any call of this function with
// nothing known of any register. Which clause catches what, and from where, the runtime knows by
// its own validation (wasm/side_table.h); a row only says where the code of a clause is.
struct Handler {
  uint32_t offset;
  uint32_t wasm_offset;  // of the try_table, catch or catch_all, in the module
  uint32_t clause;       // which one of the try_table, from 0; else 0
  uint32_t slots;  // at the bottom of the frame: the payload, then the reference if one is given

  // At most one handler at an offset.
  uint32_t place() const { return offset; }
  uint64_t next() const { return uint64_t{offset} + 1; }
  bool fits(uint64_t code_size) const { return offset < code_size; }
  Handler moved(uint32_t by) const { return {offset + by, wasm_offset, clause, slots}; }
};

// Where a function is entered besides its first byte, to go on with a loop that the interpreter has
// begun. The caller's stack is as for the function, with its window; above that are `slots` slots:
// the values of all locals, then those of all operands at the loop, each in as many slots as its
// type has. Only the code from here to its jump to the loop's head reads them.
struct LoopEntry {
  uint32_t offset;
  uint32_t wasm_offset;  // of the `loop` in the module
  uint32_t slots;

  // At most one entry at an offset.
  uint32_t place() const { return offset; }
  uint64_t next() const { return uint64_t{offset} + 1; }
  bool fits(uint64_t code_size) const { return offset < code_size; }
  LoopEntry moved(uint32_t by) const { return {offset + by, wasm_offset, slots}; }
};

// One enumerator for each row of blob_tables.def, in their order.
enum class BlobTable {
#define TABLE(name, Wire, Record, text, stray) name,
#include "core/abi/blob_tables.def"
};
inline constexpr size_t kBlobTables = 0
#define TABLE(name, Wire, Record, text, stray) +1
#include "core/abi/blob_tables.def"
    ;

template <BlobTable kTable>
struct TableTypes;
#define TABLE(name, Wire_, Record_, text, stray) \
  template <>                                    \
  struct TableTypes<BlobTable::name> {           \
    using Wire = Wire_;                          \
    using Record = Record_;                      \
  };
#include "core/abi/blob_tables.def"
template <BlobTable kTable>
using WireOf = typename TableTypes<kTable>::Wire;

}  // namespace cordon::abi
