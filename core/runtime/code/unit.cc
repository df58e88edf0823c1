// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/code/unit.h"

#include <algorithm>
#include <utility>

namespace cordon::runtime {
namespace {

// The row of a sorted table that is exactly at `place`, or null.
template <class Row>
const Row* find(const std::vector<Row>& rows, uint64_t place) {
  const auto found = std::lower_bound(rows.begin(), rows.end(), place,
                                      [](const Row& row, uint64_t at) { return row.place() < at; });
  return found != rows.end() && found->place() == place ? &*found : nullptr;
}

// The order in which a unit keeps its handlers: the blob has them by their places in the code.
bool by_clause(const abi::Handler& a, const abi::Handler& b) {
  return std::pair(a.wasm_offset, a.clause) < std::pair(b.wasm_offset, b.clause);
}

// The same for its entries at loops.
bool by_loop(const abi::LoopEntry& a, const abi::LoopEntry& b) {
  return a.wasm_offset < b.wasm_offset;
}

// The first row in this order that is not before `wanted` if it is the same and its code lies in
// `function`; else null.
template <class Row, class Order>
const Row* find_in(const abi::BlobFunc& function, const std::vector<Row>& rows, const Row& wanted,
                   Order order) {
  const auto row = std::lower_bound(rows.begin(), rows.end(), wanted, order);
  if (row == rows.end() || order(wanted, *row)) return nullptr;
  const bool is_inside = row->offset >= function.offset && row->offset < function.next();
  return is_inside ? &*row : nullptr;
}

}  // namespace

CodeUnit::CodeUnit(verify::VerifiedCode code, const uint8_t* base)
    : standing_(code.standing()), blob_(std::move(code).take_blob()) {
  blob_.leaders = {};
  blob_.rodata = {base + (blob_.rodata_at - blob_.code_at), blob_.rodata.size()};
  blob_.code = {base, blob_.code.size()};
  std::sort(blob_.handlers.begin(), blob_.handlers.end(), by_clause);
  std::sort(blob_.loop_entries.begin(), blob_.loop_entries.end(), by_loop);
}

std::optional<uint32_t> CodeUnit::func_at(uint64_t offset) const {
  const auto after =
      std::upper_bound(blob_.funcs.begin(), blob_.funcs.end(), offset,
                       [](uint64_t at, const abi::BlobFunc& func) { return at < func.offset; });
  if (after == blob_.funcs.begin()) return std::nullopt;
  const auto found = after - 1;
  if (offset >= found->next()) return std::nullopt;
  return static_cast<uint32_t>(found - blob_.funcs.begin());
}

const abi::TrapSite* CodeUnit::trap_site(uint64_t offset) const {
  return find(blob_.trap_sites, offset);
}

const abi::CallSite* CodeUnit::call_site(uint64_t return_offset) const {
  return find(blob_.call_sites, return_offset);
}

const abi::Handler* CodeUnit::handler(uint32_t index, uint32_t wasm_offset, uint32_t clause) const {
  return find_in(func(index), blob_.handlers, {0, wasm_offset, clause, 0}, by_clause);
}

const abi::LoopEntry* CodeUnit::loop_entry(uint32_t index, uint32_t wasm_offset) const {
  return find_in(func(index), blob_.loop_entries, {0, wasm_offset, 0}, by_loop);
}

bool CodeUnit::is_handler(uint64_t offset) const {
  return std::ranges::any_of(blob_.handlers,
                             [&](const abi::Handler& each) { return each.offset == offset; });
}

}  // namespace cordon::runtime
