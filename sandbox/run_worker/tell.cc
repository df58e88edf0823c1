// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/tell.h"

#include <unistd.h>

#include <algorithm>

#include "core/runtime/func.h"
#include "core/runtime/instance.h"
#include "core/wasm/names.h"
#include "core/wasm/summary.h"

namespace cordon::run_worker {
namespace {

std::string cut(std::string_view text, size_t limit) { return std::string(text.substr(0, limit)); }

// A host function has no place in the module; a function's number counts its imports.
protocol::Frame to_frame(const runtime::TraceFrame& frame, const wasm::Names& names) {
  protocol::Frame out;
  out.module_offset = frame.module_offset;
  if (frame.func->code != nullptr) {
    out.func_index = frame.func->code->index().value;
    out.name = cut(names.function_name(frame.func->code->index()), protocol::kMaxName);
  }
  return out;
}

protocol::LimitHit limit_of(Trap trap) {
  switch (trap) {
    case Trap::fuel_exhausted: return protocol::LimitHit::Fuel;
    case Trap::memory_limit: return protocol::LimitHit::Memory;
    default: return protocol::LimitHit::None;
  }
}

}  // namespace

void tell_refusal(const Diagnostic& why, protocol::Verdict& verdict) {
  verdict.outcome = protocol::Outcome::Refused;
  verdict.name = cut(why.kind->name, protocol::kMaxName);
  verdict.text = cut(why.message(), protocol::kMaxText);
}

void tell_trap(Trap trap, const runtime::Execution& execution, const wasm::Module& module,
               protocol::Verdict& verdict) {
  verdict.outcome = protocol::Outcome::Trapped;
  verdict.limit = limit_of(trap);
  verdict.name = trap_name(trap);
  verdict.text = trap_text(trap);
  wasm::Names names(module);
  for (const runtime::TraceFrame& frame : execution.trace) {
    if (verdict.frames.size() == protocol::kMaxFrames) break;
    verdict.frames.push_back(to_frame(frame, names));
  }
}

void print(protocol::Channel& channel, std::string_view text) {
  while (!text.empty()) {
    std::string_view part = text.substr(0, protocol::kMaxChunk);
    if (!channel.send(protocol::Output{std::string(part)})) _exit(1);
    text.remove_prefix(part.size());
  }
}

void print_summary(protocol::Channel& channel, const wasm::Module& module, bool json) {
  wasm::ModuleSummary summary = wasm::summarize(module);
  print(channel, json ? to_json(summary) : to_text(summary));
}

}  // namespace cordon::run_worker
