// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/activation.h"

#include "core/runtime/unwind.h"

namespace cordon::runtime {
namespace {

thread_local Activation* g_innermost = nullptr;

}  // namespace

Activation*& innermost_activation() { return g_innermost; }

void trace_native(const Activation& ended) {
  auto& trace = ended.execution->trace;
  const uint32_t imported = ended.instance->module->module().imported_funcs;
  FrameWalk frames(ended);
  while (trace.size() < Execution::kMaxTrace) {
    const std::optional<NativeFrame> frame = frames.next();
    if (!frame) return;
    const uint32_t body = frame->unit->body(frame->func);
    trace.push_back({ended.instance->funcs[imported + body], frame->wasm_offset});
  }
}

}  // namespace cordon::runtime
