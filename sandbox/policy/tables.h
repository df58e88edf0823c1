// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The macros with which the policy tables are written, and their functions. For *.policy.cc only.
//
// Conditions examine the low 32 bits where the kernel does so itself (int and unsigned arguments,
// and flag words whose flags are all there): the ABI leaves the upper half of such a register
// undefined. Pointers and sizes are compared as a whole.
#pragma once

#include "sandbox/policy/policy.h"

namespace cordon::policy {

// One table for each Worker of policy.h, in a <name>.policy.cc. Static storage.
std::span<const Row> run_worker_rows();
std::span<const Row> native_run_worker_rows();
std::span<const Row> auto_run_worker_rows();
std::span<const Row> compile_worker_rows();
std::span<const Row> auto_compile_worker_rows();
std::span<const Row> path_broker_rows();
std::span<const Row> trace_worker_rows();

}  // namespace cordon::policy

#define ROW(phase, name, reason, ...) \
  Row { SYS_##name, #name, Phase::phase, Answer::Allow, {__VA_ARGS__}, reason }
// An exception from the rows above it, once the guest filter is on.
#define NEVER(name, reason, ...) \
  Row { SYS_##name, #name, Phase::Guest, Answer::Never, {__VA_ARGS__}, reason }
// A call that the supervisor answers.
#define ASK(phase, name, reason, ...) \
  Row { SYS_##name, #name, Phase::phase, Answer::Ask, {__VA_ARGS__}, reason }

#define IS(argument, name, pinned) \
  Condition { argument, 0xffffffffU, static_cast<uint32_t>(pinned), #name " == " #pinned }
#define IS_NULL(argument, name) Condition{argument, ~uint64_t{0}, 0, #name " == NULL"}
// No bits except those of `bits`: pins flags, and ranges from 0 to a power of two minus one.
#define WITHIN(argument, name, bits) \
  Condition { argument, ~static_cast<uint32_t>(bits), 0, #name " within " #bits }
// `pinned` is set and, besides it, at most `bits`.
#define IS_WITH(argument, name, pinned, bits)                   \
  Condition {                                                   \
    argument, ~static_cast<uint32_t>(bits), (pinned) & ~(bits), \
        #name " == " #pinned ", perhaps with " #bits            \
  }
