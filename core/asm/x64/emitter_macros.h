// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the sizing and shape columns of forms.def become the parameters of an emitter (X64_SIZING_*,
// X64_SHAPE_*) and how these move into Parts (X64_TAKE_*). Included by assembler.h alone; the test
// of the forms reads the columns independently.
#pragma once

#define X64_SIZING_Wall Width w,
#define X64_SIZING_W16up Width w,
#define X64_SIZING_W32up Width w,
#define X64_SIZING_D
#define X64_SIZING_Q
#define X64_SIZING_Fix
#define X64_SIZING_Scalar FloatWidth f,
#define X64_SIZING_Packed FloatWidth f,
#define X64_SIZING_ScalarP FloatWidth f,
#define X64_SIZING_FLow FloatWidth f,
#define X64_SIZING_ScalarW FloatWidth f, Width w,

#define X64_TAKE_SIZING_Wall parts.width = w;
#define X64_TAKE_SIZING_W16up parts.width = w;
#define X64_TAKE_SIZING_W32up parts.width = w;
#define X64_TAKE_SIZING_D parts.width = W32;
#define X64_TAKE_SIZING_Q parts.width = W64;
#define X64_TAKE_SIZING_Fix
#define X64_TAKE_SIZING_Scalar parts.float_width = f;
#define X64_TAKE_SIZING_Packed parts.float_width = f;
#define X64_TAKE_SIZING_ScalarP parts.float_width = f;
#define X64_TAKE_SIZING_FLow parts.float_width = f;
#define X64_TAKE_SIZING_ScalarW parts.float_width = f, parts.width = w;

#define X64_SHAPE_n
#define X64_SHAPE_o Gpr reg
#define X64_SHAPE_oi Gpr dst, int64_t imm
#define X64_SHAPE_i int64_t imm
#define X64_SHAPE_g Gpr reg
#define X64_SHAPE_m Mem m
#define X64_SHAPE_gi Gpr dst, int64_t imm
#define X64_SHAPE_mi Mem m, int64_t imm
#define X64_SHAPE_gG Gpr dst, Gpr src
#define X64_SHAPE_Gg Gpr dst, Gpr src
#define X64_SHAPE_mG Mem m, Gpr src
#define X64_SHAPE_Gm Gpr dst, Mem m
#define X64_SHAPE_Ggi Gpr dst, Gpr src, int64_t imm
#define X64_SHAPE_Gmi Gpr dst, Mem m, int64_t imm
#define X64_SHAPE_Ggv Gpr dst, Gpr src, Gpr second
#define X64_SHAPE_Gmv Gpr dst, Mem m, Gpr second
#define X64_SHAPE_Gvg Gpr dst, Gpr second, Gpr src
#define X64_SHAPE_Gvm Gpr dst, Gpr second, Mem m
#define X64_SHAPE_cGg Cond cond, Gpr dst, Gpr src
#define X64_SHAPE_cGm Cond cond, Gpr dst, Mem m
#define X64_SHAPE_cg Cond cond, Gpr dst
#define X64_SHAPE_cm Cond cond, Mem m
#define X64_SHAPE_Xx Xmm dst, Xmm src
#define X64_SHAPE_Xm Xmm dst, Mem m
#define X64_SHAPE_mX Mem m, Xmm src
#define X64_SHAPE_Xg Xmm dst, Gpr src
#define X64_SHAPE_gX Gpr dst, Xmm src
#define X64_SHAPE_Gx Gpr dst, Xmm src
#define X64_SHAPE_xi Xmm dst, int64_t imm
#define X64_SHAPE_Xxi Xmm dst, Xmm src, int64_t imm
#define X64_SHAPE_Xmi Xmm dst, Mem m, int64_t imm
#define X64_SHAPE_Xgi Xmm dst, Gpr src, int64_t imm
#define X64_SHAPE_gXi Gpr dst, Xmm src, int64_t imm
#define X64_SHAPE_Gxi Gpr dst, Xmm src, int64_t imm
#define X64_SHAPE_mXi Mem m, Xmm src, int64_t imm
#define X64_SHAPE_Vxi Xmm dst, Xmm src, int64_t imm
#define X64_SHAPE_XVgi Xmm dst, Xmm second, Gpr src, int64_t imm
#define X64_SHAPE_XVx Xmm dst, Xmm second, Xmm src
#define X64_SHAPE_XVm Xmm dst, Xmm second, Mem m
#define X64_SHAPE_XVg Xmm dst, Xmm second, Gpr src
#define X64_SHAPE_XVxi Xmm dst, Xmm second, Xmm src, int64_t imm
#define X64_SHAPE_XVmi Xmm dst, Xmm second, Mem m, int64_t imm

