// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/accepted/groups.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "core/base/check.h"
#include "fuzz/oracle/accepted/breach.h"

namespace cordon::fuzz::accepted {

void breach(std::string_view what) {
  const std::string line = "breach: " + std::string(what) + "\n";
  (void)!write(STDERR_FILENO, line.data(), line.size());
  _exit(kBreachStatus);
}

void Groups::announce(const wasm::ValidatedModule& module, uint8_t group,
                      const std::vector<runtime::Extern>& imports) {
  group_of_[&module] = group;
  newest_ = &module;
  std::vector<uint64_t> funcs;
  for (const runtime::Extern& item : imports) {
    const auto* func = std::get_if<runtime::Func*>(&item);
    if (func != nullptr) funcs.push_back(reinterpret_cast<uint64_t>(*func));
  }
  add_funcs(group, funcs);
}

void Groups::forget(const wasm::ValidatedModule& module) {
  group_of_.erase(&module);
  newest_ = nullptr;
}

void Groups::add(const runtime::Instance& instance) {
  if (std::find(members_.begin(), members_.end(), &instance) != members_.end()) return;
  members_.push_back(&instance);
  std::vector<uint64_t> funcs;
  for (const runtime::Func* func : instance.funcs) {
    funcs.push_back(reinterpret_cast<uint64_t>(func));
  }
  add_funcs(group_of(instance), funcs);
  if (instance.module.get() == newest_) newest_ = nullptr;
}

void Groups::add_funcs(uint8_t group, const std::vector<uint64_t>& funcs) {
  std::vector<uint64_t>& all = funcs_[group];
  all.insert(all.end(), funcs.begin(), funcs.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

// Reads `func` only after the store has confirmed that it is a function.
bool Groups::is_of_newest(uint8_t group, uint64_t func) const {
  const auto* const known = reinterpret_cast<const runtime::Func*>(func);
  if (newest_ == nullptr || group_of_.at(newest_) != group || !store_.has_func(known)) return false;
  return known->instance != nullptr && known->instance->module.get() == newest_;
}

uint8_t Groups::group_of(const runtime::Instance& instance) const {
  const auto found = group_of_.find(instance.module.get());
  if (found == group_of_.end()) breach("an instance that is none");
  return found->second;
}

bool Groups::may_hold(uint8_t group, wasm::ValType type, uint64_t slot) const {
  if (slot == 0) return true;
  if (type == wasm::ValType::funcref) {
    return std::binary_search(funcs_[group].begin(), funcs_[group].end(), slot) ||
           is_of_newest(group, slot);
  }
  const std::array<uint64_t, kExterns>& own = externs_[group];
  return std::any_of(own.begin(), own.end(), [slot](const uint64_t& each) {
    return reinterpret_cast<uint64_t>(&each) == slot;
  });
}

void Groups::check(uint8_t group, wasm::ValType type, uint64_t slot, const char* where) const {
  if (may_hold(group, type, slot)) return;
  breach(std::string(where) + " has " + std::string(name_of(type)) + " " + std::to_string(slot) +
         ", which group " + std::to_string(group) + " was never given");
}

uint64_t Groups::reference(uint8_t group, wasm::ValType type, uint64_t number) const {
  if (type == wasm::ValType::funcref) {
    const std::vector<uint64_t>& funcs = funcs_[group];
    return funcs.empty() || number % 5 == 4 ? 0 : funcs[number / 5 % funcs.size()];
  }
  return number % 5 == 4 ? 0 : reinterpret_cast<uint64_t>(&externs_[group][number / 5 % kExterns]);
}

}  // namespace cordon::fuzz::accepted
