// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decode_op: reads one instruction and calls the method of a visitor that its row in opcodes.def
// names, with the immediates as a struct. The only reader of immediates outside the interpreter's
// handlers: the decoder's scan of constant expressions, the validator, the printer and the
// compilers are visitors. A visitor that lacks a row does not compile.
//
//     struct Sizes {
//     #define OP(code, ident, text, imm, feature, kind, effect) void ident(const immediate::imm&) {
//     ++ops; } #include "core/wasm/opcodes.def"
//       uint64_t ops = 0;
//     };
//     OpReader reader(cursor, module.features);
//     while (cursor.ok() && !cursor.at_end()) reader.next(sizes);
#pragma once

#include <vector>

#include "core/wasm/cursor.h"
#include "core/wasm/features.h"
#include "core/wasm/immediates.h"
#include "core/wasm/op.h"
#include "core/wasm/read_type.h"
#include "core/wasm/validated_cursor.h"

namespace cordon::wasm {

// Bytes: Cursor, or ValidatedCursor, whose reads need no check.
template <class Bytes>
class BasicOpReader {
 public:
  // `cursor` belongs to the caller and must outlive this.
  BasicOpReader(Bytes& cursor, Features features) : cursor_(cursor), features_(features) {}

  // Reads the instruction at the cursor and, if its bytes are well-formed (spec §5.4) and its
  // feature is on, calls the visitor's method. Otherwise the cursor has the error, and no method is
  // called. A visitor refuses an instruction by cursor.fail().
  template <class Visitor>
  void next(Visitor& visitor) {
    next(cursor_.position(), visitor);
  }
  // The same for loops over instructions, which pass the address of one and get that of the next,
  // so that it stays in a register and the branch on the next opcode does not wait for memory. The
  // cursor is after the instruction when the visitor's method is called, and the method may move it
  // only by failing.
  template <class Visitor>
  const uint8_t* next(const uint8_t* at, Visitor& visitor);

 private:
  // Inlined by force, since the compiler considers next() too large already, and most instructions
  // need little more than a read of their immediates.
  [[gnu::always_inline]] uint32_t u32(const uint8_t*& at) {
    if (cursor_.is_short(at)) [[likely]]
      return *at++;
    cursor_.move_to(at);
    const uint32_t value = cursor_.u32();
    at = cursor_.position();
    return value;
  }
  [[gnu::always_inline]] int32_t s32(const uint8_t*& at) {
    if (cursor_.is_short(at)) [[likely]]
      return static_cast<int32_t>(uint32_t{*at++} << 25) >> 25;
    cursor_.move_to(at);
    const int32_t value = cursor_.s32();
    at = cursor_.position();
    return value;
  }
  [[gnu::always_inline]] void read(const uint8_t*&, immediate::None&) {}
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::Block& out) {
    constexpr uint8_t kEmptyBlock = 0x40;
    if (cursor_.is_short(at) && *at == kEmptyBlock) {
      ++at;
    } else {
      read_by_cursor(at, out);
    }
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::Label& out) {
    out.label.value = u32(at);
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::Func& out) {
    out.func.value = u32(at);
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::Local& out) {
    out.local.value = u32(at);
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::Global& out) {
    out.global.value = u32(at);
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::MemArg& out) {
    out.align = u32(at);
    out.offset = u32(at);
  }
  [[gnu::always_inline]] void read(const uint8_t*& at, immediate::I32& out) { out.value = s32(at); }
  template <class Immediates>
  [[gnu::always_inline]] void read(const uint8_t*& at, Immediates& out) {
    read_by_cursor(at, out);
  }
  template <class Immediates>
  [[gnu::always_inline]] void read_by_cursor(const uint8_t*& at, Immediates& out) {
    cursor_.move_to(at);
    read(out);
    at = cursor_.position();
  }

