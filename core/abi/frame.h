// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers of a frame on which compiler, verifier and runtime agree (docs/generated-code.md,
// section 3).
#pragma once

#include <cstdint>

namespace cordon::abi {

// Frames up to this size, in bytes, need not be subtracted from rsp before it is compared with the
// stack limit: the runtime keeps more than that mapped below the limit ([S1]).
inline constexpr uint32_t kSmallFrame = 4096;
// Every frame is smaller, so that rsp minus a frame does not wrap: the runtime keeps the guest's
// stack above this address.
inline constexpr uint64_t kFrameBound = uint64_t{1} << 31;

}  // namespace cordon::abi
