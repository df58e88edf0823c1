// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/instance_context.h"

#include <algorithm>

#include "core/runtime/builtins.h"
#include "core/runtime/instance.h"

namespace cordon::runtime {

InstanceContext::InstanceContext(const wasm::Module& module)
    : plan_(module), storage_(std::make_unique<uint8_t[]>(plan_.size())) {
  static_assert(alignof(abi::VmContext) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}

void InstanceContext::link(const Instance& instance) const {
  abi::VmContext& context = get();
  context.instance = const_cast<Instance*>(&instance);
  static_assert(sizeof(Func*) == sizeof(abi::FuncView*) && offsetof(Func, view) == 0);
  context.funcs = reinterpret_cast<const abi::FuncView* const*>(instance.funcs.data());
  context.func_count = static_cast<uint32_t>(instance.funcs.size());
  for (size_t i = 0; i < abi::kBuiltins.size(); ++i) {
    context.builtins[i] = builtin_thunk(static_cast<abi::Builtin>(i));
  }
  if (Memory* memory = instance.memory0()) memory->attach(context);
  for (uint32_t i = 0; i < instance.tables.size(); ++i) {
    *at<const abi::TableView*>(plan_.table(i)) = instance.tables[i]->view();
  }
  for (uint32_t i = 0; i < instance.type_ids.size(); ++i) {
    *at<uint32_t>(plan_.type_id(i)) = static_cast<uint32_t>(instance.type_ids[i]);
  }
  const wasm::Module& module = instance.module->module();
  for (uint32_t i = 0; i < module.imported_globals; ++i) {
    if (module.is_left_to_runtime({i})) continue;
    std::copy_n(instance.globals[i]->cell, abi::slots_of(module.globals[i].type.value), global(i));
  }
}

}  // namespace cordon::runtime
