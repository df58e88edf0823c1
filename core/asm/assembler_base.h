// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AssemblerBase: the common part of all machines' assemblers: the buffer, labels, references to
// targets outside of it, and failure ([E1]). Code generators use the machine's assembler
// (core/asm/x64/assembler.h has the rules).
#pragma once

#include <utility>

#include "core/asm/buffer.h"
#include "core/asm/label.h"
#include "core/asm/relocation.h"

namespace cordon::emit {

// Owns the CodeBuffer and the labels. After a failure emitters do nothing.
class AssemblerBase {
 public:
  // A label of this assembler, not bound yet; valid until reset().
  Label new_label() { return labels_.make(); }
  // Binds the label to the current offset. Only once a label.
  void bind(Label label) { labels_.bind(buffer_, label); }
  bool is_bound(Label label) const { return offset_of(label) != kUnbound; }
  // The label's offset; kUnbound also for an invalid label.
  uint32_t offset_of(Label label) const {
    return labels_.exists(label) ? labels_.offset(label) : kUnbound;
  }
  static constexpr uint32_t kUnbound = LabelPool::kUnbound;

  // Offset of the next instruction in the buffer, which is also its trap site.
  uint32_t offset() const { return buffer_.offset(); }
  // Constants among the code.
  void data(ByteSpan bytes) { buffer_.append(bytes); }

  // Whether nothing has failed yet; the first failure, or null.
  bool ok() const { return buffer_.ok(); }
  const DiagnosticKind* error() const { return buffer_.error(); }
  // For the code generator's own refusals: as if an emitter had failed.
  void fail(const DiagnosticKind& kind) { buffer_.fail(kind); }

  // The code, valid until the next call that emits, resets or destroys; or the first failure, also
  // of a label used and never bound. The failure's offset is where emission stopped.
  Result<ByteSpan> finish();
  // In the order of emission.
  const Records<Relocation>& relocations() const { return relocations_; }
  // Empties the assembler for the next function; memory is kept. Earlier labels become invalid.
  void reset();

 protected:
  explicit AssemblerBase(CodeBuffer buffer) : buffer_(std::move(buffer)) {}

  CodeBuffer buffer_;
  LabelPool labels_;
  Records<Relocation> relocations_;
};

}  // namespace cordon::emit
