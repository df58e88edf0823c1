// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeBuffer: growth keeps the bytes, the limit holds, nothing is written past the end ([E1]).
#include "core/asm/buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace cordon::emit {
namespace {

void put(CodeBuffer& buffer, uint8_t value, uint32_t count) {
  uint8_t* p = buffer.reserve();
  if (p == nullptr) return;
  for (uint32_t i = 0; i < count; ++i) *p++ = value;
  buffer.commit(p);
}

TEST(CodeBuffer, GrowthKeepsWhatWasEmitted) {
  CodeBuffer buffer(1u << 20);
  for (uint32_t i = 0; i < 20000; ++i) put(buffer, static_cast<uint8_t>(i), 15);
  ASSERT_TRUE(buffer.ok());
  ASSERT_EQ(buffer.bytes().size(), 300000u);
  for (uint32_t i = 0; i < 300000; ++i) ASSERT_EQ(buffer.bytes()[i], static_cast<uint8_t>(i / 15));
}

TEST(CodeBuffer, TheLimitHoldsForOwnedMemory) {  // [E1]
  for (uint32_t limit : {0u, 1u, 15u, 16u, 17u, 4095u, 4096u, 5000u, 10000u}) {
    CodeBuffer buffer(limit);
    while (buffer.ok()) put(buffer, 0x90, 7);
    EXPECT_EQ(buffer.error(), &diag::code_too_large);
    EXPECT_LE(buffer.bytes().size(), limit);
    EXPECT_GE(buffer.bytes().size() + CodeBuffer::kInstructionRoom + 7, limit);
    EXPECT_EQ(buffer.reserve(), nullptr);
  }
}

TEST(CodeBuffer, NoBufferIsBeyondADistanceOf32Bits) {  // [E1]
  CodeBuffer buffer(0xFFFF'FFFF);
  uint8_t byte = 0;
  buffer.append({&byte, size_t{CodeBuffer::kMaxSize} + 1});
  EXPECT_EQ(buffer.error(), &diag::code_too_large);
  EXPECT_EQ(buffer.offset(), 0u);
}

TEST(CodeBuffer, AppendIsAllOrNothing) {  // [E1]
  std::array<uint8_t, 12> storage;
  storage.fill(0xA5);
  CodeBuffer buffer(MutableByteSpan(storage).first(8));
  const std::array<uint8_t, 8> data = {1, 2, 3, 4, 5, 6, 7, 8};
  buffer.append(ByteSpan(data).first(5));
  buffer.append(ByteSpan(data).first(3));
  EXPECT_TRUE(buffer.ok());
  buffer.append({});
  EXPECT_TRUE(buffer.ok());
  buffer.append(ByteSpan(data).first(1));
  EXPECT_EQ(buffer.error(), &diag::code_too_large);
  EXPECT_EQ(buffer.offset(), 8u);
  for (size_t i = 8; i < storage.size(); ++i) EXPECT_EQ(storage[i], 0xA5);
}

TEST(CodeBuffer, PatchesStayWithinWhatWasEmitted) {  // [E1]
  for (uint32_t field : {7u, 8u, 100u, 0xFFFF'FFFFu}) {
    std::array<uint8_t, 32> storage{};
    CodeBuffer buffer{MutableByteSpan(storage)};
    put(buffer, 0x11, 10);
    buffer.patch32(6, 0xAABBCCDD);
    buffer.patch8(9, 0xEE);
    EXPECT_TRUE(buffer.ok());
    EXPECT_EQ(buffer.bytes()[6], 0xDD);
    EXPECT_EQ(buffer.bytes()[9], 0xEE);
    buffer.patch32(field, 0);
    EXPECT_EQ(buffer.error(), &diag::patch_out_of_range);
    EXPECT_EQ(buffer.bytes()[9], 0xEE);
    CodeBuffer other{MutableByteSpan(storage)};
    put(other, 0x11, 10);
    other.patch_bits(field, 0, 31, 0);
    EXPECT_EQ(other.error(), &diag::patch_out_of_range);
    EXPECT_EQ(other.bytes()[9], 0x11);
  }
  std::array<uint8_t, 32> storage{};
  CodeBuffer buffer{MutableByteSpan(storage)};
  buffer.patch8(0, 1);
  EXPECT_EQ(buffer.error(), &diag::patch_out_of_range);
}

TEST(CodeBuffer, PatchedBitsLeaveTheOthers) {
  CodeBuffer buffer(64);
  put(buffer, 0xFF, 6);
  buffer.patch_bits(1, 5, 19, 0x155'5555);  // of which 19 bits count
  EXPECT_EQ(buffer.bytes()[0], 0xFF);
  uint32_t word;
  std::memcpy(&word, buffer.bytes().data() + 1, sizeof word);
  EXPECT_EQ(word, 0xFF00'001Fu | 0x55555u << 5);
  EXPECT_EQ(buffer.bytes()[5], 0xFF);
}

TEST(CodeBuffer, ResetForgetsTheFailureAndNotTheMemory) {
  CodeBuffer buffer(64);
  while (buffer.ok()) put(buffer, 0x90, 3);
  buffer.reset();
  EXPECT_TRUE(buffer.ok());
  EXPECT_EQ(buffer.offset(), 0u);
  put(buffer, 0x91, 15);
  EXPECT_EQ(buffer.bytes().size(), 15u);
}

TEST(CodeBuffer, TheFirstFailureIsKept) {
  CodeBuffer buffer(64);
  buffer.fail(diag::label_too_far);
  buffer.fail(diag::no_such_form);
  EXPECT_EQ(buffer.error(), &diag::label_too_far);
}

TEST(CodeBuffer, MovedOnesTakeTheirBytesAlong) {
  CodeBuffer first(1000);
  put(first, 0x42, 4);
  CodeBuffer second(std::move(first));
  EXPECT_EQ(second.bytes().size(), 4u);
  EXPECT_EQ(second.bytes()[3], 0x42);
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): that is what is tested
  EXPECT_EQ(first.reserve(), nullptr);
}

}  // namespace
}  // namespace cordon::emit
