// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/read_type.h"

#include "core/base/hex.h"
#include "core/wasm/proposals.h"

namespace cordon::wasm {

void fail_feature_off(Cursor& in, uint32_t offset, Feature feature) {
  in.fail(diag::feature_off, offset, std::string(name_of(feature)));
}

ValType read_value_type(Cursor& in, Features features) {
  const uint32_t start = in.offset();
  const uint8_t byte = in.u8();
  if (!in.ok()) return ValType::i32;
  if (!is_value_type(byte)) {
    fail_unknown(in, MarkPlace::ValueType, byte, start, diag::malformed_value_type, hex(byte));
  } else if (val_type_of(byte) == ValType::exnref && !features.has(Feature::exceptions)) {
    fail_feature_off(in, start, Feature::exceptions);
  } else if (is_ref(val_type_of(byte)) && !features.has(Feature::reference_types)) {
    fail_feature_off(in, start, Feature::reference_types);
  } else if (val_type_of(byte) == ValType::v128 && !features.has(Feature::simd)) {
    fail_feature_off(in, start, Feature::simd);
  } else {
    return val_type_of(byte);
  }
  return ValType::i32;
}

ValType read_ref_type(Cursor& in, Features features) {
  const uint32_t start = in.offset();
  const uint8_t byte = in.u8();
  if (!in.ok()) return ValType::funcref;
  if (!is_value_type(byte) || !is_ref(val_type_of(byte))) {
    fail_unknown(in, MarkPlace::ValueType, byte, start, diag::malformed_ref_type, hex(byte));
  } else if (val_type_of(byte) == ValType::exnref && !features.has(Feature::exceptions)) {
    fail_feature_off(in, start, Feature::exceptions);
  } else if (val_type_of(byte) == ValType::externref && !features.has(Feature::reference_types)) {
    fail_feature_off(in, start, Feature::reference_types);
  } else {
    return val_type_of(byte);
  }
  return ValType::funcref;
}

ValType read_heap_type(Cursor& in, Features features) {
  const uint8_t byte = in.peek();
  std::string_view what;
  if (const DiagnosticKind* lacked = lacked_proposal(MarkPlace::HeapType, byte, what)) {
    const uint32_t start = in.offset();
    in.s33();
    if (in.ok()) in.fail(*lacked, start, std::string(what));
    return ValType::funcref;
  }
  return read_ref_type(in, features);
}

}  // namespace cordon::wasm
