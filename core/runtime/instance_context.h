// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// InstanceContext: the memory of an instance's abi::VmContext with the part after it that the
// module's plan lays out. Generated code has its address in a register and sees nothing else of an
// instance. Made with every instance, since its own globals are in it.
#pragma once

#include <memory>

#include "core/abi/module_plan.h"

namespace cordon::runtime {

struct Instance;

// Owns the memory; its address stays when this moves.
class InstanceContext {
 public:
  // All zero until link() and the globals' initial values.
  explicit InstanceContext(const wasm::Module& module);

  // Valid as long as this. `index` is that of a global with a slot in the plan.
  abi::VmContext& get() const { return *reinterpret_cast<abi::VmContext*>(storage_.get()); }
  uint64_t* global(uint32_t index) const { return at<uint64_t>(plan_.global(index)); }

  // Fills in what native code of `instance` needs, whose index spaces are complete: memory, tables,
  // type ids, copies of imported constants, builtins. Fields of a call are call_native's.
  void link(const Instance& instance) const;

 private:
  template <class T>
  T* at(uint32_t offset) const {
    return reinterpret_cast<T*>(storage_.get() + offset);
  }

  abi::ModulePlan plan_;
  std::unique_ptr<uint8_t[]> storage_;  // new aligns it for everything; zeroed
};

}  // namespace cordon::runtime
