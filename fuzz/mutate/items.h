// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The items of a section that is a vector (spec §5.5), as the bytes of each, and instructions as
// the bytes of each. Used by the reducer, which leaves some of them out.
#pragma once

#include <optional>
#include <vector>

#include "core/wasm/op.h"
#include "fuzz/mutate/pieces.h"

namespace cordon::fuzz {

using Items = std::vector<ByteString>;

// The items of a section's content; nothing if the section `id` is no vector of such items, or
// `content` is malformed.
std::optional<Items> items_of(uint8_t id, const ByteString& content);
// The content of a section with these items.
ByteString join(const Items& items);

struct Instruction {
  wasm::Op op;
  uint32_t begin, end;  // in the body
};

// The instructions of a body of the code section, its final `end` included; nothing if one is
// malformed.
std::optional<std::vector<Instruction>> instructions_of(const ByteString& body);

}  // namespace cordon::fuzz
