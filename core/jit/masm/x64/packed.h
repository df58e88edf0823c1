// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packed: instructions of three operands, whatever the processor has: with AVX they are such;
// without, the first source is copied to the destination. A destination that is the second source
// alone costs kFScratch, which then must not be the first.
#pragma once

#include "core/jit/masm/x64/operand.h"

namespace cordon::jit::masm {

struct Packed {
  x64::Assembler& a;
  const bool avx;

#define PACKED(name)                                          \
  [[gnu::noinline]] void name(FReg dst, FReg lhs, FReg rhs) { \
    if (avx) return a.v##name(xmm(dst), xmm(lhs), xmm(rhs));  \
    rhs = begin(dst, lhs, rhs);                               \
    a.name(xmm(dst), xmm(rhs));                               \
  }
#define PACKED_FLOATS(name)                                                      \
  [[gnu::noinline]] void name(x64::FloatWidth f, FReg dst, FReg lhs, FReg rhs) { \
    if (avx) return a.v##name(f, xmm(dst), xmm(lhs), xmm(rhs));                  \
    rhs = begin(dst, lhs, rhs);                                                  \
    a.name(f, xmm(dst), xmm(rhs));                                               \
  }
#define PICK(name)                                                          \
  [[gnu::noinline]] void name(FReg dst, FReg lhs, FReg rhs, unsigned imm) { \
    if (avx) return a.v##name(xmm(dst), xmm(lhs), xmm(rhs), imm);           \
    rhs = begin(dst, lhs, rhs);                                             \
    a.name(xmm(dst), xmm(rhs), imm);                                        \
  }
#define SHIFT(name)                                                 \
  [[gnu::noinline]] void name(FReg dst, FReg src, unsigned count) { \
    if (avx) return a.v##name(xmm(dst), xmm(src), count);           \
    move(dst, src);                                                 \
    a.name(xmm(dst), count);                                        \
  }
#include "core/jit/masm/x64/packed.def"

  [[gnu::noinline]] void cmpp(x64::FloatWidth f, FReg dst, FReg lhs, FReg rhs, unsigned predicate) {
    if (avx) return a.vcmpp(f, xmm(dst), xmm(lhs), xmm(rhs), predicate);
    rhs = begin(dst, lhs, rhs);
    a.cmpp(f, xmm(dst), xmm(rhs), predicate);
  }
  void move(FReg dst, FReg src) {
    if (dst != src) a.movap(x64::F32, xmm(dst), xmm(src));
  }

 private:
  // The destination becomes the first source; returns where the second one is then.
  FReg begin(FReg dst, FReg lhs, FReg rhs) {
    if (dst == rhs && dst != lhs) {
      move(kFScratch, rhs);
      rhs = kFScratch;
    }
    move(dst, lhs);
    return rhs;
  }
};

}  // namespace cordon::jit::masm
