// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls into the guest with typed values.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/engine/value.h"
#include "core/runtime/execution.h"
#include "core/runtime/instance.h"

namespace cordon::engine {

// How a call ended. `results` has one value for each result of the function's type.
struct Outcome {
  Trap trap = Trap::none;
  std::vector<Value> results = {};  // empty after a trap
};

// The exported function of that name, or the error.
Result<runtime::Func*> find_func(const runtime::Instance& instance, std::string_view name);

// Checks the arguments against the function's type; a reference must be null or come from this
// store.
Result<Outcome> invoke(runtime::Execution& execution, runtime::Func& func,
                       std::span<const Value> arguments);
Result<Outcome> invoke(runtime::Execution& execution, const runtime::Instance& instance,
                       std::string_view name, std::span<const Value> arguments);

// Reads one argument a parameter, as written on a command line.
Result<std::vector<Value>> parse_arguments(const wasm::FuncType& type,
                                           std::span<const std::string> texts);

}  // namespace cordon::engine
