// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Labels: places in code that are named before they are known. A use of a label that is not bound
// yet leaves its field empty and a note in the pool; bind() fills all of them. The notes and
// labels of a whole function live in two lists that keep their memory from one function to the
// next. Offsets are relative to the start of the CodeBuffer. Used by the assemblers only; code
// generators see Label and call the assembler's new_label() and bind().
#pragma once

#include <cstdint>

#include "core/asm/buffer.h"
#include "core/asm/records.h"

namespace cordon::emit {

// A name for an offset. The default one names nothing; to use it is an error of the compile.
struct Label {
  uint32_t id = ~uint32_t{0};
  bool operator==(const Label&) const = default;
};

// A field that holds "target - next", both offsets into one buffer.
struct RelativeField {
  uint32_t at;    // offset of the field
  uint32_t next;  // what distances count from: the instruction with the field, or the one behind it
  uint8_t bytes;  // 1 or 4; or 0: `bits` bits of the 4 bytes there, from `low` up
  uint8_t bits = 0, low = 0;
  uint8_t scale = 0;  // these count 2^scale bytes
};

// Writes target - field.next into the field; label_too_far if that does not fit ([E1]).
void resolve(CodeBuffer& buffer, const RelativeField& field, uint32_t target);

// Holds the labels of one CodeBuffer, which is passed to the calls that write. An error goes to
// that buffer (CodeBuffer::fail) and leaves the pool usable.
class LabelPool {
 public:
  // A label that is not bound yet.
  Label make() {
    labels_.add({});
    return {first_id_ + static_cast<uint32_t>(labels_.size() - 1)};
  }

  // Made here, and since the last reset().
  bool exists(Label label) const { return label.id - first_id_ < labels_.size(); }
  // REQUIRES: exists(label). The offset, or kUnbound.
  uint32_t offset(Label label) const { return labels_[label.id - first_id_].offset; }

  // The label stands at the end of what was emitted. Fills the fields that wait for it.
  void bind(CodeBuffer& buffer, Label label);
  // The field is to hold the distance to the label, now or when it is bound.
  void use(CodeBuffer& buffer, Label label, RelativeField field);

  // Whether a field still waits for its label.
  bool unresolved() const { return waiting_ != 0; }
  // No labels. The numbers go on, so that an old label is not taken for a new one.
  void reset();

  static constexpr uint32_t kUnbound = ~uint32_t{0};

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct State {
    uint32_t offset = kUnbound;
    uint32_t first_use = kNone;  // chain through uses_
  };
  struct Use {
    RelativeField field;
    uint32_t next_use;
  };
  Records<State> labels_;
  Records<Use> uses_;
  uint32_t first_id_ = 0;  // number of labels_[0]
  uint32_t waiting_ = 0;
};

}  // namespace cordon::emit
