// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts that an instruction's row does not describe: branches, references to labels, padding,
// and the end of a compile.
#include "core/asm/x64/assembler.h"

#include <algorithm>

namespace cordon::x64 {

namespace diag = emit::diag;

namespace {
// Opcode and an 8-bit distance.
constexpr int64_t kShortLength = 2;

// SDM volume 2, "Recommended Multi-Byte Sequence of NOP Instruction".
constexpr uint32_t kLongestNop = 9;
constexpr uint8_t kNops[kLongestNop][kLongestNop] = {
    {0x90},
    {0x66, 0x90},
    {0x0F, 0x1F, 0x00},
    {0x0F, 0x1F, 0x40, 0x00},
    {0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00},
    {0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0x66, 0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
};
}  // namespace

void Assembler::mov(Width w, Gpr dst, int64_t imm) {
  if (w == W32) return mov_u32(dst, imm);
  if (w != W64) return fail(diag::no_such_form);  // [E1]
  // A 32-bit mov clears the upper half: five bytes for a constant below 2^32.
  if (imm == static_cast<uint32_t>(imm)) return mov_u32(dst, imm);
  if (detail::fits_i32(imm)) return mov_s32(dst, imm);
  mov_i64(dst, imm);
}

void Assembler::nop(uint32_t bytes) {
  while (bytes != 0 && ok()) {
    const uint32_t length = std::min(bytes, kLongestNop);
    buffer_.append({kNops[length - 1], length});
    bytes -= length;
  }
}

void Assembler::align(uint32_t boundary, Fill fill) {
  if (boundary == 0 || (boundary & (boundary - 1)) != 0) return fail(diag::no_such_form);  // [E1]
  uint32_t bytes = -offset() & (boundary - 1);
  if (fill == Fill::Nop) return nop(bytes);
  for (; bytes != 0 && ok(); --bytes) int3();
}

void Assembler::refer(const Mem::Encoded& mem, uint32_t disp_end) {
  const uint32_t field = disp_end - 4;
  const uint32_t number = mem.number();
  buffer_.patch32(field, 0);
  if (mem.kind == Mem::kExternal) {
    relocations_.add({field, offset(), {number}});
  } else {
    labels_.use(buffer_, {number}, {field, offset(), 4});
  }
}

bool Assembler::put_near(const Encoding& near, uint8_t cond) {
  if (cond > 15) {  // [E1]
    fail(diag::no_such_form);
    return false;
  }
  uint8_t* p = buffer_.reserve();
  if (p == nullptr) return false;
  if (near.map == OpcodeMap::M0F) *p++ = 0x0F;
  *p++ = static_cast<uint8_t>(near.opcode + cond);
  detail::store32(p, 0);
  buffer_.commit(p + 4);
  return true;
}

void Assembler::branch(const BranchForms& forms, uint8_t cond, Label target, Reach reach) {
  if (!labels_.exists(target)) return fail(diag::no_such_label);  // [E1]
  const uint32_t bound = labels_.offset(target);
  bool is_short = reach == Reach::Short;
  if (bound != kUnbound) {
    const int64_t distance = int64_t{bound} - (int64_t{offset()} + kShortLength);
    is_short |= forms.short_opcode != 0 && distance == static_cast<int8_t>(distance);
  }
  if (!is_short) {
    if (put_near(forms.near, cond)) labels_.use(buffer_, target, {offset() - 4, offset(), 4});
    return;
  }
  if (forms.short_opcode == 0 || cond > 15) return fail(diag::no_such_form);  // [E1]
  uint8_t* p = buffer_.reserve();
  if (p == nullptr) return;
  p[0] = static_cast<uint8_t>(forms.short_opcode + cond);
  p[1] = 0;
  buffer_.commit(p + kShortLength);
  labels_.use(buffer_, target, {offset() - 1, offset(), 1});
}

void Assembler::branch(const BranchForms& forms, uint8_t cond, External target) {
  if (put_near(forms.near, cond)) relocations_.add({offset() - 4, offset(), target});
}

}  // namespace cordon::x64
