// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/wasm_bytes.h"

#include <cstring>

namespace cordon::testing {

WasmBytes& WasmBytes::u8(uint8_t byte) {
  bytes_.push_back(byte);
  return *this;
}

WasmBytes& WasmBytes::u64(uint64_t value) {
  for (; value >= 0x80; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
  return u8(static_cast<uint8_t>(value));
}

WasmBytes& WasmBytes::s64(int64_t value) {
  for (; value < -0x40 || value >= 0x40; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
  return u8(static_cast<uint8_t>(value & 0x7f));
}

WasmBytes& WasmBytes::f32(float value) {
  uint8_t bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return raw(bytes);
}

WasmBytes& WasmBytes::f64(double value) {
  uint8_t bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return raw(bytes);
}

WasmBytes& WasmBytes::v128(wasm::V128 value) {
  uint8_t bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return raw(bytes);
}

WasmBytes& WasmBytes::raw(ByteSpan bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

WasmBytes& WasmBytes::name(std::string_view text) {
  return u32(static_cast<uint32_t>(text.size())).raw(as_bytes(text));
}

WasmBytes& WasmBytes::sized(const WasmBytes& content) {
  return u32(static_cast<uint32_t>(content.size())).append(content);
}

WasmBytes& WasmBytes::limits(const wasm::Limits& limits) {
  u8(limits.has_max ? 1 : 0).u64(limits.min);
  if (limits.has_max) u64(limits.max);
  return *this;
}

WasmBytes& WasmBytes::repeat(size_t times, const WasmBytes& content) {
  bytes_.reserve(bytes_.size() + times * content.size());
  for (size_t i = 0; i < times; ++i) append(content);
  return *this;
}

WasmBytes& WasmBytes::op(wasm::Op op) {
  const uint8_t prefix = wasm::prefix_of(op);
  if (prefix == 0) return u8(static_cast<uint8_t>(wasm::number_of(op)));
  return u8(prefix).u32(wasm::number_of(op));
}

WasmBytes& WasmBytes::block(wasm::Op op) { return this->op(op).u8(0x40); }

WasmBytes& WasmBytes::block(wasm::Op op, wasm::ValType result) { return this->op(op).type(result); }

WasmBytes& WasmBytes::block_of_type(wasm::Op op, uint32_t type_index) {
  return this->op(op).s64(type_index);
}

WasmBytes& WasmBytes::access(wasm::Op op, uint32_t offset, uint32_t align_exponent) {
  return this->op(op).u32(align_exponent).u32(offset);
}

}  // namespace cordon::testing
