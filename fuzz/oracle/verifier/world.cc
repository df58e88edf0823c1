// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/verifier/world.h"

#include <algorithm>
#include <cstring>

namespace cordon::fuzz::emulated {
namespace {

// The tables' region: a part for each table, with its TableView first, then one for each function.
constexpr uint64_t kTablePart = 4096, kElements = 256, kViewsAt = kTablesAt + kTablesBytes / 2;
constexpr uint64_t kViewPart = 128, kEntryPart = 16;
constexpr uint32_t kMostElements = 16;
constexpr uint64_t kBuiltinsAt = kHostAt + 4096, kEntriesAt = kHostAt + 8192;

template <class T>
void put(std::vector<uint8_t>& bytes, uint64_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

std::vector<uint8_t> garbage_bytes(Random& random, uint64_t size) {
  std::vector<uint8_t> bytes((size + 7) / 8 * 8);
  for (uint64_t at = 0; at < bytes.size(); at += 8) put(bytes, at, garbage(random));
  return bytes;
}

bool is_narrow(wasm::ValType type) {
  return type == wasm::ValType::i32 || type == wasm::ValType::f32;
}

}  // namespace

World::World(const wasm::Module& module, uint32_t tail_window)
    : module_(module), tail_window_(tail_window), plan_(module) {
  add_words();
}

bool World::fits() const {
  return plan_.size() <= kContextBytes && module_.tables.size() * kTablePart < kTablesBytes / 2 &&
         module_.types.size() * 2 * kViewPart < kTablesBytes / 2 &&
         module_.types.size() * kEntryPart < kHostBytes - 8192;
}

uint64_t World::view(uint32_t type, bool foreign) const {
  return kViewsAt + kViewPart * (2 * uint64_t{type} + (foreign ? 1 : 0));
}

// Equal types have the same id.
uint32_t World::type_id(uint32_t type) const {
  const auto same = std::find(module_.types.begin(), module_.types.end(), module_.types[type]);
  return 100 + static_cast<uint32_t>(same - module_.types.begin());
}

void World::add_words() {
  for (const abi::FieldRow& field : abi::kVmFields) {
    const bool is_limit = field.name == "stack_limit";
    if (field.access == abi::Access::Host && !is_limit) continue;
    words_[kContextAt + field.offset] = {static_cast<uint8_t>(field.width),
                                         field.access == abi::Access::ReadWrite,
                                         field.name == "fuel"};
  }
  for (uint32_t i = 0; i < abi::kBuiltins.size(); ++i) {
    words_[kContextAt + offset_of(static_cast<abi::Builtin>(i))] = {8, false};
  }
  for (uint32_t i = 0; i < module_.types.size(); ++i) {
    words_[kContextAt + plan_.type_id(i)] = {4, false};
    for (const bool foreign : {false, true}) {
      const uint64_t at = view(i, foreign);
      words_[at + offsetof(abi::FuncView, entry)] = {8, false};
      words_[at + offsetof(abi::FuncView, context)] = {8, false};
      words_[at + offsetof(abi::FuncView, type_id)] = {4, false};
    }
  }
  for (uint32_t i = 0; i < module_.globals.size(); ++i) {
    const wasm::GlobalType& type = module_.globals[i].type;
    const bool is_ref =
        type.value == wasm::ValType::funcref || type.value == wasm::ValType::externref;
    if (is_ref || (i < module_.imported_globals && type.is_mutable)) continue;
    const auto bytes = static_cast<uint8_t>(is_narrow(type.value) ? 4 : 8);
    // The emulator takes 16 bytes as two words.
    for (uint32_t slot = 0; slot < wasm::slots_of(type.value); ++slot) {
      const auto whole = static_cast<uint8_t>(type.value == wasm::ValType::v128 ? 16 : 0);
      words_[kContextAt + plan_.global(i) + 8 * slot] = {bytes, type.is_mutable, false, whole};
    }
  }
  for (uint32_t i = 0; i < module_.tables.size(); ++i) {
    if (module_.tables[i].element != wasm::ValType::funcref) continue;
    words_[kContextAt + plan_.table(i)] = {8, false};
    const uint64_t at = kTablesAt + kTablePart * i;
    words_[at + offsetof(abi::TableView, elements)] = {8, false};
    words_[at + offsetof(abi::TableView, size)] = {4, false};
    for (uint32_t k = 0; k < kMostElements; ++k) words_[at + kElements + 8 * k] = {8, false};
  }
}

std::vector<uint8_t> World::context(Random& random, uint64_t stack_limit) const {
  std::vector<uint8_t> bytes = garbage_bytes(random, plan_.size());
  put(bytes, offsetof(abi::VmContext, stack_limit), stack_limit);
  put(bytes, offsetof(abi::VmContext, memory_base), kHeapAt);
  put(bytes, offsetof(abi::VmContext, fuel), int64_t(random() % 1000));
  for (uint32_t i = 0; i < abi::kBuiltins.size(); ++i) {
    put(bytes, offset_of(static_cast<abi::Builtin>(i)), kBuiltinsAt + kEntryPart * i);
  }
  for (uint32_t i = 0; i < module_.types.size(); ++i) put(bytes, plan_.type_id(i), type_id(i));
  for (uint32_t i = 0; i < module_.tables.size(); ++i) {
    put(bytes, plan_.table(i), kTablesAt + kTablePart * i);
  }
  return bytes;
}

std::vector<uint8_t> World::tables() const {
  std::vector<uint8_t> bytes(kTablesBytes);
  for (uint32_t i = 0; i < module_.tables.size(); ++i) {
    const uint64_t at = kTablePart * i;
    put(bytes, at + offsetof(abi::TableView, elements), elements_at(i));
    put(bytes, at + offsetof(abi::TableView, size), kMostElements);
  }
  for (uint32_t i = 0; i < module_.types.size(); ++i) {
    for (const bool foreign : {false, true}) {
      const uint64_t at = view(i, foreign) - kTablesAt;
      put(bytes, at + offsetof(abi::FuncView, entry), foreign ? 0 : kEntriesAt + kEntryPart * i);
      put(bytes, at + offsetof(abi::FuncView, context), foreign ? kHostAt : kContextAt);
      put(bytes, at + offsetof(abi::FuncView, type_id), type_id(i));
    }
  }
  return bytes;
}

uint64_t World::elements_at(uint32_t table) { return kTablesAt + kTablePart * table + kElements; }

// Functions of all types, of this instance and of others, and null.
std::vector<uint64_t> World::elements(Random& random) const {
  const auto types = static_cast<uint32_t>(module_.types.size());
  std::vector<uint64_t> all(kMostElements);
  for (uint64_t& element : all) {
    const bool null = types == 0 || random() % 8 == 0;
    element = null ? 0 : view(static_cast<uint32_t>(random() % types), random() % 3 == 0);
  }
  return all;
}

const Word* World::word(uint64_t address) const {
  const auto found = words_.find(address);
  return found == words_.end() ? nullptr : &found->second;
}

std::optional<abi::Builtin> World::builtin(uint64_t address) const {
  const uint64_t index = (address - kBuiltinsAt) / kEntryPart;
  if (address < kBuiltinsAt || address % kEntryPart != 0 || index >= abi::kBuiltins.size())
    return {};
  return static_cast<abi::Builtin>(index);
}

std::optional<uint32_t> World::type_of_entry(uint64_t address) const {
  const uint64_t index = (address - kEntriesAt) / kEntryPart;
  if (address < kEntriesAt || address % kEntryPart != 0 || index >= module_.types.size()) return {};
  return static_cast<uint32_t>(index);
}

std::optional<uint32_t> World::type_of_view(uint64_t address) const {
  const uint64_t index = (address - kViewsAt) / (2 * kViewPart);
  if (address < kViewsAt || address % kViewPart != 0 || index >= module_.types.size()) return {};
  return static_cast<uint32_t>(index);
}

}  // namespace cordon::fuzz::emulated
