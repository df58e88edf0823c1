// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stamp of a precompiled file: 48 bytes behind an encoded CodeBlob that say of which module it
// is the code, by which Cordon, and whether it charges fuel. It keeps people from mistakes and from
// nothing else: whoever wants to lie in it can, and what is behind it is verified all the same
// ([W3]). Written by the compile worker, read by the run worker.
#pragma once

#include <array>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon::abi {

inline constexpr size_t kStampSize = 48;

// `module`: the whole module, as it was compiled.
std::array<uint8_t, kStampSize> make_stamp(ByteSpan module, bool fuel);

// Whether `file` ends in the stamp of this module, this Cordon and this rule for fuel (none: either
// will do). Says nothing of what stands before it.
Result<void> check_stamp(ByteSpan file, ByteSpan module, std::optional<bool> fuel);

}  // namespace cordon::abi
