// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The immediates of an instruction, decoded: one struct for each kind of imm.h, under the same name
// in namespace immediate, so that a row of opcodes.def names both. decode_op.h fills them.
#pragma once

#include <cstdint>
#include <span>

#include "core/wasm/types.h"
#include "core/wasm/v128.h"

namespace cordon::wasm {

// The type of a block (spec §5.4.1): none, one result, or a function type of the module.
struct BlockType {
  enum class Kind : uint8_t { Empty, Value, Func };
  Kind kind = Kind::Empty;
  ValType value = ValType::i32;  // Kind::Value
  TypeIdx type = {};             // Kind::Func, may be out of range
};

namespace immediate {

// Indices as encoded: validation, not decoding, checks that they are in range (spec §3.3). Where
// there are two indices of one kind, the first field comes first in the bytes.
struct None {};
struct Block {
  BlockType type;
};
struct Label {
  LabelIdx label;
};
// `labels` is valid until the next instruction is decoded.
struct LabelTable {
  std::span<const LabelIdx> labels;
  LabelIdx otherwise;
};
struct Func {
  FuncIdx func;
};
struct CallIndirect {
  TypeIdx type;
  TableIdx table;
};
struct Tag {
  TagIdx tag;
};
// A catch clause (spec of 3.0 §5.4.2). The kinds have the values of their bytes.
struct Catch {
  enum class Kind : uint8_t { Tag, TagRef, All, AllRef };
  Kind kind;
  TagIdx tag;  // for the first two kinds
  LabelIdx label;

  bool has_tag() const { return kind == Kind::Tag || kind == Kind::TagRef; }
  // Whether the label also gets the exception, as its last operand.
  bool has_ref() const { return kind == Kind::TagRef || kind == Kind::AllRef; }
};
// `catches` is valid until the next instruction. Labels count from outside the try_table.
struct TryTable {
  BlockType type;
  std::span<const Catch> catches;
};
// Validation refuses a `count` other than 1; `type` is the last of the types.
struct SelectTypes {
  uint32_t count;
  ValType type;
};
struct Local {
  LocalIdx local;
};
struct Global {
  GlobalIdx global;
};
struct Table {
  TableIdx table;
};
// `align` is the exponent of two.
struct MemArg {
  uint32_t align, offset;
  MemoryIdx memory;
};
struct Memory {
  MemoryIdx memory;
};
struct MemoryInit {
  DataIdx data;
  MemoryIdx memory;
};
struct MemoryCopy {
  MemoryIdx to, from;
};
struct Data {
  DataIdx data;
};
struct Elem {
  ElemIdx elem;
};
struct TableInit {
  ElemIdx elem;
  TableIdx table;
};
struct TableCopy {
  TableIdx to, from;
};
struct RefType {
  ValType type;
};
struct I32 {
  int32_t value;
};
struct I64 {
  int64_t value;
};
// As bits, so that the payload of a NaN is kept.
struct F32 {
  uint32_t bits;
};
struct F64 {
  uint64_t bits;
};
struct V128 {
  wasm::V128 value;
};
// Lanes as encoded: validation checks that they are in range.
struct Lane {
  uint8_t lane;
};
struct Shuffle {
  LanesOf<uint8_t> lanes;
};
struct MemArgLane {
  MemArg access;
  uint8_t lane;
};

}  // namespace immediate
}  // namespace cordon::wasm
