// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rules' assumptions about upper halves, tested on the processor that runs the test: the corner
// cases that manuals describe poorly.
#include <gtest/gtest.h>

#include <cstdint>

namespace cordon::verify::x64 {
namespace {

#if defined(__x86_64__)

constexpr uint64_t kDirty = 0xAAAA'AAAA'0000'0007;

// A 32-bit write clears the upper half even where it changes nothing below.
TEST(ProcessorTest, ShiftByNothingClearsTheUpperHalf) {
  uint64_t by_cl = kDirty, by_imm = kDirty;
  asm("shll %%cl, %k0" : "+r"(by_cl) : "c"(0));
  asm("shll $0, %k0" : "+r"(by_imm));
  EXPECT_EQ(by_cl, 7u);
  EXPECT_EQ(by_imm, 7u);
  uint64_t by_32 = kDirty;
  asm("rorl %%cl, %k0" : "+r"(by_32) : "c"(32));
  EXPECT_EQ(by_32, 7u);
}

TEST(ProcessorTest, ConditionalMoveThatDoesNotMoveClearsTheUpperHalf) {
  uint64_t value = kDirty;
  asm("testl %k1, %k1\n\tcmovel %k1, %k0" : "+r"(value) : "r"(uint64_t{1}) : "cc");
  EXPECT_EQ(value, 7u);
}

TEST(ProcessorTest, CopyOntoItselfClearsTheUpperHalf) {
  uint64_t value = kDirty, exchanged = kDirty;
  asm("movl %k0, %k0" : "+r"(value));
  asm("xchgl %k0, %k1" : "+r"(exchanged), "+r"(value));
  EXPECT_EQ(value, 7u);
  EXPECT_EQ(exchanged, 7u);
}

// bsf and bsr of zero: either all of the register stays, or its upper half is cleared. So a
// register that is u32 stays u32, and no more than that is assumed.
TEST(ProcessorTest, BitScanOfZeroKeepsWhatIsClear) {
  uint64_t forward = 7, reverse = 7;
  asm("bsfl %k1, %k0" : "+r"(forward) : "r"(uint64_t{0}) : "cc");
  asm("bsrl %k1, %k0" : "+r"(reverse) : "r"(uint64_t{0}) : "cc");
  EXPECT_EQ(forward >> 32, 0u);
  EXPECT_EQ(reverse >> 32, 0u);
}

// A byte operation leaves bits 8 to 63.
TEST(ProcessorTest, ByteWritesLeaveTheRest) {
  uint64_t value = kDirty;
  asm("movb $1, %b0" : "+r"(value));
  EXPECT_EQ(value, (kDirty & ~uint64_t{0xFF}) | 1);
}

#endif

}  // namespace
}  // namespace cordon::verify::x64
