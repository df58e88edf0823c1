// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decode_op: reads one instruction and calls the method of a visitor that its row in opcodes.def
// names, with the immediates as a struct. The only reader of immediates outside the interpreter's
// handlers: the decoder's scan of constant expressions, the validator, the printer and the
// compilers are visitors. A visitor that lacks a row does not compile.
//
//     struct Sizes {
//     #define OP(code, ident, text, imm, feature) void ident(const immediate::imm&) { ++ops; }
//     #include "core/wasm/opcodes.def"
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

// Bytes: Cursor, or ValidatedCursor, with which nothing is asked twice.
template <class Bytes>
class BasicOpReader {
 public:
  // `cursor` stays the caller's and must outlive this.
  BasicOpReader(Bytes& cursor, Features features) : cursor_(cursor), features_(features) {}

  // Reads the instruction at the cursor and, if its bytes are well-formed (spec §5.4) and its
  // feature is on, calls the visitor's method. Otherwise the error is the cursor's and the visitor
  // hears nothing. A visitor that refuses an instruction does so by cursor.fail().
  template <class Visitor>
  void next(Visitor& visitor);

 private:
  // Forced in, since the compiler finds next() too large already, and most instructions need little
  // more than their immediates read.
  void read(immediate::None&) {}
  void read(immediate::Block& out) { out.type = block_type(); }
  [[gnu::always_inline]] void read(immediate::Label& out) { out.label.value = cursor_.u32(); }
  void read(immediate::LabelTable& out);
  [[gnu::always_inline]] void read(immediate::Func& out) { out.func.value = cursor_.u32(); }
  void read(immediate::CallIndirect& out) {
    out.type.value = cursor_.u32();
    out.table = table_behind_byte();
  }
  void read(immediate::SelectTypes& out);
  [[gnu::always_inline]] void read(immediate::Local& out) { out.local.value = cursor_.u32(); }
  [[gnu::always_inline]] void read(immediate::Global& out) { out.global.value = cursor_.u32(); }
  void read(immediate::Table& out) { out.table.value = cursor_.u32(); }
  [[gnu::always_inline]] void read(immediate::MemArg& out) {
    out.align = cursor_.u32();
    out.offset = cursor_.u32();
  }
  void read(immediate::Memory&) { zero_byte(); }
  void read(immediate::MemoryInit& out) {
    out.data.value = cursor_.u32();
    zero_byte();
  }
  void read(immediate::MemoryCopy&) {
    zero_byte();
    zero_byte();
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
  void read(immediate::RefType& out) { out.type = read_ref_type(cursor_, features_); }
  [[gnu::always_inline]] void read(immediate::I32& out) { out.value = cursor_.s32(); }
  void read(immediate::I64& out) { out.value = cursor_.s64(); }
  void read(immediate::F32& out) { out.bits = cursor_.f32_bits(); }
  void read(immediate::F64& out) { out.bits = cursor_.f64_bits(); }

  BlockType block_type() {
    constexpr uint8_t kEmptyBlock = 0x40;
    if (cursor_.peek() != kEmptyBlock) return block_type_long();
    cursor_.u8();
    return {};
  }
  BlockType block_type_long();
  TableIdx table_behind_byte();
  void zero_byte();
  uint32_t prefixed_code();
  void illegal(uint32_t start, uint32_t code);
  void feature_is_off(uint32_t start, Feature feature);

  Bytes& cursor_;
  Features features_;
  std::vector<LabelIdx> labels_;  // of the last br_table, reused
};

using OpReader = BasicOpReader<Cursor>;
using ValidatedOpReader = BasicOpReader<ValidatedCursor>;

template <class Bytes>
template <class Visitor>
inline void BasicOpReader<Bytes>::next(Visitor& visitor) {
  const uint32_t start = cursor_.offset();
  uint32_t code = cursor_.u8();
  if (code == kPrefix) [[unlikely]]
    code = prefixed_code();
  switch (code) {
#define OP(code, ident, text, imm, feature)                              \
  case code: {                                                           \
    if constexpr (Bytes::kChecked && Feature::feature != Feature::mvp) { \
      if (!features_.has(Feature::feature)) [[unlikely]]                 \
        return feature_is_off(start, Feature::feature);                  \
    }                                                                    \
    immediate::imm operands{};                                           \
    read(operands);                                                      \
    if (cursor_.ok()) [[likely]]                                         \
      visitor.ident(static_cast<const immediate::imm&>(operands));       \
    return;                                                              \
  }
#include "core/wasm/opcodes.def"
    default: return illegal(start, code);
  }
}

}  // namespace cordon::wasm