  // Rare immediates, and those of more than one or two LEBs.
  void read(immediate::Block& out) { out.type = block_type(); }
  void read(immediate::LabelTable& out);
  void read(immediate::CallIndirect& out) {
    out.type.value = cursor_.u32();
    out.table = table_behind_byte();
  }
  void read(immediate::SelectTypes& out);
  void read(immediate::Tag& out) { out.tag.value = cursor_.u32(); }
  void read(immediate::TryTable& out);
  void read(immediate::Table& out) { out.table.value = cursor_.u32(); }
  void read(immediate::Memory& out) { out.memory = memory_behind_byte(); }
  void read(immediate::MemoryInit& out) {
    out.data.value = cursor_.u32();
    out.memory = memory_behind_byte();
  }
  void read(immediate::MemoryCopy& out) {
    out.to = memory_behind_byte();
    out.from = memory_behind_byte();
  }
  void read(immediate::Data& out) { out.data.value = cursor_.u32(); }
  void read(immediate::Elem& out) { out.elem.value = cursor_.u32(); }
  void read(immediate::TableInit& out) {
    out.elem.value = cursor_.u32();
    out.table.value = cursor_.u32();
  }
  void read(immediate::TableCopy& out) {
    out.to.value = cursor_.u32();
    out.from.value = cursor_.u32();
  }
  void read(immediate::RefType& out) { out.type = read_heap_type(cursor_, features_); }
  void read(immediate::I64& out) { out.value = cursor_.s64(); }
  void read(immediate::F32& out) { out.bits = cursor_.f32_bits(); }
  void read(immediate::F64& out) { out.bits = cursor_.f64_bits(); }
  void read(immediate::V128& out) { out.value = cursor_.v128_bits(); }
  void read(immediate::Lane& out) { out.lane = cursor_.u8(); }
  void read(immediate::Shuffle& out) { out.lanes = lanes_of<uint8_t>(cursor_.v128_bits()); }
  void read(immediate::MemArgLane& out) {
    out.access.align = cursor_.u32();
    out.access.offset = cursor_.u32();
    out.lane = cursor_.u8();
  }

  BlockType block_type();
  TableIdx table_behind_byte();
  MemoryIdx memory_behind_byte();
  void zero_byte();
  uint32_t code_at(const uint8_t*& at) {
    if (cursor_.is_end(at)) [[unlikely]] {
      cursor_.move_to(at);
      return cursor_.u8();
    }
    const uint8_t byte = *at++;
    return byte != kPrefix ? byte : prefixed_code(kPrefix, at);
  }
  uint32_t prefixed_code(uint8_t prefix, const uint8_t*& at);
  // The vector instruction that begins at `start`, with its number at `at`. A function of its own,
  // so that next() stays small.
  template <class Visitor>
  [[gnu::noinline]] const uint8_t* next_vector(const uint8_t* start, const uint8_t* at,
                                               Visitor& visitor);
  void illegal(const uint8_t* start);
  void feature_is_off(const uint8_t* start, Feature feature);

  Bytes& cursor_;
  Features features_;
  std::vector<LabelIdx> labels_;           // of the latest br_table; reused
  std::vector<immediate::Catch> catches_;  // of the latest try_table; reused
};

using OpReader = BasicOpReader<Cursor>;
using ValidatedOpReader = BasicOpReader<ValidatedCursor>;

template <class Bytes>
template <class Visitor>
inline const uint8_t* BasicOpReader<Bytes>::next(const uint8_t* at, Visitor& visitor) {
  const uint8_t* const start = at;
  const uint32_t code = code_at(at);
  // More than a quarter of all instructions: a branch for it alone is predicted better than the
  // switch's.
  if (code == static_cast<uint32_t>(Op::local_get)) {
    immediate::Local operands{};
    read(at, operands);
    if (!cursor_.ok()) [[unlikely]]
      return at;
    cursor_.move_to(at);
    visitor.local_get(static_cast<const immediate::Local&>(operands));
    return at;
  }
  switch (code) {
    case kVectorPrefix: return next_vector(start, at, visitor);
#define CORDON_ROW(code, ident, imm, feature)                            \
  case code: {                                                           \
    if constexpr (Bytes::kChecked && Feature::feature != Feature::mvp) { \
      if (!features_.has(Feature::feature)) [[unlikely]] {               \
        feature_is_off(start, Feature::feature);                         \
        return at;                                                       \
      }                                                                  \
    }                                                                    \
    immediate::imm operands{};                                           \
    read(at, operands);                                                  \
    if (!cursor_.ok()) [[unlikely]]                                      \
      return at;                                                         \
    cursor_.move_to(at);                                                 \
    visitor.ident(static_cast<const immediate::imm&>(operands));         \
    return at;                                                           \
  }
#define OP(code, ident, text, imm, feature, kind, effect) CORDON_ROW(code, ident, imm, feature)
#define CORDON_SCALAR_ROWS
#include "core/wasm/opcodes.def"
    default: illegal(start); return at;
  }
}

template <class Bytes>
template <class Visitor>
const uint8_t* BasicOpReader<Bytes>::next_vector(const uint8_t* start, const uint8_t* at,
                                                 Visitor& visitor) {
  switch (prefixed_code(kVectorPrefix, at)) {
#define OP(code, ident, text, imm, feature, kind, effect) CORDON_ROW(code, ident, imm, feature)
#define CORDON_VECTOR_ROWS
#include "core/wasm/opcodes.def"
    default: illegal(start); return at;
  }
}
#undef CORDON_ROW

}  // namespace cordon::wasm
