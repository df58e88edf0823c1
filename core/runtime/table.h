// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Table: a table instance (spec §4.2.7). An element is a slot: a Func*, or an embedder's externref;
// null is zero. elements() moves when the table grows.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "core/abi/traps.h"
#include "core/abi/vmctx.h"
#include "core/base/checked.h"
#include "core/base/result.h"
#include "core/wasm/types.h"

namespace cordon::runtime {

// The elements that all tables of a store together may still take ([L1]). Outlives them.
struct TableBudget {
  uint64_t elements_left;
  bool hit_limit = false;  // a table wanted more
};

// Owned by a Store. Takes its elements out of the budget, and gives none back.
class Table {
 public:
  // `type.limits.min` elements, all `init`, a slot. Fails with table_limit if the budget has no
  // room, or with table_allocation.
  static Result<std::unique_ptr<Table>> create(wasm::TableType type, TableBudget& budget,
                                               uint64_t init = 0);

  const wasm::TableType& type() const { return type_; }
  // Whether its store is the one that has this budget.
  bool is_of(const TableBudget& budget) const { return &budget_ == &budget; }
  uint32_t size() const { return view_.size; }
  const uint64_t* elements() const { return view_.elements; }
  // The part that generated code sees; its address never changes.
  const abi::TableView* view() const { return &view_; }
  // Whether [index, index + count) is in the table.
  bool covers(uint32_t index, uint32_t count) const { return range_fits(index, count, view_.size); }

  // Spec §4.4.6. Index and range checked; traps with out_of_bounds_table_access, and then nothing
  // is written.
  Trap get(uint32_t index, uint64_t& value) const;
  Trap set(uint32_t index, uint64_t value);
  Trap fill(uint32_t index, uint64_t value, uint32_t count);
  Trap init(uint32_t index, std::span<const uint64_t> segment, uint32_t from, uint32_t count);
  static Trap copy(Table& to, uint32_t to_index, const Table& from, uint32_t from_index,
                   uint32_t count);
  // Whether the type's maximum and the budget let it grow by `delta`; if the budget refuses, that
  // is recorded there.
  bool may_grow(uint32_t delta);
  // The old size, or -1 when may_grow() or the allocator refuses.
  int32_t grow(uint32_t delta, uint64_t init);

 private:
  bool make_room(uint32_t size);

  struct Free {
    void operator()(uint64_t* elements) const { std::free(elements); }
  };
  Table(wasm::TableType type, TableBudget& budget) : type_(type), budget_(budget) {}

  abi::TableView view_{};  // `elements` is elements_
  wasm::TableType type_;
  TableBudget& budget_;
  uint32_t capacity_ = 0;  // elements there is room for
  // From malloc, which may fail: the guest chooses the number of elements.
  std::unique_ptr<uint64_t[], Free> elements_;
};

}  // namespace cordon::runtime
