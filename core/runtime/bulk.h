// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bulk instructions (spec §4.4.6, §4.4.7) over an instance: the one implementation, for the
// interpreter's handlers, for the builtins of generated code and for active segments.
//
// Each checks its ranges first, then charges fuel, then works: a trap changes nothing, except
// fuel_exhausted, which leaves the fuel below zero. A bulk instruction costs, above its own 1, one
// unit for each 64 bytes or part of them, or for each table element. Indices of memories, tables
// and segments are those of the validated module, so they are in range.
#pragma once

#include <cstdint>

#include "core/abi/traps.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"

namespace cordon::runtime {

inline constexpr uint64_t kBytesPerFuel = 64;

// `old_pages` becomes the instruction's result: -1 if the type's maximum refuses. The embedder's
// limit and a kernel without memory do not give -1 but end the run with memory_limit, as an
// operating system would.
Trap memory_grow(Memory& memory, uint32_t delta, int32_t& old_pages);
Trap memory_copy(Execution& execution, Instance& instance, uint32_t to, uint32_t from,
                 uint32_t size);
Trap memory_fill(Execution& execution, Instance& instance, uint32_t to, uint8_t value,
                 uint32_t size);
Trap memory_init(Execution& execution, Instance& instance, uint32_t data, uint32_t to,
                 uint32_t from, uint32_t size);
void data_drop(Instance& instance, uint32_t data);

// Counts and places are elements, `value` is a slot. A range beyond a table or segment traps as in
// the specification (spec §4.4.6).
Trap table_fill(Execution& execution, Instance& instance, uint32_t table, uint32_t to,
                uint64_t value, uint32_t count);
Trap table_copy(Execution& execution, Instance& instance, uint32_t to_table, uint32_t from_table,
                uint32_t to, uint32_t from, uint32_t count);
Trap table_init(Execution& execution, Instance& instance, uint32_t elem, uint32_t table,
                uint32_t to, uint32_t from, uint32_t count);
// `old_size` becomes the instruction's result: -1 if the table may not grow, and then nothing is
// charged.
Trap table_grow(Execution& execution, Instance& instance, uint32_t table, uint64_t init,
                uint32_t delta, int32_t& old_size);
void elem_drop(Instance& instance, uint32_t elem);

}  // namespace cordon::runtime
