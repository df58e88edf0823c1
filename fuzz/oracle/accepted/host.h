// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host: the functions that programs of cordon-accepted import (gen/accepted/host_funcs.def), and
// some that none imports. Each knows its permitted callers and arguments.
#pragma once

#include <array>
#include <deque>
#include <string>

#include "core/engine/linker.h"
#include "core/runtime/execution.h"
#include "core/runtime/store.h"
#include "fuzz/oracle/accepted/groups.h"
#include "fuzz/oracle/accepted/secrets.h"

namespace cordon::fuzz::accepted {

class Host {
 public:
  Host(runtime::Store& store, runtime::Execution& execution, Groups& groups, Secrets& secrets);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  engine::Linker& linker() { return linker_; }
  // Functions that are given to no instance, one of each type, placed among the others.
  void hide_funcs();
  const std::vector<runtime::Func*>& hidden() const { return hidden_; }
  uint64_t calls() const { return calls_; }
  // A call from outside, with arguments that the callee's group may have. Checks the results.
  Trap invoke(runtime::Func& func, uint8_t group);

 private:
  enum class Deed : uint8_t {
#define HOST_FUNC(name, type) name,
#include "fuzz/gen/accepted/host_funcs.def"
    hidden,
    secret,
  };
  struct Entry {
    Host* host;
    Deed deed;
    runtime::Func* func;
  };

  static Trap enter(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results);
  runtime::Func* make(Deed deed, const wasm::FuncType& type);
  uint8_t check_call(const Entry& entry, const runtime::HostCall& call, const uint64_t* args);
  Trap act(const Entry& entry, runtime::HostCall& call, uint8_t group, uint64_t first,
           uint64_t* results);
  Trap call_back(uint8_t group);

  runtime::Store& store_;
  runtime::Execution& execution_;
  Groups& groups_;
  Secrets& secrets_;
  engine::Linker linker_;
  std::deque<Entry> entries_;
  std::vector<runtime::Func*> hidden_;
  // The host function that the host itself is about to call: the only legitimate call without a
  // caller.
  const runtime::Func* called_by_host_ = nullptr;
  uint8_t group_of_call_ = 0;
  uint64_t calls_ = 0;
};

}  // namespace cordon::fuzz::accepted
