// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WasmBytes: a string of bytes in the encodings of the binary format, for tests. It checks nothing,
// so that wrong bytes can be written too. Instructions are an Op and its immediates:
//
//     WasmBytes().op(Op::local_get).u32(0).i32_const(1).op(Op::i32_add)
//
// The shorthands below cover the most frequent instructions of bodies.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/wasm/op.h"
#include "core/wasm/types.h"
#include "core/wasm/v128.h"

namespace cordon::testing {

class WasmBytes {
 public:
  WasmBytes() = default;
  WasmBytes(std::initializer_list<uint8_t> bytes) : bytes_(bytes) {}

  WasmBytes& u8(uint8_t byte);
  // Shortest LEB128.
  WasmBytes& u32(uint32_t value) { return u64(value); }
  WasmBytes& u64(uint64_t value);
  WasmBytes& s32(int32_t value) { return s64(value); }
  WasmBytes& s64(int64_t value);
  WasmBytes& f32(float value);
  WasmBytes& f64(double value);
  WasmBytes& v128(wasm::V128 value);
  WasmBytes& raw(ByteSpan bytes);
  WasmBytes& append(const WasmBytes& other) { return raw(other.span()); }
  // Length and bytes.
  WasmBytes& name(std::string_view text);
  WasmBytes& sized(const WasmBytes& content);
  WasmBytes& type(wasm::ValType type) { return u8(wasm::kind_of(type)); }
  WasmBytes& limits(const wasm::Limits& limits);
  WasmBytes& repeat(size_t times, const WasmBytes& content);

  WasmBytes& op(wasm::Op op);
  WasmBytes& i32_const(int32_t value) { return op(wasm::Op::i32_const).s32(value); }
  WasmBytes& i64_const(int64_t value) { return op(wasm::Op::i64_const).s64(value); }
  WasmBytes& f32_const(float value) { return op(wasm::Op::f32_const).f32(value); }
  WasmBytes& f64_const(double value) { return op(wasm::Op::f64_const).f64(value); }
  WasmBytes& v128_const(wasm::V128 value) { return op(wasm::Op::v128_const).v128(value); }
  WasmBytes& local_get(uint32_t local) { return op(wasm::Op::local_get).u32(local); }
  WasmBytes& local_set(uint32_t local) { return op(wasm::Op::local_set).u32(local); }
  WasmBytes& local_tee(uint32_t local) { return op(wasm::Op::local_tee).u32(local); }
  WasmBytes& call(uint32_t func) { return op(wasm::Op::call).u32(func); }
  WasmBytes& br(uint32_t depth) { return op(wasm::Op::br).u32(depth); }
  WasmBytes& br_if(uint32_t depth) { return op(wasm::Op::br_if).u32(depth); }
  // `op` is block, loop or if_; without a type: no parameters, no results.
  WasmBytes& block(wasm::Op op);
  WasmBytes& block(wasm::Op op, wasm::ValType result);
  WasmBytes& block_of_type(wasm::Op op, uint32_t type_index);
  // A load or store.
  WasmBytes& access(wasm::Op op, uint32_t offset = 0, uint32_t align_exponent = 0);
  WasmBytes& end() { return op(wasm::Op::end); }

  size_t size() const { return bytes_.size(); }
  ByteSpan span() const { return bytes_; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::testing
