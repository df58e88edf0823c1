// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NativeFunc: writes one function of a NativeBlob. Frames of functions that call:
//
//     [0, kHomes)                outgoing slots, of every call
//     [kHomes, kCounter)         references: two homes of functions, two of externrefs
//     kCounter                   rounds of a loop
//  [kFree, frame)             what was stored, or nothing yet
//
// Honest code keeps only references that it was given, in the homes of their type, so the runtime
// never has a reason to end it.
#pragma once

#include <utility>

#include "core/abi/convention.h"
#include "core/abi/vmctx.h"
#include "fuzz/gen/accepted/native_blob.h"

namespace cordon::fuzz::accepted {

class NativeFunc {
 public:
  // Body `body`, the next one of the blob.
  NativeFunc(NativeBlob& blob, uint32_t body);
  void write();

 private:
  static constexpr uint32_t kHomes = 12, kCounter = kHomes + 4, kFree = kCounter + 1;

  // The out-of-line part of a call_indirect.
  struct Foreign {
    x64::Label at, back;
    uint32_t facts;
    bool extends;
  };

  // The frame (native_func.cc)
  void prologue();
  void charge();
  void keep_parameters();
  void results();
  void foreign_parts();
  void ud2s();
  x64::Label ud2(Trap trap);
  void leader(x64::Label label, uint32_t facts);

  // Values (native_values.cc). They change nothing but `to` and flags.
  void load_any(x64::Gpr to);
  void load_index(x64::Gpr to);
  void load_handle(x64::Gpr to, wasm::ValType type);
  void load(x64::Gpr to, wasm::ValType type);
  // Into rax, for a slot: the bits above a narrower value may be anything.
  void load_slot(wasm::ValType type);
  void store_word(uint32_t address, x64::Gpr from);
  void store_any(x64::Gpr from);
  void keep(x64::Gpr from, wasm::ValType type);
  x64::Mem heap(uint32_t address);
  x64::Mem slot(uint32_t index) const { return x64::mem(x64::rsp, int64_t{8} * index); }
  x64::Mem incoming(uint32_t index) const {
    return x64::mem(x64::rsp, int64_t{frame_} + 8 + int64_t{8} * index);
  }

  // Statements (native_statements.cc)
  void statements(uint32_t depth);
  void statement(uint32_t depth);
  void branch(uint32_t depth);
  void loop(uint32_t depth);
  void memory_access();
  void context_access();
  void maybe_trap();
  void dump();
  void dump_registers();
  void dump_before_results();
  void dump_floats();
  void dump_frame();

  // Calls (native_calls.cc)
  void call_builtin();
  void call_function();
  void call_indirect();
  void arguments(const wasm::FuncType& type);
  void keep_results(const wasm::FuncType& type);
  void called() { blob_.call_sites.push_back({a_.offset(), wasm_offset_}); }
  Indices candidates(char letter, const Indices& constants) const;
  bool choose_constant(char letter, Indices& constants, bool& dares);
  void fill_slots(const wasm::FuncType& type);
  void keep_builtin_result(abi::Builtin builtin, const Indices& constants);

  bool has_memory() const { return !blob_.module.memories.empty(); }
  uint32_t below(uint32_t count) { return choices_.below(count); }

  NativeBlob& blob_;
  x64::Assembler& a_;
  Choices& choices_;
  const uint32_t body_;
  const wasm::FuncType& type_;
  const abi::StackUse window_;
  const uint32_t wasm_offset_;
  const bool leaf_;
  const uint32_t frame_;  // bytes
  const bool dies_;       // ends by a trap
  std::vector<std::pair<Trap, x64::Label>> ud2s_;
  std::vector<Foreign> foreign_;
};

}  // namespace cordon::fuzz::accepted
