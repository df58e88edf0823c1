// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/verify/pass.h"

#include <cstring>

namespace cordon::verify {

Pass::Pass(const Isa& isa, const Layout& layout, const abi::CodeBlob& blob)
    : layout_(layout), blob_(blob), isa_(isa) {
#define TABLE(name, Wire, Record, text, stray) rest_.name = blob.name;
#include "core/abi/blob_tables.def"
  uint32_t largest = 0;
  for (const abi::BlobFunc& func : blob_.funcs) largest = std::max(largest, func.size);
  places_.resize(largest);
  claims_.resize(largest);
}

bool Pass::run() {
  if ((blob_.options.cpu_features & ~isa_.cpu_features) != 0) return refuse(rule::feature_unknown);
  uint64_t end = 0;
  for (; !rest_.funcs.empty(); end = end_) {
    if (!gap(end, rest_.funcs[0].offset) || !next_function()) return false;
  }
  return gap(end, blob_.code.size()) && rows_end(kNever - 1);
}

bool Pass::gap(uint64_t from, uint64_t to) {
  for (at_ = from; at_ < to; ++at_) {
    if (blob_.code[at_] != isa_.padding[at_ % isa_.padding.size()]) return refuse(rule::gap);
  }
  return to == 0 || rows_end(to - 1);
}

bool Pass::next_function() {
  function_ = static_cast<uint32_t>(blob_.funcs.size() - rest_.funcs.size());
  func_ = rest_.funcs[0];
  rest_.funcs = rest_.funcs.subspan(1);
  type_ = &layout_.type_of(layout_.module().imported_funcs + func_.body);
  body_ = layout_.module().bodies[func_.body].code;
  at_ = func_.offset;
  end_ = at_ + func_.size;
  foreign_.clear();
  next_foreign_ = 0;
  if (!mark_places()) return false;
  reachable_ = true;
  know_only(type_->params_u32);
  if (at_ == next_leader_at_) return refuse(rule::leader_in_sequence);
  if (!prologue()) return false;
  while (at_ < end_) {
    if (!part()) return false;
  }
  if (next_loop_entry_at_ != kNever) return refuse(rule::loop_entry_place);
  if (reachable_) return refuse(rule::falls_off);
  return must(next_leader_at_ == kNever, rule::leader_place);
}

bool Pass::part() {
  if (at_ >= next_loop_entry_at_) return enter_at_loop();
  return at_ >= next_leader_at_ ? enter_leader() : block();
}

// Whether all of them are instructions is checked when the pass gets there; a trap site, its kind.
bool Pass::mark_places() {
  std::fill_n(places_.begin(), func_.size, Place::Nothing);
  await_leader();
  await_loop_entry();
  for (const abi::TrapSite& site : rest_.trap_sites) {
    if (site.offset >= end_) break;
    places_[site.offset - func_.offset] = Place::TrapSite;
  }
  for (const abi::Leader& leader : rest_.leaders) {
    if (leader.offset >= end_) break;
    if ((leader.u32_registers & ~isa_.free_registers) != 0) {
      return refuse_at(leader.offset, rule::leader_claim);
    }
    places_[leader.offset - func_.offset] = Place::Leader;
    claims_[leader.offset - func_.offset] = leader.u32_registers;
  }
  return mark_handlers();
}

// The runtime enters there, from any call of this function, with nothing known of any register; the
// stack pointer is that of the body, as at every leader.
bool Pass::mark_handlers() {
  for (; place_of(rest_.handlers) < end_; rest_.handlers = rest_.handlers.subspan(1)) {
    const abi::Handler& handler = rest_.handlers[0];
    at_ = handler.offset;
    if (place(at_) != Place::Leader) return refuse(rule::handler_place);
    if (claims_[at_ - func_.offset] != 0) return refuse(rule::handler_facts);
    if (uint64_t{abi::kSlotSize} * handler.slots > func_.frame_size) {
      return refuse(rule::handler_slots);
    }
    if (!is_in_body(handler.wasm_offset)) return refuse(rule::site_offset);
    places_[at_ - func_.offset] = Place::Entered;
  }
  at_ = func_.offset;
  return true;
}

void Pass::await_leader() {
  const uint64_t next = place_of(rest_.leaders);
  next_leader_at_ = next < end_ ? next : kNever;
}

// Falling through is an edge like any other.
bool Pass::enter_leader() {
  if (at_ != next_leader_at_) return refuse(rule::leader_place);
  if (reachable_ && !edge(at_, u32_)) return false;
  reachable_ = true;
  know_only(claims_[at_ - func_.offset]);
  rest_.leaders = rest_.leaders.subspan(1);
  await_leader();
  return place(at_) == Place::Foreign ? foreign() : block();
}

void Pass::await_loop_entry() {
  const uint64_t next = place_of(rest_.loop_entries);
  next_loop_entry_at_ = next < end_ ? next : kNever;
}

// The runtime enters there as at the function's first byte, with nothing known of any register. No
// edge leads there or into the code up to its jump, so nothing else reads what is above the window.
bool Pass::enter_at_loop() {
  const bool is_apart = at_ == next_loop_entry_at_ && at_ != next_leader_at_ && !reachable_;
  if (!is_apart) return refuse(rule::loop_entry_place);
  const abi::LoopEntry& entry = rest_.loop_entries[0];
  if (!is_in_body(entry.wasm_offset)) return refuse(rule::site_offset);
  rest_.loop_entries = rest_.loop_entries.subspan(1);
  await_loop_entry();
  reachable_ = true;
  know_only(0);
  if (!prologue()) return false;
  state_slots_ = entry.slots;
  const bool kept = load_state();
  state_slots_ = 0;
  return kept;
}

bool Pass::follow(uint64_t length) {
  at_ += length;
  if (at_ < block_end()) return true;
  if (at_ >= next_loop_entry_at_) return refuse(rule::loop_entry_place);
  if (at_ < next_leader_at_) return refuse(rule::falls_off);
  return refuse(at_ == next_leader_at_ ? rule::leader_in_sequence : rule::leader_place);
}

Pass::Place Pass::place(uint64_t target) const {
  const uint64_t offset = target - func_.offset;
  return offset < func_.size ? places_[offset] : Place::Nothing;
}

bool Pass::is_trap(uint64_t target) const {
  return place(target) == Place::TrapSite && traps(target);
}

// [M1] Whatever a leader claims must be true on each edge to it; so nothing need be computed twice.
bool Pass::edge(uint64_t target, RegSet u32) {
  const uint64_t offset = target - func_.offset;
  if (offset >= func_.size) return refuse(rule::branch_range);
  if (places_[offset] < Place::Leader) return refuse(rule::branch_target);
  if (places_[offset] == Place::Foreign) return refuse(rule::foreign_entered);
  places_[offset] = Place::Entered;
  return must((claims_[offset] & ~u32) == 0, rule::branch_facts);
}

bool Pass::table_edges(int64_t table, uint64_t count, RegSet u32) {
  constexpr uint64_t kEntry = 4;
  const uint64_t size = blob_.rodata.size(), first = static_cast<uint64_t>(table);
  if (first % kEntry != 0 || first > size || count * kEntry > size - first) {
    return refuse(rule::jump_table_range);
  }
  // Keeps the whole pass linear: one entry is read for one jump.
  table_entries_ += count;
  if (table_entries_ > size / kEntry) return refuse(rule::jump_table_shared);
  for (uint64_t i = 0; i < count; ++i) {
    int32_t distance;
    std::memcpy(&distance, blob_.rodata.data() + first + kEntry * i, kEntry);
    const uint64_t from = blob_.rodata_at - blob_.code_at + first;
    if (!edge(from + static_cast<uint64_t>(int64_t{distance}), u32)) return false;
  }
  reachable_ = false;
  return true;
}

// A function of the module ran and returned: only its result is known.
bool Pass::call_made(const TypeFacts& callee, uint64_t back) {
  if (uint64_t{abi::kSlotSize} * layout_.window(callee) > func_.frame_size) {
    return refuse(rule::call_frame);
  }
  if ((callee.params_u32 & ~u32_) != 0) return refuse(rule::call_argument);
  know_only(callee.result_u32);
  return take_call_site(back);
}

bool Pass::direct_call(uint64_t target, uint64_t back) {
  const uint64_t entry = blob_.place.code_base + target;
  const TypeFacts* callee = layout_.entry_at(entry);
  calls_ahead_ |= layout_.is_slot(entry);
  return callee != nullptr ? call_made(*callee, back) : refuse(rule::call_target);
}

bool Pass::builtin_call(int64_t disp, uint64_t back) {
  const ContextWord word = layout_.word(disp);
  if (word.kind != ContextWord::Kind::Builtin) return refuse(rule::call_memory);
  if (word.index == static_cast<uint32_t>(abi::Builtin::call_own)) {
    const TypeFacts* callee = own_callee();
    return callee != nullptr && call_made(*callee, back);
  }
  const DiagnosticKind* broken = layout_.broken_by_call(static_cast<abi::Builtin>(word.index),
                                                        constants_, u32_, func_.frame_size);
  if (broken != nullptr) return refuse(*broken);
  know_only(0);
  return take_call_site(back);
}

// [C1] Functions of other instances go to the part out of line, which nothing else may enter.
bool Pass::await_foreign(const Foreign& call) {
  const Place there = place(call.at);
  if (there < Place::Leader || call.at <= at_) return refuse(rule::indirect_context);
  if (there != Place::Leader) return refuse(rule::foreign_entered);
  if ((claims_[call.at - func_.offset] & ~u32_) != 0) return refuse(rule::branch_facts);
  places_[call.at - func_.offset] = Place::Foreign;
  foreign_.push_back(call);
  return true;
}

bool Pass::indirect_call(const TypeFacts& callee, uint64_t foreign, uint64_t back) {
  return await_foreign({foreign, back, callee.result_u32}) && call_made(callee, back);
}

// Arguments and function are unchanged since the sequence, which is the only way here; so what
// call_made() checked there holds here.
bool Pass::foreign() {
  if (next_foreign_ >= foreign_.size() || foreign_[next_foreign_].at != at_) {
    return refuse(rule::foreign_sequence);
  }
  const Foreign& call = foreign_[next_foreign_++];
  if (!foreign_call(call) || (!call.is_tail && !edge(call.back, call.result_u32))) return false;
  reachable_ = false;
  return true;
}

// [S1] The callee has the window of this function, and leaves there what this one's caller expects.
bool Pass::tail_call_made(const TypeFacts& callee) {
  if (callee.results != type_->results) return refuse(rule::tail_results);
  if (callee.slots > layout_.window(*type_)) return refuse(rule::tail_window);
  if ((callee.params_u32 & ~u32_) != 0) return refuse(rule::call_argument);
  reachable_ = false;
  return true;
}

bool Pass::direct_tail_call(uint64_t target, bool is_frame_gone) {
  const uint64_t entry = blob_.place.code_base + target;
  const TypeFacts* callee = layout_.entry_at(entry);
  calls_ahead_ |= layout_.is_slot(entry);
  if (callee == nullptr) return refuse(rule::branch_range);
  return must(is_frame_gone, rule::epilogue) && tail_call_made(*callee);
}

bool Pass::indirect_tail_call(const TypeFacts& callee, uint64_t foreign) {
  return await_foreign({foreign, 0, 0, true}) && tail_call_made(callee);
}

// [B1]
bool Pass::import_tail_call() {
  const std::optional<uint32_t> import = constants_[kConstantParams];
  if (!import) return refuse(rule::builtin_constant);
  if (*import >= layout_.module().imported_funcs) return refuse(rule::builtin_function);
  return tail_call_made(layout_.type_of(*import));
}

// [B1] The function that a call of call_own or return_call_own names, as its thunk finds it; null
// if it is refused.
const TypeFacts* Pass::own_callee() {
  const wasm::Module& module = layout_.module();
  const std::optional<uint32_t> func = constants_[kConstantParams];
  if (!must(func.has_value(), rule::builtin_constant)) return nullptr;
  const bool is_own =
      blob_.options.as_needed && *func >= module.imported_funcs && *func < module.funcs.size();
  return must(is_own, rule::builtin_own) ? &layout_.type_of(*func) : nullptr;
}

bool Pass::own_tail_call() {
  const TypeFacts* const callee = own_callee();
  return callee != nullptr && tail_call_made(*callee);
}

bool Pass::returns() {
  if ((type_->result_u32 & ~u32_) != 0) return refuse(rule::return_result);
  reachable_ = false;
  return true;
}

// Every row up to and including `last` must have been consumed.
bool Pass::rows_end(uint64_t last) {
#define TABLE(name, Wire, Record, text, stray) \
  if (place_of(rest_.name) <= last) return refuse_at(place_of(rest_.name), rule::stray);
#include "core/abi/blob_tables.def"
  return true;
}

bool Pass::take_trap_site(bool is_heap) {
  const uint64_t next = place_of(rest_.trap_sites);
  if (at_ < next) return refuse(rule::trap_site_missing);
  if (at_ > next) return refuse_at(next, rule::trap_site_stray);
  const abi::TrapSite& site = rest_.trap_sites[0];
  const bool fits = is_heap ? site.trap == Trap::out_of_bounds_memory_access
                            : site.trap > Trap::none && site.trap <= Trap::fuel_exhausted;
  if (!fits) return refuse(rule::trap_site_kind);
  rest_.trap_sites = rest_.trap_sites.subspan(1);
  return must(is_in_body(site.wasm_offset), rule::site_offset);
}

bool Pass::take_call_site(uint64_t back) {
  const uint64_t next = place_of(rest_.call_sites);
  if (next != back) return refuse(next > back ? rule::call_site_missing : rule::call_site_stray);
  const abi::CallSite& site = rest_.call_sites[0];
  rest_.call_sites = rest_.call_sites.subspan(1);
  return must(is_in_body(site.wasm_offset), rule::site_offset);
}

}  // namespace cordon::verify
