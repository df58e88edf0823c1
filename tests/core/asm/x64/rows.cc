// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// forms.def expanded to the rows of rows.h.
#include "tests/core/asm/x64/rows.h"

namespace cordon::x64 {

namespace {

Gpr gpr(unsigned number) { return static_cast<Gpr>(number); }
Xmm xmm(unsigned number) { return static_cast<Xmm>(number); }

#define WIDTHS_Wall v.width,
#define WIDTHS_W16up v.width,
#define WIDTHS_W32up v.width,
#define WIDTHS_D
#define WIDTHS_Q
#define WIDTHS_Fix
#define WIDTHS_Scalar v.float_width,
#define WIDTHS_Packed v.float_width,
#define WIDTHS_ScalarP v.float_width,
#define WIDTHS_FLow v.float_width,
#define WIDTHS_ScalarW v.float_width, v.width,

#define OPERANDS_n
#define OPERANDS_o gpr(v.rm)
#define OPERANDS_oi gpr(v.rm), v.imm
#define OPERANDS_i v.imm
#define OPERANDS_g gpr(v.rm)
#define OPERANDS_m v.memory.mem
#define OPERANDS_gi gpr(v.rm), v.imm
#define OPERANDS_mi v.memory.mem, v.imm
#define OPERANDS_gG gpr(v.rm), gpr(v.reg)
#define OPERANDS_Gg gpr(v.reg), gpr(v.rm)
#define OPERANDS_mG v.memory.mem, gpr(v.reg)
#define OPERANDS_Gm gpr(v.reg), v.memory.mem
#define OPERANDS_Ggi gpr(v.reg), gpr(v.rm), v.imm
#define OPERANDS_Gmi gpr(v.reg), v.memory.mem, v.imm
#define OPERANDS_Ggv gpr(v.reg), gpr(v.rm), gpr(v.vvvv)
#define OPERANDS_Gmv gpr(v.reg), v.memory.mem, gpr(v.vvvv)
#define OPERANDS_Gvg gpr(v.reg), gpr(v.vvvv), gpr(v.rm)
#define OPERANDS_Gvm gpr(v.reg), gpr(v.vvvv), v.memory.mem
#define OPERANDS_cGg v.cond, gpr(v.reg), gpr(v.rm)
#define OPERANDS_cGm v.cond, gpr(v.reg), v.memory.mem
#define OPERANDS_cg v.cond, gpr(v.rm)
#define OPERANDS_cm v.cond, v.memory.mem
#define OPERANDS_Xx xmm(v.reg), xmm(v.rm)
#define OPERANDS_Xm xmm(v.reg), v.memory.mem
#define OPERANDS_mX v.memory.mem, xmm(v.reg)
#define OPERANDS_Xg xmm(v.reg), gpr(v.rm)
#define OPERANDS_gX gpr(v.rm), xmm(v.reg)
#define OPERANDS_Gx gpr(v.reg), xmm(v.rm)
#define OPERANDS_xi xmm(v.rm), v.imm
#define OPERANDS_Xxi xmm(v.reg), xmm(v.rm), v.imm
#define OPERANDS_Xmi xmm(v.reg), v.memory.mem, v.imm
#define OPERANDS_Xgi xmm(v.reg), gpr(v.rm), v.imm
#define OPERANDS_gXi gpr(v.rm), xmm(v.reg), v.imm
#define OPERANDS_Gxi gpr(v.reg), xmm(v.rm), v.imm
#define OPERANDS_mXi v.memory.mem, xmm(v.reg), v.imm
#define OPERANDS_Vxi xmm(v.vvvv), xmm(v.rm), v.imm
#define OPERANDS_XVgi xmm(v.reg), xmm(v.vvvv), gpr(v.rm), v.imm
#define OPERANDS_XVx xmm(v.reg), xmm(v.vvvv), xmm(v.rm)
#define OPERANDS_XVm xmm(v.reg), xmm(v.vvvv), v.memory.mem
#define OPERANDS_XVg xmm(v.reg), xmm(v.vvvv), gpr(v.rm)
#define OPERANDS_XVxi xmm(v.reg), xmm(v.vvvv), xmm(v.rm), v.imm
#define OPERANDS_XVmi xmm(v.reg), xmm(v.vvvv), v.memory.mem, v.imm

constexpr Row kRows[] = {
#define FORM(name, shape, sizing, encoding, ...)                         \
  {#name,                                                                \
   #shape,                                                               \
   Sizing::sizing,                                                       \
   encoding,                                                             \
   #__VA_ARGS__,                                                         \
   []([[maybe_unused]] Assembler& a, [[maybe_unused]] const Values& v) { \
     a.name(WIDTHS_##sizing OPERANDS_##shape);                           \
   }},
#include "core/asm/x64/forms.def"
};

}  // namespace

std::span<const Row> all_rows() { return kRows; }

std::vector<Values> Row::widths(const Values& v) const {
  std::vector<Values> all;
  for (Width width : {W8, W16, W32, W64}) {
    if (names_width(sizing) ? !has_width(sizing, width) : width != W32) continue;
    for (FloatWidth f : {F32, F64}) {
      if (!names_float(sizing) && f != F32) continue;
      Values copy = v;
      copy.width = width;
      copy.float_width = f;
      all.push_back(copy);
    }
  }
  return all;
}

unsigned Row::operation_bits(const Values& v) const {
  if (sizing == Sizing::D) return 32;
  if (sizing == Sizing::Q) return 64;
  return 8u << static_cast<unsigned>(v.width);
}

std::string Row::describe(const Values& v) const {
  return std::string(name) + " " + std::string(shape) +
         " bits=" + std::to_string(operation_bits(v)) +
         " f=" + std::to_string(static_cast<int>(v.float_width)) +
         " cond=" + std::to_string(static_cast<int>(v.cond)) + " reg=" + std::to_string(v.reg) +
         " rm=" + std::to_string(v.rm) + " vvvv=" + std::to_string(v.vvvv) +
         " imm=" + std::to_string(v.imm) + " base=" + std::to_string(v.memory.base) +
         " index=" + std::to_string(v.memory.index) + "*" + std::to_string(v.memory.scale) +
         " disp=" + std::to_string(v.memory.disp);
}

}  // namespace cordon::x64
