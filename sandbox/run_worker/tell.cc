// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/tell.h"

#include <unistd.h>

#include <algorithm>

#include "core/engine/hot_report.h"
#include "core/engine/trap_report.h"
#include "core/wasm/feature_needs.h"
#include "core/wasm/summary.h"

namespace cordon::run_worker {
namespace {

std::string cut(std::string_view text, size_t limit) { return std::string(text.substr(0, limit)); }

protocol::LimitHit limit_of(Trap trap) {
  switch (trap) {
    case Trap::fuel_exhausted: return protocol::LimitHit::Fuel;
    case Trap::memory_limit: return protocol::LimitHit::Memory;
    case Trap::output_limit: return protocol::LimitHit::Output;
    default: return protocol::LimitHit::None;
  }
}

}  // namespace

void tell_refusal(const Diagnostic& why, protocol::Verdict& verdict) {
  // [V1] A failed system call is no fault of the module.
  const bool is_lack = why.kind->klass == DiagnosticClass::Os;
  verdict.outcome = is_lack ? protocol::Outcome::Lacking : protocol::Outcome::Refused;
  verdict.name = cut(why.kind->name, protocol::kMaxName);
  verdict.text = cut(why.message(), protocol::kMaxText);
}

void tell_code_refusal(const Diagnostic& why, protocol::Verdict& verdict) {
  verdict.outcome = protocol::Outcome::Refused;
  verdict.of_code = true;
  verdict.name = cut(why.kind->name, protocol::kMaxName);
  verdict.text = cut(why.message() + " (" + verdict.name + ")", protocol::kMaxText);
}

void tell_trap(Trap trap, const runtime::Execution& execution, protocol::Verdict& verdict) {
  engine::TrapReport report = engine::make_trap_report(trap, execution);
  verdict.outcome = protocol::Outcome::Trapped;
  verdict.limit = limit_of(trap);
  verdict.name = trap_name(trap);
  verdict.text = cut(report.text, protocol::kMaxText);
  static_assert(runtime::Execution::kMaxTrace <= protocol::kMaxFrames);
  for (const engine::ReportFrame& frame : report.frames) {
    verdict.frames.push_back(
        {frame.func_index, frame.module_offset, cut(frame.name, protocol::kMaxName)});
  }
}

bool is_explainable(const wasm::Module& module, const protocol::Verdict& verdict) {
  const auto is_dwarf = [](const wasm::CustomSection& custom) {
    return custom.name == ".debug_info";
  };
  const auto is_mangled = [](const protocol::Frame& frame) {
    return frame.name.starts_with("_Z") || frame.name.starts_with("_R");
  };
  if (verdict.frames.empty()) return false;
  return std::ranges::any_of(module.customs, is_dwarf) ||
         std::ranges::any_of(verdict.frames, is_mangled);
}

void tell_switching(const engine::Tiering& tiering, const runtime::Execution& execution,
                    uint64_t begin, protocol::Verdict& verdict) {
  const engine::TieringStats& stats = tiering.stats();
  verdict.code_funcs = stats.functions;
  verdict.code_bytes = stats.code_bytes;
  verdict.verify_ns = stats.verify_ns;
  verdict.switched.requested = stats.asked;
  verdict.switched.pieces = stats.pieces;
  verdict.switched.loop_entries =
      static_cast<uint32_t>(std::min<uint64_t>(execution.loops_entered, UINT32_MAX));
  const size_t bodies = tiering.code().module().bodies.size();
  verdict.switched.cold_funcs = static_cast<uint32_t>(bodies) - stats.functions;
  // At least 1: 0 is never.
  const uint64_t first = stats.first_native_ns;
  verdict.switched.first_ns = first == 0 ? 0 : first - std::min(first - 1, begin);
}

void tell_hottest(const runtime::Execution& execution, protocol::Verdict& verdict) {
  for (const engine::HotPlace& place : engine::make_hot_report(execution, protocol::kMaxHottest)) {
    verdict.hottest.push_back({place.func_index, place.is_loop, place.module_offset, place.fuel,
                               cut(place.name, protocol::kMaxName)});
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
  summary.needs = wasm::features_needed(module);
  print(channel, json ? to_json(summary) : to_text(summary));
}

}  // namespace cordon::run_worker
