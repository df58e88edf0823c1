// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/execution.h"

#include <string>
#include <utility>

#include "core/runtime/diagnostics.h"

namespace cordon::runtime {

namespace {

constexpr size_t kGuard = 4096;
constexpr uint64_t kMaxStack = uint64_t{64} << 30;

constexpr size_t round_to_guard(size_t bytes) { return (bytes + kGuard - 1) / kGuard * kGuard; }

}  // namespace

Result<Execution> Execution::create(uint64_t stack_bytes, int64_t fuel) {
  if (stack_bytes > kMaxStack) {
    return fail(diag::stack_limit, kNoOffset,
                std::to_string(stack_bytes) + " bytes, limit " + std::to_string(kMaxStack));
  }
  size_t committed = round_to_guard(stack_bytes);
  // [S1] The guard pages catch what the check of a frame against the limit might miss.
  Mapping stack = TRY(Mapping::reserve(kGuard + committed + kGuard));
  TRY_VOID(stack.commit(kGuard, committed));
  Execution execution(std::move(stack), fuel);
  execution.stack_limit = execution.stack_base + stack_bytes / sizeof(uint64_t);
  return execution;
}

size_t Execution::frame_bytes() const { return stack_.size() - 2 * kGuard; }

Execution::Execution(Mapping stack, int64_t fuel_at_start)
    : fuel(fuel_at_start), stack_(std::move(stack)) {
  stack_base = reinterpret_cast<uint64_t*>(stack_.base() + kGuard);
  stack_limit = stack_base;
  stack_top = stack_base;
}

}  // namespace cordon::runtime
