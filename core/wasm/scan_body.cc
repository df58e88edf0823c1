// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/scan_body.h"

#include "core/wasm/control_stack.h"
#include "core/wasm/decode_op.h"

namespace cordon::wasm {

namespace {

class BodyScanner {
 public:
  BodyScanner(const Module& module, const FuncBody& body)
      : cursor_(module.bytes(), body.code), reader_(cursor_, module.features) {}

  Result<void> scan() {
    blocks_.open_body({});
    while (cursor_.ok() && !blocks_.empty()) {
      op_offset_ = cursor_.offset();
      reader_.next(*this);
    }
    if (cursor_.ok() && !cursor_.at_end()) cursor_.fail(diag::junk_after_end, cursor_.offset());
    return cursor_.result();
  }

 private:
  friend cordon::wasm::OpReader;

#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm&) { row<Op::ident>(); }
#include "core/wasm/opcodes.def"

  template <Op kOp>
  void row() {
    if constexpr (kOp == Op::block || kOp == Op::loop || kOp == Op::if_ || kOp == Op::try_table ||
                  kOp == Op::try_) {
      blocks_.open(kOp == Op::if_    ? BlockKind::If
                   : kOp == Op::try_ ? BlockKind::Try
                                     : BlockKind::Block,
                   {});
      if (blocks_.too_deep()) cursor_.fail(diag::limit_exceeded, op_offset_);
    } else if constexpr (kOp == Op::else_) {
      go_on_with(BlockKind::Else, BlockKind::If, BlockKind::If);
    } else if constexpr (kOp == Op::catch_) {
      go_on_with(BlockKind::Catch, BlockKind::Try, BlockKind::Catch);
    } else if constexpr (kOp == Op::catch_all) {
      go_on_with(BlockKind::CatchAll, BlockKind::Try, BlockKind::Catch);
    } else if constexpr (kOp == Op::delegate) {
      go_on_with(BlockKind::Try, BlockKind::Try, BlockKind::Try);
      blocks_.close();
    } else if constexpr (kOp == Op::end) {
      blocks_.close();
    }
  }

  // Turns the innermost block, which is of kind `one` or `other`, into the next part of it.
  void go_on_with(BlockKind next, BlockKind one, BlockKind other) {
    BlockKind& kind = blocks_.innermost().kind;
    if (kind != one && kind != other) cursor_.fail(diag::end_opcode_expected, op_offset_);
    kind = next;
  }

  Cursor cursor_;
  OpReader reader_;
  ControlStack<> blocks_;
  uint32_t op_offset_ = 0;
};

}  // namespace

Result<void> scan_body(const Module& module, const FuncBody& body) {
  return BodyScanner(module, body).scan();
}

}  // namespace cordon::wasm
