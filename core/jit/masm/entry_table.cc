// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/masm/entry_table.h"

#include <algorithm>
#include <cstring>

#include "core/abi/code_blob.h"
#include "core/base/check.h"

namespace cordon::jit::masm {

void write_entry_table(MutableByteSpan table, std::span<const uint32_t> entries) {
  constexpr uint8_t kJmpRel32 = 0xE9, kInt3 = 0xCC;
  constexpr uint32_t kJmpSize = 5;
  CHECK(table.size() == entries.size() * abi::kEntrySlot);
  std::ranges::fill(table, kInt3);
  for (size_t i = 0; i < entries.size(); ++i) {
    CHECK(entries[i] < abi::kMaxCodeSpace);  // [E1] The distance fits.
    const MutableByteSpan slot = table.subspan(i * abi::kEntrySlot, kJmpSize);
    const auto next = static_cast<uint32_t>(i * abi::kEntrySlot + kJmpSize);
    const uint32_t distance = entries[i] - next;
    slot[0] = kJmpRel32;
    std::memcpy(&slot[1], &distance, sizeof distance);
  }
}

}  // namespace cordon::jit::masm
