// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/hot_report.h"

#include <map>

#include "core/runtime/instance.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/names.h"

namespace cordon::engine {

namespace {

// A visitor that counts loops.
struct LoopCounter {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm&) { loops += wasm::Op::ident == wasm::Op::loop; }
#include "core/wasm/opcodes.def"
  uint32_t loops = 0;
};

// Offset of the function's loop with this number, or of its first instruction if there is none.
uint64_t offset_of_loop(const wasm::Module& module, const wasm::ValidatedFunc& func,
                        uint32_t loop) {
  wasm::Cursor cursor(module.bytes(), func.body().code);
  wasm::OpReader reader(cursor, module.features);
  LoopCounter counter;
  while (cursor.ok() && !cursor.at_end()) {
    const uint64_t offset = cursor.offset();
    reader.next(counter);
    if (counter.loops == uint64_t{loop} + 1) return offset;
  }
  return func.body().code.offset;
}

}  // namespace

std::vector<HotPlace> make_hot_report(const runtime::Execution& execution, size_t count) {
  std::vector<HotPlace> report;
  std::map<const wasm::Module*, wasm::Names> names;  // each module's section is read once
  for (const runtime::HotSpot& spot : execution.hotness.hottest(count)) {
    const wasm::Module& module = spot.func->instance->module->module();
    const wasm::Names& known = names.try_emplace(&module, module).first->second;
    const wasm::FuncIdx index = spot.func->code->index();
    const bool is_loop = spot.loop != runtime::HotSpot::kEntry;
    const uint64_t offset = is_loop ? offset_of_loop(module, *spot.func->code, spot.loop)
                                    : spot.func->code->body().code.offset;
    report.push_back(
        {index.value, std::string(known.function_name(index)), is_loop, offset, spot.fuel});
  }
  return report;
}

}  // namespace cordon::engine
