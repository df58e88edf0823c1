// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions as text: the spec's spelling and its immediates, one line an instruction, as
// in the text format (spec §6.5) but unfolded and with numbers for all indices. For
// objdump, messages of tests, and debugging. It reads through decode_op and needs no
// validation.
#pragma once

#include <string>

#include "core/wasm/module.h"

namespace cordon::wasm {

// "(param i32 i64) (result i32)"; empty parts are left out.
std::string print(const FuncType& type);
// "1 65536" or "1".
std::string print(const Limits& limits);

// A listing of a body or a constant expression, line by line:
//
//     InstructionPrinter printer(module, body.code);
//     while (printer.next()) use(printer.offset(), printer.depth(), printer.text());
//     if (!printer.result()) ...
class InstructionPrinter {
 public:
  // Prints the instructions in `range`, a body or a constant expression of `module`, which must
  // outlive this.
  InstructionPrinter(const Module& module, ByteRange range);
  // Reads one instruction. False at the end and at an error, which result() returns.
  bool next();
  // Offset of the opcode in the module.
  uint32_t offset() const { return offset_; }
  // How many blocks are open around the instruction; `else` and `end` have their block's depth.
  uint32_t depth() const { return depth_; }
  const std::string& text() const { return text_; }
  Result<void> result() const { return cursor_.result(); }

 private:
  Features features_;
  Cursor cursor_;
  uint32_t offset_ = 0, depth_ = 0, open_ = 0;
  std::string text_;
};

}  // namespace cordon::wasm
