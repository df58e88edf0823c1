// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Backtraces of native frames: by the blob's function table from one return address to the next, up
// to where the activation began. The tables come from the compiler, so nothing here trusts them:
// each step goes up, stays below the entry, and ends the trace where the code does not know a
// place.
#include "core/runtime/activation.h"

namespace cordon::runtime {
namespace {

thread_local Activation* g_innermost = nullptr;

struct Place {
  uint32_t func;  // of the module's bodies
  uint32_t wasm_offset;
};

std::optional<Place> place_of_fault(const CodeMemory& code, uint32_t offset) {
  const abi::TrapSite* site = code.trap_site(offset);
  std::optional<uint32_t> func = code.func_at(offset);
  if (site == nullptr || !func) return std::nullopt;
  return Place{*func, site->wasm_offset};
}

// A call may be a function's last instruction: it is the byte before the return address that is in
// it.
std::optional<Place> place_of_call(const CodeMemory& code, uint32_t return_offset) {
  const abi::CallSite* site = code.call_site(return_offset);
  std::optional<uint32_t> func =
      return_offset == 0 ? std::nullopt : code.func_at(return_offset - 1);
  if (site == nullptr || !func) return std::nullopt;
  return Place{*func, site->wasm_offset};
}

// Like CodeMemory::offset_of, with the end of the code.
std::optional<uint32_t> return_offset_of(const CodeMemory& code, uint64_t pc) {
  const uint64_t offset = pc - reinterpret_cast<uint64_t>(code.code().data());
  if (offset > code.code().size()) return std::nullopt;
  return static_cast<uint32_t>(offset);
}

}  // namespace

Activation*& innermost_activation() { return g_innermost; }

void trace_native(const Activation& ended) {
  const CodeMemory& code = *ended.code;
  auto& trace = ended.execution->trace;
  const uint32_t imported = ended.instance->module->module().imported_funcs;
  auto stack = reinterpret_cast<uint64_t>(ended.stack);
  const auto end = reinterpret_cast<uint64_t>(ended.area);
  const auto lowest = reinterpret_cast<uint64_t>(ended.instance->stack->lowest());
  auto pc = reinterpret_cast<uint64_t>(ended.pc);
  bool fault = ended.fault;
  while (trace.size() < Execution::kMaxTrace) {
    const std::optional<uint32_t> offset = return_offset_of(code, pc);
    if (!offset) return;
    const auto place = fault ? place_of_fault(code, *offset) : place_of_call(code, *offset);
    if (!place) return;
    trace.push_back({ended.instance->funcs[imported + place->func], place->wasm_offset});
    // The check of the stack stands before the frame is made.
    const bool no_frame = fault && ended.trap == Trap::call_stack_exhausted;
    stack += no_frame ? 0 : code.func(place->func).frame_size;
    // The return address below `end` leads to the host.
    if (stack < lowest || stack % 8 != 0 || stack + sizeof(uint64_t) >= end) return;
    pc = *reinterpret_cast<const uint64_t*>(stack);
    stack += sizeof(uint64_t);
    fault = false;
  }
}

}  // namespace cordon::runtime
