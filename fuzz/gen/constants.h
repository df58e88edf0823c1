// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers that often reveal bugs: edges of widths, signs, conversions and memories. Used by the
// generator for constants and by the oracle for arguments.
#pragma once

#include <cstdint>

namespace cordon::fuzz {

// Edges of both widths; an i32 takes the low half.
inline constexpr uint64_t kIntegers[] = {
    0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 0x7fff, 0x8000,
    0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
    0x100000000, 0x100000001, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001,
    0xffffffff00000000, 0xffffffff7fffffff, 0xffffffff80000000, 0xffffffffffffffff,
    0x5555555555555555, 0xaaaaaaaaaaaaaaaa,
    // Halfway between floats, and their neighbours.
    0x1000001, 0x1000003, 0x20000000000001, 0x20000000000003, 0x8000000000000400,
    0x8000000000000401, 0x8000008000000000, 0x8000008000000001, 0x0123456789abcdef};

// As bits: zeros, ones, halves, the borders of conversions, subnormals, infinities, NaNs of both
// kinds and signs.
inline constexpr uint32_t kFloats32[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000,
    0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000,
    0xdf000000, 0x5f800000, 0x4b000000, 0x4affffff, 0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff,
    0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fa00000, 0xffffffff, 0x40490fdb};
inline constexpr uint64_t kFloats64[] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000,
    0x3fe0000000000000, 0xbfe0000000000000, 0x3ff8000000000000, 0x4004000000000000,
    0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000,
    0x41efffffffe00000, 0x41f0000000000000, 0x43dfffffffffffff, 0x43e0000000000000,
    0xc3e0000000000000, 0x43f0000000000000, 0x4330000000000000, 0x432fffffffffffff,
    0x0000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff,
    0xffefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
    0xfff8000000000000, 0x7ff4000000000000, 0xffffffffffffffff, 0x400921fb54442d18};

// Offsets of loads and stores.
inline constexpr uint32_t kOffsets[] = {
    0,          1,          0xff,       0xfff8,     0xfff9,     0xffff,     0x10000,    0x1fff9,
    0x7ffffff8, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xffff0000, 0xfffffffe, 0xffffffff};

}  // namespace cordon::fuzz
