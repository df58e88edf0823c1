// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stamp of a precompiled file: 48 bytes after an encoded CodeBlob with the module it was
// compiled from, the version of Cordon, and whether it charges fuel. It prevents mistakes and
// nothing else: a stamp can be forged, and the code before it is verified all the same ([W3]).
// Written by the compile worker, read by the run worker.
#pragma once

#include <array>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon::abi {

inline constexpr size_t kStampSize = 48;

// `module`: the bytes of the whole module, as compiled.
std::array<uint8_t, kStampSize> make_stamp(ByteSpan module, bool fuel);

// Whether `file` ends in the stamp of this module, this version of Cordon and this setting of fuel
// (none: either is accepted). The bytes before the stamp are not checked.
Result<void> check_stamp(ByteSpan file, ByteSpan module, std::optional<bool> fuel);

}  // namespace cordon::abi
