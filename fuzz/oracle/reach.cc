// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reach.h"

#include "core/wasm/cursor.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/module.h"

namespace cordon::fuzz {

namespace {

struct Counter {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm&) { ++counts[wasm::Op::ident]; }
#include "core/wasm/opcodes.def"
  std::map<wasm::Op, uint64_t>& counts;
};

}  // namespace

void Reach::count(ByteSpan bytes) {
  const Result<wasm::Module> module = wasm::decode_module(bytes);
  if (!module) return;
  Counter counter{counts_};
  for (const wasm::FuncBody& body : module->bodies) {
    wasm::Cursor cursor(bytes, body.code);
    wasm::OpReader reader(cursor, module->features);
    while (cursor.ok() && !cursor.at_end()) reader.next(counter);
  }
}

std::vector<std::string> Reach::missing(wasm::Features features) const {
  std::vector<std::string> names;
  for (const auto& [op, count] : counts_) {
    const wasm::OpInfo& info = wasm::op_info(op);
    if (count == 0 && features.has(info.feature)) names.emplace_back(info.text);
  }
  return names;
}

}  // namespace cordon::fuzz
