// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The longer functions of Bookkeeping; included by the one .cc of a machine that instantiates it.
#pragma once

#include "core/jit/masm/bookkeeping.h"

namespace cordon::jit::masm {

inline constexpr uint32_t kMaxFunctionCode = uint32_t{1} << 28;

template <class Assembler>
Bookkeeping<Assembler>::Bookkeeping() : asm_(emit::CodeBuffer(kMaxFunctionCode)) {}

template <class Assembler>
void Bookkeeping<Assembler>::begin(uint32_t u32) {
  asm_.reset();
  flags_ = {};
  u32_ = u32;
  dead_ = false;
  pending_traps_.clear();
  pending_foreign_.clear();
  table_entries_.clear();
  leaders_.clear();
  trap_sites_.clear();
  call_sites_.clear();
  handlers_.clear();
  loop_entries_.clear();
  lines_.clear();
}

template <class Assembler>
bool Bookkeeping<Assembler>::finish() {
  for (TableEntry& entry : table_entries_) entry.target = asm_.offset_of({entry.target});
  const Result<ByteSpan> code = asm_.finish();
  if (code) code_ = *code;
  return code.has_value();
}

// An instruction without code has no line.
template <class Assembler>
void Bookkeeping<Assembler>::note_line() {
  if (!lines_.empty() && lines_.back().offset == asm_.offset()) lines_.pop_back();
  lines_.add({asm_.offset(), wasm_offset_});
}

template <class Assembler>
emit::Label Bookkeeping<Assembler>::trap_label(Trap trap) {
  const emit::Label label = asm_.new_label();
  pending_traps_.add({label, trap, wasm_offset_});
  return label;
}

template <class Assembler>
void Bookkeeping<Assembler>::flow_to(Join& to) {
  if (asm_.is_bound(to.label)) {
    if ((to.u32 & ~u32_) != 0) fail(diag::fact_missing);
  } else {
    to.u32 &= u32_;
  }
  to.used = true;
}

template <class Assembler>
void Bookkeeping<Assembler>::bind(Join& join) {
  if (!dead_) join.u32 &= u32_;
  dead_ = false;
  u32_ = join.u32;
  asm_.bind(join.label);
  flags_ = {};
  u32_ &= ~bit(kScratch);
  join.u32 = u32_;
  add_leader();
}

// Records a leader at the current offset with the current facts. Joins bound at one offset share
// one leader: the last one's, whose facts are a subset of the others'.
template <class Assembler>
void Bookkeeping<Assembler>::add_leader() {
  if (!leaders_.empty() && leaders_.back().offset == asm_.offset()) leaders_.pop_back();
  leaders_.add({asm_.offset(), u32_});
}

template <class Assembler>
void Bookkeeping<Assembler>::bind_loop(Join& join, uint32_t u32) {
  if ((u32 & ~u32_) != 0) fail(diag::fact_missing);
  asm_.bind(join.label);
  flags_ = {};
  u32_ = join.u32 = u32;
  join.used = true;
  add_leader();
}

template <class Assembler>
void Bookkeeping<Assembler>::bind_handler(uint32_t wasm_offset, uint32_t clause, uint32_t slots) {
  if (!dead_) fail(diag::fact_missing);
  dead_ = false;
  u32_ = 0;
  flags_ = {};
  add_leader();
  handlers_.add({asm_.offset(), wasm_offset, clause, slots});
}

template <class Assembler>
void Bookkeeping<Assembler>::bind_loop_entry(uint32_t wasm_offset, uint32_t slots) {
  if (!dead_) fail(diag::fact_missing);
  dead_ = false;
  u32_ = 0;
  flags_ = {};
  loop_entries_.add({asm_.offset(), wasm_offset, slots});
}

template <class Assembler>
void Bookkeeping<Assembler>::fill_table(uint32_t table, std::span<Join* const> targets) {
  uint32_t at = table;
  for (Join* target : targets) {
    flow_to(*target);
    table_entries_.add({at, table, target->label.id});
    at += 4;
  }
}

template <class Assembler>
void Bookkeeping<Assembler>::call_made(bool result_u32) {
  call_sites_.add({asm_.offset(), wasm_offset_});
  u32_ = result_u32 ? bit(kResult) : 0;
}

}  // namespace cordon::jit::masm
