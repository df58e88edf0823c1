// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that writes all it can read into its linear memory, where the test looks for secrets: every
// register and flag, its frame with what earlier calls left there, its incoming window, the fields
// of its context, and its read-only data. Nothing else is readable to accepted code.
#pragma once

#include <string>

#include "core/runtime/instance.h"
#include "tests/core/runtime/hand_code.h"

namespace cordon::border {

struct Readable {
  uint32_t frame;         // of the function, in bytes
  uint32_t window_slots;  // incoming
  uint32_t own_number;    // context offsets of globals that code may read
  uint32_t imported_constant;
};

// The places of the parts.
inline constexpr uint32_t kGprs = 0, kFlags = 128, kXmms = 144, kFrame = 400;

// The code, at any place of a function. Uses rax and the lowest 16 bytes of the frame in the end.
void write_dump(testing::HandCode& code, const Readable& readable, uint32_t wasm_offset);
// Once all code is there: 16 bytes of read-only data, and where dumps read them.
void finish_rodata(testing::HandCode& code);

// The first secret in `bytes`, which `instance` could read: a canary, or the address of anything
// in this process but the instance's own code. Looked for at every byte. Empty if there is none.
std::string secret_in(ByteSpan bytes, const runtime::Instance& instance);

}  // namespace cordon::border
