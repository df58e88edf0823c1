// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/execution.h"

#include <string>
#include <utility>

#include "core/abi/frame.h"
#include "core/runtime/diagnostics.h"
#include "core/wasm/limits.h"

namespace cordon::runtime {

namespace {

constexpr size_t kGuard = 4096;
constexpr uint64_t kMaxStack = uint64_t{64} << 30;

// Beyond the limit, for values and for frames alike: the arguments of a call that does not fit, a
// small frame, which is not checked, and the interpreter's data about calls into the guest.
constexpr size_t kHeadroom = size_t{64} << 10;
static_assert(kHeadroom >
              size_t{abi::slot_bytes(wasm::slots_of(wasm::ValType::v128) * wasm::kMaxParams)} +
                  abi::kSmallFrame + Execution::kMaxNesting * Execution::kMostPerEntry);

constexpr size_t round_to_guard(size_t bytes) { return (bytes + kGuard - 1) / kGuard * kGuard; }

}  // namespace

Result<Execution> Execution::create(uint64_t stack_bytes, int64_t fuel) {
  if (stack_bytes > kMaxStack) {
    return fail(diag::stack_limit, kNoOffset,
                std::to_string(stack_bytes) + " bytes, limit " + std::to_string(kMaxStack));
  }
  const size_t frames = stack_bytes / abi::kSlotSize * abi::kSlotSize;
  // A frame counts no less than its values take, so that these need no check of their own.
  const size_t committed = round_to_guard(2 * (frames + kHeadroom));
  // [S1] The guard pages catch what the check of a frame against the limit might miss.
  Mapping stack = TRY(Mapping::reserve(kGuard + committed + kGuard));
  TRY_VOID(stack.commit(kGuard, committed));
  return Execution(std::move(stack), frames, fuel);
}

Execution::Execution(Mapping stack, size_t frames, int64_t fuel_at_start)
    : fuel(fuel_at_start), stack_(std::move(stack)), frame_bytes_(frames) {
  stack_base = reinterpret_cast<uint64_t*>(stack_.base() + kGuard);
  stack_top = stack_base;
  frames_top = stack_.base() + stack_.size() - kGuard;
  frames_left = static_cast<int64_t>(frames);
}

}  // namespace cordon::runtime
