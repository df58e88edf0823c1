// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Binding of labels, and the one place that writes a distance into code.
#include "core/asm/label.h"

namespace cordon::emit {
namespace {

void resolve_bits(CodeBuffer& buffer, const RelativeField& field, int64_t distance) {
  const int64_t unit = int64_t{1} << field.scale, limit = int64_t{1} << (field.bits - 1);
  const int64_t count = distance / unit;
  if (distance % unit != 0 || count < -limit || count >= limit) {
    return buffer.fail(diag::label_too_far);  // [E1]
  }
  buffer.patch_bits(field.at, field.low, field.bits, static_cast<uint32_t>(count));
}

}  // namespace

void resolve(CodeBuffer& buffer, const RelativeField& field, uint32_t target) {
  const int64_t distance = int64_t{target} - int64_t{field.next};
  if (field.bytes == 0) [[unlikely]]
    return resolve_bits(buffer, field, distance);
  if (field.bytes == 1) {
    if (distance != static_cast<int8_t>(distance)) return buffer.fail(diag::label_too_far);  // [E1]
    return buffer.patch8(field.at, static_cast<uint8_t>(distance));
  }
  if (distance != static_cast<int32_t>(distance)) return buffer.fail(diag::label_too_far);  // [E1]
  buffer.patch32(field.at, static_cast<uint32_t>(distance));
}

void LabelPool::bind(CodeBuffer& buffer, Label label) {
  if (!exists(label)) return buffer.fail(diag::no_such_label);  // [E1]
  State& state = labels_[label.id - first_id_];
  if (state.offset != kUnbound) return buffer.fail(diag::label_bound_twice);
  state.offset = buffer.offset();
  for (uint32_t use = state.first_use; use != kNone; use = uses_[use].next_use) {
    resolve(buffer, uses_[use].field, state.offset);
    --waiting_;
  }
  state.first_use = kNone;
  // No field is waiting: the list can be reused for the next label.
  if (waiting_ == 0) uses_.clear();
}

void LabelPool::use(CodeBuffer& buffer, Label label, RelativeField field) {
  if (!exists(label)) return buffer.fail(diag::no_such_label);  // [E1]
  State& state = labels_[label.id - first_id_];
  if (state.offset != kUnbound) return resolve(buffer, field, state.offset);
  uses_.add({field, state.first_use});
  state.first_use = static_cast<uint32_t>(uses_.size() - 1);
  ++waiting_;
}

void LabelPool::reset() {
  first_id_ += static_cast<uint32_t>(labels_.size());
  // Start over after 2^31 labels, so that the default label's id is never reached.
  if (first_id_ >= 1u << 31) first_id_ = 0;
  labels_.clear();
  uses_.clear();
  waiting_ = 0;
}

}  // namespace cordon::emit
