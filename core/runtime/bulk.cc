// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/bulk.h"

#include <cstring>

namespace cordon::runtime {

namespace {

// [L1] A charge that does not fit leaves the fuel negative, as everywhere.
Trap charge(Execution& execution, uint64_t units) {
  execution.fuel -= static_cast<int64_t>(units);
  return execution.fuel < 0 ? Trap::fuel_exhausted : Trap::none;
}

Trap charge_bytes(Execution& execution, uint32_t size) {
  return charge(execution, (uint64_t{size} + kBytesPerFuel - 1) / kBytesPerFuel);
}

}  // namespace

Trap memory_grow(Memory& memory, uint32_t delta, int32_t& old_pages) {
  old_pages = memory.grow(delta);
  const bool at_limit = old_pages < 0 && memory.type_allows(delta);
  return at_limit && !memory.growth_fails() ? Trap::memory_limit : Trap::none;  // [L1]
}

Trap memory_copy(Execution& execution, Instance& instance, uint32_t to, uint32_t from,
                 uint32_t size) {
  Memory& memory = *instance.memories[0];
  uint8_t* target = memory.at(to, size);
  const uint8_t* source = memory.at(from, size);
  if (target == nullptr || source == nullptr) return Trap::out_of_bounds_memory_access;
  if (Trap trap = charge_bytes(execution, size); trap != Trap::none) return trap;
  std::memmove(target, source, size);
  return Trap::none;
}

Trap memory_fill(Execution& execution, Instance& instance, uint32_t to, uint8_t value,
                 uint32_t size) {
  uint8_t* target = instance.memories[0]->at(to, size);
  if (target == nullptr) return Trap::out_of_bounds_memory_access;
  if (Trap trap = charge_bytes(execution, size); trap != Trap::none) return trap;
  std::memset(target, value, size);
  return Trap::none;
}

Trap memory_init(Execution& execution, Instance& instance, uint32_t data, uint32_t to,
                 uint32_t from, uint32_t size) {
  ByteSpan segment = instance.datas[data];
  uint8_t* target = instance.memories[0]->at(to, size);
  if (target == nullptr || !range_fits(from, size, segment.size())) {
    return Trap::out_of_bounds_memory_access;
  }
  if (Trap trap = charge_bytes(execution, size); trap != Trap::none) return trap;
  if (size != 0) std::memcpy(target, segment.data() + from, size);
  return Trap::none;
}

void data_drop(Instance& instance, uint32_t data) { instance.datas[data] = {}; }

Trap table_fill(Execution& execution, Instance& instance, uint32_t table, uint32_t to,
                uint64_t value, uint32_t count) {
  Table& target = *instance.tables[table];
  if (!target.covers(to, count)) return Trap::out_of_bounds_table_access;
  if (Trap trap = charge(execution, count); trap != Trap::none) return trap;
  return target.fill(to, value, count);
}

Trap table_copy(Execution& execution, Instance& instance, uint32_t to_table, uint32_t from_table,
                uint32_t to, uint32_t from, uint32_t count) {
  Table& target = *instance.tables[to_table];
  Table& source = *instance.tables[from_table];
  if (!target.covers(to, count) || !source.covers(from, count)) {
    return Trap::out_of_bounds_table_access;
  }
  if (Trap trap = charge(execution, count); trap != Trap::none) return trap;
  return Table::copy(target, to, source, from, count);
}

Trap table_init(Execution& execution, Instance& instance, uint32_t elem, uint32_t table,
                uint32_t to, uint32_t from, uint32_t count) {
  Table& target = *instance.tables[table];
  const std::vector<uint64_t>& segment = instance.elems[elem];
  if (!target.covers(to, count) || !range_fits(from, count, segment.size())) {
    return Trap::out_of_bounds_table_access;
  }
  if (Trap trap = charge(execution, count); trap != Trap::none) return trap;
  return target.init(to, segment, from, count);
}

Trap table_grow(Execution& execution, Instance& instance, uint32_t table, uint64_t init,
                uint32_t delta, int32_t& old_size) {
  Table& target = *instance.tables[table];
  if (!target.may_grow(delta)) {
    old_size = -1;
    return Trap::none;
  }
  if (Trap trap = charge(execution, delta); trap != Trap::none) return trap;
  old_size = target.grow(delta, init);
  return Trap::none;
}

void elem_drop(Instance& instance, uint32_t elem) {
  std::vector<uint64_t>().swap(instance.elems[elem]);
}

}  // namespace cordon::runtime
