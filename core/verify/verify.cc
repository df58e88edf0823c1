// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The verifier's entry: checks the structure, then the place of a piece, then runs the pass.
#include "core/verify/verify.h"

#include <algorithm>
#include <atomic>

#include "core/base/check.h"
#include "core/verify/pass.h"
#include "core/verify/rules.h"

namespace cordon::verify {

static std::atomic<uint64_t> g_last_series = 0;

Verification::Verification(const wasm::ValidatedModule& module, Series series, abi::Machine machine)
    : isa_(isa_of(machine)),
      kind_(series),
      layout_(module.module(), module.tail_window()),
      series_(++g_last_series) {}

// [C1] The places of a piece that was refused are known to layout_: no later one may call there.
Result<VerifiedCode> Verification::add(ByteSpan bytes) {
  CHECK(!complete_);
  if (has_refused_) return fail(rule::piece_place, kNoOffset, "a piece before it was refused");
  Result<VerifiedCode> verified = verify_piece(bytes);
  has_refused_ = !verified;
  return verified;
}

Result<VerifiedCode> Verification::verify_piece(ByteSpan bytes) {
  abi::CodeBlob blob = TRY(abi::decode_blob(bytes));
  if (isa_ == nullptr || blob.options.machine != isa_->machine) return refusal(rule::machine, blob);
  TRY_VOID(check_piece(blob));
  const bool as_needed = kind_ == Series::AsNeeded;
  const size_t bodies = layout_.module().bodies.size();
  bool calls_ahead = false;
  if (!as_needed && pieces_ != 0 && layout_.starts().size() == bodies) {
    TRY_VOID(check_entry_table(blob));
    complete_ = true;
  } else {
    layout_.add(blob);
    const auto pass = isa_->make_pass(layout_, blob);
    if (!pass->run()) return refusal(pass->broken(), blob, pass->offset(), pass->function());
    calls_ahead = pass->calls_ahead();
    complete_ = !as_needed && !layout_.in_pieces() && layout_.starts().size() == bodies;
  }
  if (pieces_ == 0) fuel_ = blob.options.fuel;
  const Standing standing{&layout_.module(), series_, pieces_++, calls_ahead, complete_};
  return VerifiedCode(std::move(blob), bytes, standing);
}

Result<void> Verification::check_piece(const abi::CodeBlob& blob) const {
  const bool as_needed = kind_ == Series::AsNeeded;
  if (blob.options.as_needed != as_needed) return refusal(rule::piece_series, blob);
  const DiagnosticKind* broken = as_needed ? broken_by_needed(blob) : broken_by_place(blob);
  if (broken != nullptr) return refusal(*broken, blob);
  if (pieces_ != 0 && blob.options.fuel != fuel_) return refusal(rule::piece_options, blob);
  return check_bodies(blob);
}

// The next functions, after all code so far; the first piece leaves room for a table of entries
// unless it is the only one; the table comes when no functions are left.
const DiagnosticKind* Verification::broken_by_place(const abi::CodeBlob& blob) const {
  const uint64_t bodies = layout_.module().bodies.size();
  const uint64_t done = layout_.starts().size();
  const bool first = pieces_ == 0;
  const bool only = first && blob.place.code_base == 0;
  const bool is_table = !first && done == bodies;
  const uint64_t base = first ? abi::entry_table_size(bodies) : is_table ? 0 : layout_.end();
  const uint64_t funcs = blob.funcs.size();
  if (blob.place.first_body != done || (!only && blob.place.code_base != base)) {
    return &rule::piece_place;
  }
  const bool is_counted =
      only ? funcs == bodies : funcs <= bodies - done && (funcs == 0) == is_table;
  return is_counted ? nullptr : &rule::function_count;
}

// Some functions, after all code so far.
const DiagnosticKind* Verification::broken_by_needed(const abi::CodeBlob& blob) const {
  if (blob.place.first_body != 0 || blob.place.code_base != layout_.end()) {
    return &rule::piece_place;
  }
  return blob.funcs.empty() ? &rule::function_count : nullptr;
}

// [C1] Which body each function is the code of: no body has code twice, or the entry of one could
// be another's.
Result<void> Verification::check_bodies(const abi::CodeBlob& blob) const {
  const uint64_t bodies = layout_.module().bodies.size();
  uint64_t least = blob.place.first_body;
  for (uint32_t i = 0; i < blob.funcs.size(); ++i) {
    const uint32_t body = blob.funcs[i].body;
    const bool is_due = kind_ == Series::AsNeeded
                            ? body >= least && body < bodies && !layout_.has_code(body)
                            : body == least;
    if (!is_due) return refusal(rule::function_body, blob, blob.funcs[i].offset, i);
    least = uint64_t{body} + 1;
  }
  return {};
}

// [C1] A call to a body's slot gets to that body and nowhere else.
Result<void> Verification::check_entry_table(const abi::CodeBlob& blob) const {
  const bool is_bare = blob.rodata.empty() && blob.trap_sites.empty() && blob.call_sites.empty() &&
                       blob.handlers.empty() && blob.loop_entries.empty() &&
                       blob.options.cpu_features == 0;
  const uint64_t size = uint64_t{abi::kEntrySlot} * layout_.starts().size();
  if (!is_bare || blob.code.size() != size) return refusal(rule::entry_table, blob);
  uint32_t at = 0;
  for (const uint32_t start : layout_.starts()) {
    const ByteSpan slot = blob.code.subspan(at, abi::kEntrySlot);
    if (!isa_->jumps_to(slot, at, start)) return refusal(rule::entry_table, blob, at);
    at += abi::kEntrySlot;
  }
  return {};
}

Failure Verification::refusal(const DiagnosticKind& rule, const abi::CodeBlob& blob,
                              uint64_t offset, uint32_t function) const {
  constexpr uint64_t kShown = 15;  // bytes: the longest instruction of any machine
  const uint64_t at = std::min<uint64_t>(offset, blob.code.size());
  const uint64_t body = function < blob.funcs.size() ? blob.funcs[function].body
                                                     : uint64_t{blob.place.first_body} + function;
  std::string where = "function " + std::to_string(layout_.module().imported_funcs + body) + ", at";
  constexpr char kDigits[] = "0123456789abcdef";
  for (const uint8_t byte : blob.code.subspan(at, std::min(kShown, blob.code.size() - at))) {
    where += {' ', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return fail(rule, at, std::move(where));
}

Result<VerifiedCode> verify(const wasm::ValidatedModule& module, ByteSpan bytes) {
  Verification verification(module);
  VerifiedCode code = TRY(verification.add(bytes));
  if (!verification.complete()) return fail(rule::piece_place, 0, "pieces are missing");
  return code;
}

}  // namespace cordon::verify
