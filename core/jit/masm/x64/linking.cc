// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/masm/linking.h"

#include <algorithm>
#include <cstring>

#include "core/abi/code_blob.h"
#include "core/base/check.h"

namespace cordon::jit::masm {

// The low half: distances wrap like addresses.
void write_distance(MutableByteSpan code, uint64_t field, uint64_t distance) {
  const auto low = static_cast<uint32_t>(distance);
  std::memcpy(code.subspan(field, sizeof low).data(), &low, sizeof low);
}

void write_entry_table(MutableByteSpan table, std::span<const uint32_t> entries) {
  constexpr uint8_t kJmpRel32 = 0xE9;
  constexpr uint32_t kJmpSize = 5;
  CHECK(table.size() == entries.size() * abi::kEntrySlot);
  std::ranges::fill(table, abi::kPadding);
  for (size_t i = 0; i < entries.size(); ++i) {
    CHECK(entries[i] < abi::kMaxCodeSpace);  // [E1] The distance fits.
    const MutableByteSpan slot = table.subspan(i * abi::kEntrySlot, kJmpSize);
    const auto next = static_cast<uint32_t>(i * abi::kEntrySlot + kJmpSize);
    slot[0] = kJmpRel32;
    write_distance(slot, 1, entries[i] - next);
  }
}

}  // namespace cordon::jit::masm
