// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kinds of immediates, which follow an opcode (spec §5.4). Each kind is a struct; decode_op.h
// is the only reader of them outside the interpreter's handlers.
#pragma once

#include <cstdint>

#include "core/wasm/types.h"

namespace cordon::wasm {

// One enumerator for each form of immediates. Comments list the items in the order of the bytes.
enum class Imm : uint8_t {
  None,
  Block,         // block type
  Label,         // relative depth
  LabelTable,    // vector of depths and the default
  Func,          // function index
  CallIndirect,  // type index, table index
  Tag,
  TryTable,     // block type, vector of catch clauses
  SelectTypes,  // vector of exactly one value type
  Local,
  Global,
  Table,
  MemArg,      // alignment exponent, offset
  Memory,      // one zero byte
  MemoryInit,  // data index, one zero byte
  MemoryCopy,  // two zero bytes
  Data,
  Elem,
  TableInit,  // element segment, table
  TableCopy,  // destination table, source table
  RefType,
  I32,
  I64,
  F32,
  F64,
  V128,        // 16 bytes
  Lane,        // one byte
  Shuffle,     // 16 bytes, each a lane of two vectors
  MemArgLane,  // alignment exponent, offset, one byte
};

}  // namespace cordon::wasm
