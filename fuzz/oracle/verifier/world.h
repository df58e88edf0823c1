// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// World: an instance as seen by code in an emulator: its context, tables, functions and builtins,
// at addresses used by nothing else, and the words of them that code may access. Built from the
// module and core/abi, not from the verifier's results.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "core/abi/convention.h"
#include "core/abi/module_plan.h"
#include "core/wasm/module.h"

namespace cordon::fuzz::emulated {

using Random = std::mt19937_64;

// The regions: bits 40 and up of an address give its region.
inline constexpr unsigned kRegionShift = 40;
inline constexpr uint64_t kCodeAt = 0x11ull << kRegionShift, kContextAt = 0x22ull << kRegionShift,
                          kHeapAt = 0x33ull << kRegionShift, kStackAt = 0x44ull << kRegionShift,
                          kTablesAt = 0x55ull << kRegionShift, kHostAt = 0x66ull << kRegionShift;
inline constexpr uint64_t kContextBytes = 1 << 20, kHeapBytes = 1 << 16, kStackBytes = 8 << 20,
                          kTablesBytes = 1 << 20, kHostBytes = 1 << 16;
// [M1] An index, a displacement and the widest access reach as far into the reservation.
inline constexpr uint64_t kMostBytes = 16;
inline constexpr uint64_t kHeapReach = (uint64_t{1} << 32) + (uint64_t{1} << 31) + kMostBytes;

// [R2] Whether a number is an address that guest code must not have. Its own code is no secret. The
// regions are so small a part of all numbers that none occurs by chance.
constexpr bool is_secret(uint64_t value) {
  return value - kContextAt < kContextBytes || value - kHeapAt < kHeapBytes ||
         value - kStackAt < kStackBytes || value - kTablesAt < kTablesBytes ||
         value - kHostAt < kHostBytes;
}

// A number of 32 bits, often at an edge; and one whose upper half is not zero and which is no
// address, with such a number as its lower half.
inline uint32_t edge(Random& random) {
  constexpr uint32_t kEdges[] = {0,  1,           2,           3,           7,          15,
                                 16, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF, 0xFFFF'FFF8};
  const uint64_t bits = random();
  return bits % 4 == 0 ? static_cast<uint32_t>(bits >> 32)
                       : kEdges[(bits >> 8) % std::size(kEdges)];
}
inline uint64_t garbage(Random& random) {
  return (random() << 32 | uint64_t{1} << 62) ^ edge(random);
}

struct Word {
  uint8_t bytes;
  bool writable;
  bool is_fuel = false;
  uint8_t of_bytes = 0;  // what an instruction must access there at once, if not `bytes`
};

class World {
 public:
  // `tail_window`: that of the ValidatedModule.
  World(const wasm::Module& module, uint32_t tail_window);

  // Whether the context and the tables have room in their regions.
  bool fits() const;
  // New contents for the context's and the tables' regions, from their first bytes on.
  std::vector<uint8_t> context(Random& random, uint64_t stack_limit) const;
  std::vector<uint8_t> tables() const;
  // New elements for a table, and their address.
  std::vector<uint64_t> elements(Random& random) const;
  static uint64_t elements_at(uint32_t table);
  // The word of context or tables that begins at this address, if code may access it.
  const Word* word(uint64_t address) const;

  // The target of a call: the builtin at an address, the type of the function at one, and the type
  // of the function of a FuncView.
  std::optional<abi::Builtin> builtin(uint64_t address) const;
  std::optional<uint32_t> type_of_entry(uint64_t address) const;
  std::optional<uint32_t> type_of_view(uint64_t address) const;
  static constexpr uint64_t kReturn = kHostAt;  // where functions return to

  const wasm::Module& module() const { return module_; }
  const wasm::FuncType& type_of_body(uint32_t body) const {
    return module_.types[module_.funcs[module_.imported_funcs + body].value];
  }
  // The slots that a call of such a function leaves room for.
  uint32_t window(const wasm::FuncType& type) const {
    return abi::window_slots(type, tail_window_);
  }
  const abi::ModulePlan& plan() const { return plan_; }

 private:
  uint64_t view(uint32_t type, bool foreign) const;
  uint32_t type_id(uint32_t type) const;
  void add_words();

  const wasm::Module& module_;
  const uint32_t tail_window_;
  const abi::ModulePlan plan_;
  std::map<uint64_t, Word> words_;  // by address
};

}  // namespace cordon::fuzz::emulated
