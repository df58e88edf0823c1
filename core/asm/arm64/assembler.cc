// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts that an instruction's row does not describe: branches, constants, padding.
#include "core/asm/arm64/assembler.h"

#include <cstring>

namespace cordon::arm64 {

namespace diag = emit::diag;

void Assembler::emit(const Word& word) {
  if (word.error() != nullptr) return fail(*word.error());  // [E1]
  uint8_t* const at = buffer_.reserve();
  if (at == nullptr) return;
  const uint32_t bits = word.bits();
  std::memcpy(at, &bits, kWordSize);
  buffer_.commit(at + kWordSize);
}

void Assembler::branch(const Word& word, uint8_t bits, uint8_t low, Label target) {
  if (!labels_.exists(target)) return fail(diag::no_such_label);  // [E1]
  const uint32_t at = offset();
  emit(word);
  if (ok()) labels_.use(buffer_, target, {at, at, 0, bits, low, /*scale=*/2});
}

// The first half fills all others with zeroes or with ones, whichever are more frequent.
void Assembler::mov(Width w, Gpr dst, int64_t imm) {
  if (w > W64) return fail(diag::no_such_form);  // [E1]
  if (w == W32 && imm != static_cast<int32_t>(imm) && imm != static_cast<uint32_t>(imm)) {
    return fail(diag::immediate_too_large);
  }
  constexpr int64_t kHalf = 0xFFFF;
  const unsigned halves = w == W64 ? 4 : 2;
  const auto half = [imm](unsigned i) { return imm >> (16 * i) & kHalf; };
  unsigned zeroes = 0, ones = 0;
  for (unsigned i = 0; i < halves; ++i) {
    zeroes += half(i) == 0;
    ones += half(i) == kHalf;
  }
  const int64_t rest = ones > zeroes ? kHalf : 0;
  unsigned first = 0;
  while (first + 1 < halves && half(first) == rest) ++first;
  if (half(first) == rest) first = 0;
  if (rest == 0) {
    movz(w, dst, half(first), 16 * first);
  } else {
    movn(w, dst, half(first) ^ kHalf, 16 * first);
  }
  for (unsigned i = first + 1; i < halves; ++i) {
    if (half(i) != rest) movk(w, dst, half(i), 16 * i);
  }
}

void Assembler::align(uint32_t boundary) {
  const bool is_power = boundary != 0 && (boundary & (boundary - 1)) == 0;
  if (!is_power || boundary < kWordSize) return fail(diag::no_such_form);  // [E1]
  while (ok() && offset() % boundary != 0) nop();
}

}  // namespace cordon::arm64
