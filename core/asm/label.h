// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Labels: names for offsets in code that may be used before they are known. A use of a label that
// is not bound yet leaves its field empty and adds a note to the pool; bind() fills all such
// fields. The notes and labels of a whole function are in two lists that keep their memory from one
// function to the next. Offsets are relative to the start of the CodeBuffer. Used by the assemblers
// only; code generators see Label and call the assembler's new_label() and bind().
#pragma once

#include <cstdint>

#include "core/asm/buffer.h"
#include "core/asm/records.h"

namespace cordon::emit {

// A name for an offset. The default one is invalid; using it is an error of the compile.
struct Label {
  uint32_t id = ~uint32_t{0};
  bool operator==(const Label&) const = default;
};

// A field that holds "target - next", both offsets into one buffer.
struct RelativeField {
  uint32_t at;    // offset of the field
  uint32_t next;  // where distances count from: the instruction with the field, or the next
  uint8_t bytes;  // 1 or 4; or 0: `bits` bits of the 4 bytes there, from `low` up
  uint8_t bits = 0, low = 0;
  uint8_t scale = 0;  // the field counts in units of 2^scale bytes
};

// Writes target - field.next into the field; label_too_far if that does not fit ([E1]).
void resolve(CodeBuffer& buffer, const RelativeField& field, uint32_t target);

// Holds the labels of one CodeBuffer, which is passed to the calls that write. Errors are reported
// to that buffer (CodeBuffer::fail) and leave the pool usable.
class LabelPool {
 public:
  // A label that is not bound yet.
  Label make() {
    labels_.add({});
    return {first_id_ + static_cast<uint32_t>(labels_.size() - 1)};
  }

  // Whether this pool made the label since the last reset().
  bool exists(Label label) const { return label.id - first_id_ < labels_.size(); }
  // REQUIRES: exists(label). The offset, or kUnbound.
  uint32_t offset(Label label) const { return labels_[label.id - first_id_].offset; }

  // Binds the label to the end of the emitted bytes. Fills the fields that wait for it.
  void bind(CodeBuffer& buffer, Label label);
  // Stores the distance to the label into the field, now or when the label is bound.
  void use(CodeBuffer& buffer, Label label, RelativeField field);

  // Whether a field still waits for its label.
  bool unresolved() const { return waiting_ != 0; }
  // Removes all labels. Ids are not reused, so that an old label stays invalid.
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