#define X64_TAKE_REG(r) parts.reg = static_cast<uint8_t>(r);
#define X64_TAKE_RM(r) parts.rm = static_cast<uint8_t>(r);
#define X64_TAKE_VVVV(r) parts.vvvv = static_cast<uint8_t>(r);
#define X64_TAKE_MEM parts.mem = m.encoded();
#define X64_TAKE_IMM parts.imm = imm;
#define X64_TAKE_COND parts.cond = static_cast<uint8_t>(cond);

#define X64_TAKE_n
#define X64_TAKE_o X64_TAKE_RM(reg)
#define X64_TAKE_oi X64_TAKE_RM(dst) X64_TAKE_IMM
#define X64_TAKE_i X64_TAKE_IMM
#define X64_TAKE_g X64_TAKE_RM(reg)
#define X64_TAKE_m X64_TAKE_MEM
#define X64_TAKE_gi X64_TAKE_RM(dst) X64_TAKE_IMM
#define X64_TAKE_mi X64_TAKE_MEM X64_TAKE_IMM
#define X64_TAKE_gG X64_TAKE_RM(dst) X64_TAKE_REG(src)
#define X64_TAKE_Gg X64_TAKE_REG(dst) X64_TAKE_RM(src)
#define X64_TAKE_mG X64_TAKE_MEM X64_TAKE_REG(src)
#define X64_TAKE_Gm X64_TAKE_REG(dst) X64_TAKE_MEM
#define X64_TAKE_Ggi X64_TAKE_Gg X64_TAKE_IMM
#define X64_TAKE_Gmi X64_TAKE_Gm X64_TAKE_IMM
#define X64_TAKE_Ggv X64_TAKE_Gg X64_TAKE_VVVV(second)
#define X64_TAKE_Gmv X64_TAKE_Gm X64_TAKE_VVVV(second)
#define X64_TAKE_Gvg X64_TAKE_Gg X64_TAKE_VVVV(second)
#define X64_TAKE_Gvm X64_TAKE_Gm X64_TAKE_VVVV(second)
#define X64_TAKE_cGg X64_TAKE_COND X64_TAKE_Gg
#define X64_TAKE_cGm X64_TAKE_COND X64_TAKE_Gm
#define X64_TAKE_cg X64_TAKE_COND X64_TAKE_RM(dst)
#define X64_TAKE_cm X64_TAKE_COND X64_TAKE_MEM
#define X64_TAKE_Xx X64_TAKE_Gg
#define X64_TAKE_Xm X64_TAKE_Gm
#define X64_TAKE_mX X64_TAKE_mG
#define X64_TAKE_Xg X64_TAKE_Gg
#define X64_TAKE_gX X64_TAKE_gG
#define X64_TAKE_Gx X64_TAKE_Gg
#define X64_TAKE_xi X64_TAKE_gi
#define X64_TAKE_Xxi X64_TAKE_Ggi
#define X64_TAKE_Xmi X64_TAKE_Gmi
#define X64_TAKE_Xgi X64_TAKE_Ggi
#define X64_TAKE_gXi X64_TAKE_gG X64_TAKE_IMM
#define X64_TAKE_Gxi X64_TAKE_Ggi
#define X64_TAKE_mXi X64_TAKE_mG X64_TAKE_IMM
#define X64_TAKE_Vxi X64_TAKE_VVVV(dst) X64_TAKE_RM(src) X64_TAKE_IMM
#define X64_TAKE_XVgi X64_TAKE_XVg X64_TAKE_IMM
#define X64_TAKE_XVx X64_TAKE_Ggv
#define X64_TAKE_XVm X64_TAKE_Gmv
#define X64_TAKE_XVg X64_TAKE_Ggv
#define X64_TAKE_XVxi X64_TAKE_Ggv X64_TAKE_IMM
#define X64_TAKE_XVmi X64_TAKE_Gmv X64_TAKE_IMM
