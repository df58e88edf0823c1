// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/table.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/check.h"
#include "core/runtime/diagnostics.h"

namespace cordon::runtime {

Result<std::unique_ptr<Table>> Table::create(wasm::TableType type, TableBudget& budget,
                                             uint64_t init) {
  const uint64_t elements = type.limits.min;
  std::string asked = std::to_string(elements) + " elements";
  if (elements > budget.elements_left) {
    budget.hit_limit = true;
    return fail(diag::table_limit, kNoOffset,
                asked + ", left of the limit " + std::to_string(budget.elements_left));
  }
  std::unique_ptr<Table> table(new Table(type, budget));
  if (table->grow(static_cast<uint32_t>(elements), init) < 0) {
    return fail(diag::table_allocation, kNoOffset, std::move(asked));
  }
  return table;
}

Trap Table::get(uint32_t index, uint64_t& value) const {
  if (index >= view_.size) return Trap::out_of_bounds_table_access;
  value = elements_[index];
  return Trap::none;
}

Trap Table::set(uint32_t index, uint64_t value) {
  if (index >= view_.size) return Trap::out_of_bounds_table_access;
  elements_[index] = value;
  return Trap::none;
}

Trap Table::fill(uint32_t index, uint64_t value, uint32_t count) {
  if (!covers(index, count)) return Trap::out_of_bounds_table_access;
  std::fill_n(elements_.get() + index, count, value);
  return Trap::none;
}

Trap Table::init(uint32_t index, std::span<const uint64_t> segment, uint32_t from, uint32_t count) {
  if (!covers(index, count) || !range_fits(from, count, segment.size())) {
    return Trap::out_of_bounds_table_access;
  }
  std::copy_n(segment.data() + from, count, elements_.get() + index);
  return Trap::none;
}

Trap Table::copy(Table& to, uint32_t to_index, const Table& from, uint32_t from_index,
                 uint32_t count) {
  CHECK(to.type_.element == from.type_.element);  // [C1] validation and builtins have seen to it
  if (!to.covers(to_index, count) || !from.covers(from_index, count)) {
    return Trap::out_of_bounds_table_access;
  }
  if (count != 0) {
    std::memmove(to.elements_.get() + to_index, from.elements_.get() + from_index,
                 size_t{count} * sizeof(uint64_t));
  }
  return Trap::none;
}

bool Table::may_grow(uint32_t delta) {
  uint64_t new_size = uint64_t{view_.size} + delta;
  if (type_.limits.has_max && new_size > type_.limits.max) return false;
  // INT32_MAX: the old size must differ from -1 whatever the embedder allows.
  if (delta > budget_.elements_left || new_size > INT32_MAX) {  // [L1]
    budget_.hit_limit = true;
    return false;
  }
  return true;
}

// Grows by at least half, so that growing one by one does not copy everything each time. Not
// realloc(): glibc grows a large block by mremap(2), which the jail forbids ([J2]).
bool Table::make_room(uint32_t size) {
  if (size <= capacity_) return true;
  uint64_t capacity = std::max<uint64_t>(size, uint64_t{capacity_} + capacity_ / 2);
  capacity = std::min<uint64_t>(capacity, INT32_MAX);
  void* room = std::malloc(capacity * sizeof(uint64_t));
  if (room == nullptr) return false;
  if (view_.size != 0) std::memcpy(room, elements_.get(), size_t{view_.size} * sizeof(uint64_t));
  elements_.reset(static_cast<uint64_t*>(room));
  view_.elements = elements_.get();
  capacity_ = static_cast<uint32_t>(capacity);
  return true;
}

int32_t Table::grow(uint32_t delta, uint64_t init) {
  uint32_t old_size = view_.size;
  if (!may_grow(delta)) return -1;
  if (!make_room(old_size + delta)) {
    budget_.hit_limit = true;
    return -1;
  }
  if (delta != 0) std::fill_n(elements_.get() + old_size, delta, init);
  budget_.elements_left -= delta;
  view_.size = old_size + delta;
  return static_cast<int32_t>(old_size);
}

}  // namespace cordon::runtime
