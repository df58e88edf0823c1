// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ControlStack: the open blocks (spec, appendix "Validation Algorithm"), shared by all that follow
// the structure of a body: validation, the scan of a malformed body, the compiler, code that skips
// dead code. A user that keeps more of a block than its kind and types derives its own Frame from
// ControlFrame.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "core/wasm/immediates.h"
#include "core/wasm/limits.h"
#include "core/wasm/module.h"
#include "core/wasm/op.h"

namespace cordon::wasm {

// Which instruction opened the block (spec §3.3.8). Body is the function's own block; Else is the
// second half of an `if`; Catch and CatchAll are later parts of a legacy `try`.
enum class BlockKind : uint8_t { Body, Block, Loop, If, Else, TryTable, Try, Catch, CatchAll };

// Parameters and results of a block.
struct BlockTypes {
  std::span<const ValType> params, results;
};
// The types of a block type, which is in range. They live as long as the module.
BlockTypes types_of(const BlockType& type, const Module& module);

// One open block. `params` and `results` point into the module, or to static storage.
struct ControlFrame {
  BlockKind kind = BlockKind::Block;
  std::span<const ValType> params = {}, results = {};

  // The types of the operands that a branch to it passes on.
  std::span<const ValType> label() const { return kind == BlockKind::Loop ? params : results; }
};

template <class Frame = ControlFrame>
  requires std::derived_from<Frame, ControlFrame>
class ControlStack {
 public:
  // Drops all blocks, and opens the body of a function.
  Frame& open_body(std::span<const ValType> results) {
    frames_.clear();
    return open(BlockKind::Body, {{}, results});
  }
  Frame& open(BlockKind kind, BlockTypes types) {
    Frame& frame = frames_.emplace_back();
    frame.kind = kind;
    frame.params = types.params;
    frame.results = types.results;
    return frame;
  }
  void close() { frames_.pop_back(); }

  bool empty() const { return frames_.empty(); }
  // [L1] Whether a body has more open blocks than allowed.
  bool too_deep() const { return frames_.size() > size_t{kMaxNesting} + 1; }
  Frame& innermost() { return frames_.back(); }
  Frame& body() { return frames_.front(); }
  bool has(LabelIdx label) const { return label.value < frames_.size(); }
  // The block that a label names: 0 is the innermost.
  Frame& operator[](LabelIdx label) { return frames_[frames_.size() - 1 - label.value]; }

 private:
  std::vector<Frame> frames_;
};

// Follows the blocks of unreachable code, starting inside of one of them.
class BlockSkipper {
 public:
  // True if `op` is the `end` of the block in which skipping began, or begins its next part.
  bool leaves(Op op) {
    if (op == Op::block || op == Op::loop || op == Op::if_) ++depth_;
    if (op == Op::try_table || op == Op::try_) ++depth_;
    if (op == Op::else_ || op == Op::catch_ || op == Op::catch_all) return depth_ == 0;
    if (op != Op::end && op != Op::delegate) return false;
    return depth_-- == 0;
  }

 private:
  uint32_t depth_ = 0;
};

}  // namespace cordon::wasm
