// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The immediates that take more than one or two LEBs, and the errors of decode_op.
#include "core/wasm/decode_op.h"

#include "core/base/hex.h"
#include "core/wasm/limits.h"
#include "core/wasm/proposals.h"

namespace cordon::wasm {

namespace {

// The prefix bytes, which a number follows, of WebAssembly and of its proposals.
constexpr bool is_prefix(uint8_t byte) { return byte >= 0xfb && byte <= 0xfe; }

}  // namespace

// No type, a value type, or an index as a non-negative s33.
template <class Bytes>
BlockType BasicOpReader<Bytes>::block_type() {
  const uint8_t byte = cursor_.peek();
  if (is_value_type(byte)) {
    return {BlockType::Kind::Value, read_value_type(cursor_, features_), {}};
  }
  const uint32_t start = cursor_.offset();
  const int64_t index = cursor_.s33();
  if (!cursor_.ok()) return {};
  if (index < 0) {
    fail_unknown(cursor_, MarkPlace::ValueType, byte, start, diag::malformed_block_type, hex(byte));
  } else if (!features_.has(Feature::multi_value)) {
    fail_feature_off(cursor_, start, Feature::multi_value);
  }
  return {BlockType::Kind::Func, ValType::i32, {static_cast<uint32_t>(index)}};
}

// [L1] The labels of one br_table.
template <class Bytes>
void BasicOpReader<Bytes>::read(immediate::LabelTable& out) {
  const uint32_t count = cursor_.count("labels of a br_table", kMaxBrTableSize);
  labels_.resize(count);
  for (LabelIdx& label : labels_) {
    label.value = cursor_.u32();
    if (!cursor_.ok()) return;
  }
  out.labels = labels_;
  out.otherwise.value = cursor_.u32();
}

// [L1] The clauses of one try_table.
template <class Bytes>
void BasicOpReader<Bytes>::read(immediate::TryTable& out) {
  constexpr uint8_t kEmptyBlock = 0x40;
  if (cursor_.peek() == kEmptyBlock) {
    cursor_.u8();
  } else {
    out.type = block_type();
  }
  const uint32_t count = cursor_.count("catch clauses", kMaxCatches);
  catches_.clear();
  for (uint32_t i = 0; i < count && cursor_.ok(); ++i) {
    immediate::Catch& clause = catches_.emplace_back();
    const uint32_t start = cursor_.offset();
    const uint8_t kind = cursor_.u8();
    if (kind > static_cast<uint8_t>(immediate::Catch::Kind::AllRef)) {
      cursor_.fail(diag::malformed_catch, start, hex(kind));
      return;
    }
    clause.kind = static_cast<immediate::Catch::Kind>(kind);
    if (clause.has_tag()) clause.tag.value = cursor_.u32();
    clause.label.value = cursor_.u32();
  }
  out.catches = catches_;
}

template <class Bytes>
void BasicOpReader<Bytes>::read(immediate::SelectTypes& out) {
  out.count = cursor_.count("types of a select", kMaxResults);
  for (uint32_t i = 0; i < out.count && cursor_.ok(); ++i)
    out.type = read_value_type(cursor_, features_);
}

// Before reference types there was one table, and a zero byte in place of its index.
template <class Bytes>
TableIdx BasicOpReader<Bytes>::table_behind_byte() {
  if (features_.has(Feature::reference_types)) return {cursor_.u32()};
  zero_byte();
  return {};
}

// A second memory is a proposal that Cordon lacks.
template <class Bytes>
MemoryIdx BasicOpReader<Bytes>::memory_behind_byte() {
  zero_byte();
  return {};
}

template <class Bytes>
void BasicOpReader<Bytes>::zero_byte() {
  const uint32_t start = cursor_.offset();
  if (const uint8_t byte = cursor_.u8(); byte != 0) {
    cursor_.fail(diag::zero_byte_expected, start, hex(byte));
  }
}

// A number without a row becomes a code without a row, above those of all bytes.
template <class Bytes>
uint32_t BasicOpReader<Bytes>::prefixed_code(uint8_t prefix, const uint8_t*& at) {
  return code_of(prefix, u32(at));
}

template <class Bytes>
void BasicOpReader<Bytes>::illegal(const uint8_t* start) {
  if (!cursor_.ok()) return;
  cursor_.move_to(start);
  const uint32_t offset = cursor_.offset();
  const uint8_t byte = cursor_.u8();
  if (!is_prefix(byte)) {
    return fail_unknown(cursor_, MarkPlace::Opcode, byte, offset, diag::illegal_opcode, hex(byte));
  }
  const uint32_t number = cursor_.u32();
  if (!cursor_.ok()) return;
  fail_unknown(cursor_, MarkPlace::Opcode, code_of(byte, number), offset, diag::illegal_opcode,
               hex(byte) + ' ' + hex(number));
}

template <class Bytes>
void BasicOpReader<Bytes>::feature_is_off(const uint8_t* start, Feature feature) {
  fail_feature_off(cursor_, cursor_.offset_of(start), feature);
}

template class BasicOpReader<Cursor>;
template class BasicOpReader<ValidatedCursor>;

}  // namespace cordon::wasm
