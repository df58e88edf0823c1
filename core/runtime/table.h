// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Table: a table instance (spec §4.2.7). An element is a slot: a Func*, or an embedder's externref;
// null is zero.
#pragma once

#include <cstdint>
#include <memory>

#include "core/abi/traps.h"
#include "core/base/result.h"
#include "core/wasm/types.h"

namespace cordon::runtime {

class Table {
 public:
  // `max_elements` is the embedder's limit ([L1]).
  static Result<std::unique_ptr<Table>> create(wasm::TableType type, uint32_t max_elements,
                                               uint64_t init = 0);

  const wasm::TableType& type() const { return type_; }
  uint32_t size() const { return static_cast<uint32_t>(elements_.size()); }
  const uint64_t* elements() const { return elements_.data(); }

  // Spec §4.4.6. Index and range checked; traps with out_of_bounds_table_access.
  Trap get(uint32_t index, uint64_t& value) const;
  Trap set(uint32_t index, uint64_t value);
  Trap fill(uint32_t index, uint64_t value, uint32_t count);
  Trap init(uint32_t index, std::span<const uint64_t> segment, uint32_t from, uint32_t count);
  static Trap copy(Table& to, uint32_t to_index, const Table& from, uint32_t from_index,
                   uint32_t count);
  // The old size, or -1 when the type's maximum or the embedder's limit refuses.
  int32_t grow(uint32_t delta, uint64_t init);

 private:
  Table(wasm::TableType type, uint32_t max_elements) : type_(type), max_elements_(max_elements) {}
  wasm::TableType type_;
  uint32_t max_elements_;
  std::vector<uint64_t> elements_;
};

}  // namespace cordon::runtime
