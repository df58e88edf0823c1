// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Groups: the references that each group of instances (gen/accepted/program_shape.h) may hold
// ([R1]). A function belongs to a group if it is in the index space of a member; an externref, if
// the host passed it to the group.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "core/runtime/instance.h"
#include "core/runtime/store.h"

namespace cordon::fuzz::accepted {

class Groups {
 public:
  static constexpr size_t kGroups = 4, kExterns = 8;

  explicit Groups(const runtime::Store& store) : store_(store) {}

  // Announces the group and the imports of the instance of `module` that is about to be made. Until
  // add() or forget() its functions are the group's, since its segments and its start function may
  // pass them on.
  void announce(const wasm::ValidatedModule& module, uint8_t group,
                const std::vector<runtime::Extern>& imports);
  // The announced instance was not made.
  void forget(const wasm::ValidatedModule& module);
  // Adds a member, with all its functions. Adding it twice has no further effect.
  void add(const runtime::Instance& instance);
  uint8_t group_of(const runtime::Instance& instance) const;

  bool may_hold(uint8_t group, wasm::ValType type, uint64_t slot) const;
  // Ends the program if the group may not hold the reference.
  void check(uint8_t group, wasm::ValType type, uint64_t slot, const char* where) const;
  // A reference that the group may hold, selected by a number of any size; sometimes null.
  uint64_t reference(uint8_t group, wasm::ValType type, uint64_t number) const;
  const std::vector<const runtime::Instance*>& members() const { return members_; }

 private:
  bool is_of_newest(uint8_t group, uint64_t func) const;
  void add_funcs(uint8_t group, const std::vector<uint64_t>& funcs);

  const runtime::Store& store_;
  std::map<const wasm::ValidatedModule*, uint8_t> group_of_;
  const wasm::ValidatedModule* newest_ = nullptr;  // announced, and not added yet
  std::vector<const runtime::Instance*> members_;
  std::array<std::vector<uint64_t>, kGroups> funcs_;  // sorted
  // An externref is the address of one of these; a guest must never see the address.
  std::array<std::array<uint64_t, kExterns>, kGroups> externs_{};
};

}  // namespace cordon::fuzz::accepted
