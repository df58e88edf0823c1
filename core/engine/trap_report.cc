// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/trap_report.h"

#include <map>

#include "core/base/hex.h"
#include "core/runtime/instance.h"
#include "core/wasm/names.h"

namespace cordon::engine {

namespace {

std::string text_of(Trap trap, const runtime::Execution& execution) {
  std::string text(trap_text(trap));
  if (trap != Trap::uncaught_exception || execution.exception_tag == nullptr) return text;
  const runtime::Tag& tag = *execution.exception_tag;
  text += " of tag " + std::to_string(tag.index);
  return tag.name.empty() ? text : text + " \"" + tag.name + '"';
}

}  // namespace

TrapReport make_trap_report(Trap trap, const runtime::Execution& execution) {
  TrapReport report{trap, text_of(trap, execution), {}};
  std::map<const wasm::Module*, wasm::Names> names;  // each module's section is read once
  for (const runtime::TraceFrame& frame : execution.trace) {
    if (frame.func == nullptr || frame.func->is_host()) continue;
    const wasm::Module& module = frame.func->instance->module->module();
    const wasm::Names& known = names.try_emplace(&module, module).first->second;
    wasm::FuncIdx index = frame.func->code->index();
    report.frames.push_back(
        {index.value, std::string(known.function_name(index)), frame.module_offset});
  }
  return report;
}

std::string TrapReport::to_text() const {
  std::string out = text;
  for (size_t i = 0; i < frames.size(); ++i) {
    const ReportFrame& frame = frames[i];
    out += "\n  " + std::to_string(i) + ": func " + std::to_string(frame.func_index);
    if (!frame.name.empty()) out += " $" + frame.name;
    out += " at offset " + hex(frame.module_offset);
  }
  return out;
}

}  // namespace cordon::engine
