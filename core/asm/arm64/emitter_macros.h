// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the sizing and shape columns of forms.def become the parameters of an emitter
// (ARM64_SIZING_*, ARM64_SHAPE_*) and how these go into a Word (ARM64_PUT_*). Included by
// assembler.h alone; the test of the forms reads the columns independently.
#pragma once

#define ARM64_SIZING_S Width w,
#define ARM64_SIZING_M Width w,
#define ARM64_SIZING_X
#define ARM64_SIZING_N
#define ARM64_PUT_SIZING_S word.width(w, 31);
#define ARM64_PUT_SIZING_M word.width(w, 30);
#define ARM64_PUT_SIZING_X
#define ARM64_PUT_SIZING_N

// s z  a register at bits 4 to 0 (Rd, Rt), then at 9 to 5 (Rn), then at 20 to 16 (Rm), of which
//      number 31 is sp or zero; S Z begin at 9 to 5; R is at 9 to 5, and never number 31
// a    an immediate of arithmetic     h  16 bits and their shift
// m    memory                         u  16 bits, the lowest of the word
#define ARM64_SHAPE_n
#define ARM64_SHAPE_ssa Gpr dst, Gpr src, int64_t imm
#define ARM64_SHAPE_Sa Gpr lhs, int64_t imm
#define ARM64_SHAPE_zzz Gpr dst, Gpr lhs, Gpr rhs
#define ARM64_SHAPE_Zz Gpr lhs, Gpr rhs
#define ARM64_SHAPE_zh Gpr dst, int64_t imm, unsigned shift
#define ARM64_SHAPE_zm Gpr reg, Mem m
#define ARM64_SHAPE_R Gpr reg
#define ARM64_SHAPE_u int64_t imm

#define ARM64_PUT_n
#define ARM64_PUT_ssa word.with_sp(dst, 0), word.with_sp(src, 5), word.arithmetic(imm);
#define ARM64_PUT_Sa word.with_sp(lhs, 5), word.arithmetic(imm);
#define ARM64_PUT_zzz word.with_zero(dst, 0), word.with_zero(lhs, 5), word.with_zero(rhs, 16);
#define ARM64_PUT_Zz word.with_zero(lhs, 5), word.with_zero(rhs, 16);
#define ARM64_PUT_zh word.with_zero(dst, 0), word.half(imm, shift);
#define ARM64_PUT_zm word.with_zero(reg, 0), word.memory(m);
#define ARM64_PUT_R word.without_31(reg, 5);
#define ARM64_PUT_u word.low_half(imm);
