// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/accepted/native_func.h"

#include <algorithm>

#include "core/abi/frame.h"

namespace cordon::fuzz::accepted {

using namespace x64;

namespace {

constexpr uint32_t kFrames[] = {24 * 8, 32 * 8, 40 * 8, 600 * 8};

}  // namespace

NativeFunc::NativeFunc(NativeBlob& blob, uint32_t body)
    : blob_(blob),
      a_(blob.a),
      choices_(blob.choices),
      body_(body),
      type_(blob.type_of(blob.module.imported_funcs + body)),
      window_(abi::stack_use(type_)),
      wasm_offset_(static_cast<uint32_t>(blob.module.bodies[body].code.offset)),
      leaf_(below(16) == 15),
      frame_(leaf_ ? 0 : choices_.of(kFrames)),
      dies_(blob.shape.role == Role::Doomed && body == 0) {}

void NativeFunc::write() {
  a_.align(16, Assembler::Fill::Int3);
  a_.bind(blob_.entries[body_]);
  abi::BlobFunc func{a_.offset(), 0, frame_, body_};
  prologue();
  if (below(2) == 1) dump();
  charge();
  if (!leaf_) keep_parameters();
  statements(0);
  if (dies_) {
    blob_.trap_sites.push_back({a_.offset(), wasm_offset_, Trap::unreachable});
    a_.ud2();
  } else {
    results();
    if (frame_ != 0) a_.add(W64, rsp, frame_);
    a_.ret();
  }
  foreign_parts();
  ud2s();
  func.size = a_.offset() - func.offset;
  blob_.funcs.push_back(func);
}

void NativeFunc::prologue() {
  const Mem limit = mem(r14, offsetof(abi::VmContext, stack_limit));
  const Label exhausted = ud2(Trap::call_stack_exhausted);
  const bool small = frame_ <= abi::kSmallFrame;
  if (!small) a_.lea(W64, r11, mem(rsp, -int64_t{frame_}));
  a_.cmp(W64, small ? rsp : r11, limit);
  a_.jcc(Cond::Below, exhausted);
  if (frame_ != 0) a_.sub(W64, rsp, frame_);
  if (!small) a_.xor_(W32, r11, r11);
}

// Every function charges, so that calls end: fuel, or a global of the module's own.
void NativeFunc::charge() {
  if (blob_.program.fuel) {
    a_.sub(W64, mem(r14, offsetof(abi::VmContext, fuel)), 1);
    a_.jcc(Cond::Sign, ud2(Trap::fuel_exhausted));
    return;
  }
  const Mem budget = mem(r14, blob_.plan.global(blob_.module.imported_globals));
  a_.mov(W32, rax, budget);
  a_.sub(W32, rax, 1);
  a_.jcc(Cond::Below, ud2(Trap::unreachable));
  a_.mov(W32, budget, rax);
}

// References go where they can be used; numbers anywhere.
void NativeFunc::keep_parameters() {
  abi::ParamPlaces places(type_);
  bool has_func = false, has_extern = false;
  for (const wasm::ValType type : type_.params) {
    const abi::ParamPlace place = places.next(type);
    if (place.kind == abi::ParamPlace::Kind::Float) continue;
    auto from = static_cast<Gpr>(place.index);
    if (place.kind == abi::ParamPlace::Kind::Stack) {
      a_.mov(W64, rax, incoming(place.index));
      from = rax;
    }
    if (wasm::is_ref(type)) {
      const bool is_func = type == wasm::ValType::funcref;
      a_.mov(W64, slot(kHomes + (is_func ? 0 : 2)), from);
      (is_func ? has_func : has_extern) = true;
    } else if (below(2) == 1) {
      a_.mov(W64, slot(kFree + below(4)), from);
    }
  }
  if (!has_func) a_.mov(W64, slot(kHomes), 0);
  if (!has_extern) a_.mov(W64, slot(kHomes + 2), 0);
  a_.mov(W64, slot(kHomes + 1), 0);
  a_.mov(W64, slot(kHomes + 3), 0);
}

void NativeFunc::results() {
  for (size_t i = type_.results.size(); i-- > 0;) {
    const wasm::ValType type = type_.results[i];
    if (i == 0) {
      load(rax, type);
    } else {
      load_slot(type);
    }
    if (i != 0) {
      a_.mov(W64, incoming(abi::result_slots(std::span(type_.results).first(i))), rax);
    } else if (abi::is_float(type)) {
      a_.movd(W64, xmm0, rax);
    }
  }
}

void NativeFunc::foreign_parts() {
  for (const Foreign& part : foreign_) {
    leader(part.at, part.facts);
    a_.call(mem(r14, offset_of(abi::Builtin::call_foreign)));
    called();
    if (part.extends) a_.mov(W32, rax, rax);
    a_.jmp(part.back);
  }
}

void NativeFunc::ud2s() {
  for (const auto& [trap, label] : ud2s_) {
    a_.bind(label);
    blob_.trap_sites.push_back({a_.offset(), wasm_offset_, trap});
    a_.ud2();
  }
}

Label NativeFunc::ud2(Trap trap) {
  for (const auto& [known, label] : ud2s_) {
    if (known == trap) return label;
  }
  return ud2s_.emplace_back(trap, a_.new_label()).second;
}

// From here on only `facts` are known of the registers.
void NativeFunc::leader(Label label, uint32_t facts) {
  a_.bind(label);
  if (!blob_.leaders.empty() && blob_.leaders.back().offset == a_.offset()) {
    blob_.leaders.back().u32_registers &= facts;
  } else {
    blob_.leaders.push_back({a_.offset(), facts});
  }
}

}  // namespace cordon::fuzz::accepted
