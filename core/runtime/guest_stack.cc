// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/guest_stack.h"

#include "core/abi/frame.h"
#include "core/base/check.h"
#include "core/runtime/diagnostics.h"
#include "core/wasm/limits.h"

namespace cordon::runtime {

namespace {

constexpr size_t kGuard = size_t{64} << 10;
constexpr size_t kHostPage = 4096;
static_assert(kGuard % kHostPage == 0 && GuestStack::kHeadroom % kHostPage == 0);

// [S1] The bytes below the limit that are used without a check: the arguments and results of an
// entry, a return address, and a small frame.
static_assert(GuestStack::kHeadroom >
              uint64_t{abi::slot_bytes(wasm::slots_of(wasm::ValType::v128) *
                                       (wasm::kMaxParams + wasm::kMaxResults))} +
                  abi::kReturnAddress + abi::kSmallFrame);

}  // namespace

// [D1] Frames take what is counted for them. Where the interpreter called native code, or left a
// loop to it, there is a window or a state besides, for which one of its own frames has counted as
// much.
Result<GuestStack> GuestStack::create(size_t frames) {
  const size_t committed = (kHeadroom + 2 * frames + kHostPage - 1) / kHostPage * kHostPage;
  Mapping mapping = TRY(Mapping::reserve(kGuard + committed + kGuard));
  TRY_VOID(mapping.commit(kGuard, committed));
  uint8_t* const lowest = mapping.base() + kGuard;
  if (reinterpret_cast<uint64_t>(lowest) < abi::kFrameBound) {
    return fail(diag::stack_place, kNoOffset, "below 2 GiB");
  }
  return GuestStack(std::move(mapping), lowest + committed, lowest + kHeadroom);
}

}  // namespace cordon::runtime
