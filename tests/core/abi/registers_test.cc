// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of every machine, in their roles: what compilers, the verifier and the runtime take
// for given of them, whatever the machine.
#include "core/abi/arm64/registers.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/abi/slot.h"
#include "core/abi/x64/registers.h"
#include "core/wasm/call_slots.h"

namespace cordon::abi {
namespace {

using Numbers = std::vector<uint32_t>;

struct Machine {
  const char* name;
  uint32_t registers, float_registers;
  uint32_t context, memory_base, stack_pointer, int_result, float_result, foreign_func;
  Numbers int_params, float_params, builtin_params;
  uint32_t return_address, entry_slot;
  uint64_t branch_reach;
};

template <class List>
Numbers numbers(const List& list) {
  return {list.begin(), list.end()};
}

#define MACHINE(name)                                                                          \
  Machine {                                                                                    \
    #name, name::kRegisterCount, name::kFloatRegisterCount, name::kContext, name::kMemoryBase, \
        name::kStackPointer, name::kIntResult, name::kFloatResult, name::kForeignFunc,         \
        numbers(name::kIntParams), numbers(name::kFloatParams), numbers(name::kBuiltinParams), \
        name::kReturnAddress, name::kEntrySlot, name::kBranchReach                             \
  }

class Registers : public testing::TestWithParam<Machine> {};
INSTANTIATE_TEST_SUITE_P(Machines, Registers, testing::Values(MACHINE(x64), MACHINE(arm64)),
                         [](const auto& tested) { return std::string(tested.param.name); });

bool all_differ(const Numbers& list) {
  return std::set<uint32_t>(list.begin(), list.end()).size() == list.size();
}

// Nothing else is where a parameter comes in: a result, the function that is called, the context.
TEST_P(Registers, HaveOneRoleAtACall) {
  const Machine& m = GetParam();
  Numbers at_call = m.int_params;
  at_call.insert(at_call.end(),
                 {m.int_result, m.foreign_func, m.context, m.memory_base, m.stack_pointer});
  EXPECT_TRUE(all_differ(at_call));
  Numbers floats = m.float_params;
  floats.push_back(m.float_result);
  EXPECT_TRUE(all_differ(floats));
  Numbers at_builtin = m.builtin_params;
  at_builtin.insert(at_builtin.end(), {m.context, m.memory_base, m.stack_pointer});
  EXPECT_TRUE(all_differ(at_builtin));
}

TEST_P(Registers, Exist) {
  const Machine& m = GetParam();
  for (const Numbers& list : {m.int_params, m.builtin_params,
                              Numbers{m.context, m.memory_base, m.int_result, m.foreign_func}}) {
    for (const uint32_t number : list) EXPECT_LT(number, m.registers);
  }
  for (const uint32_t number : m.float_params) EXPECT_LT(number, m.float_registers);
  // Facts are kept in 32 bits.
  EXPECT_LE(m.registers, 32u);
  EXPECT_LE(m.float_registers, 32u);
}

// [D1] The slots that a call takes in memory are counted alike everywhere, so no machine passes
// fewer parameters in registers than are counted.
TEST_P(Registers, TakeAsManyParametersAsAreCounted) {
  EXPECT_GE(GetParam().int_params.size(), wasm::kRegisterParams);
  EXPECT_GE(GetParam().float_params.size(), wasm::kRegisterParams);
  EXPECT_GE(GetParam().builtin_params.size(), 5u);
}

TEST_P(Registers, KeepFramesAndSlotsWhole) {
  const Machine& m = GetParam();
  EXPECT_EQ(m.return_address % kSlotSize, 0u);
  EXPECT_GE(m.return_address, kSlotSize);
  EXPECT_EQ(4096 % m.entry_slot, 0u);
  EXPECT_LE(m.branch_reach, uint64_t{1} << 31);
}

}  // namespace
}  // namespace cordon::abi
