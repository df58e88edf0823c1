// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/code_blob.h"

#include <gtest/gtest.h>

#include <cstring>

namespace cordon::abi {
namespace {

std::vector<uint8_t> code(size_t size) { return std::vector<uint8_t>(size, 0x90); }

struct Sample {
  std::vector<uint8_t> code = abi::code(100), rodata = {1, 2, 3};
  CodeBlob blob;
  Sample() {
    blob.options = {true, 5};
    blob.funcs = {{0, 40, 16, 0, 2}, {48, 52, 8, 2, 1}};
    blob.leaders = {{4, 0x3}, {9, 0}, {50, 0xffff}};
    blob.trap_sites = {{5, 77, Trap::unreachable}, {60, 80, Trap::integer_overflow}};
    blob.call_sites = {{10, 70}, {100, 90}};
    blob.code = code;
    blob.rodata = rodata;
  }
};

TEST(CodeBlob, ComesBackAsItWentOut) {
  Sample sample;
  std::vector<uint8_t> bytes = encode(sample.blob);
  EXPECT_EQ(bytes.size() % kCodePage, 0U);
  auto blob = decode_blob(bytes);
  ASSERT_TRUE(blob) << blob.error().message();
  EXPECT_EQ(blob->options, sample.blob.options);
  ASSERT_EQ(blob->funcs.size(), 2U);
  EXPECT_EQ(blob->funcs[1].offset, 48U);
  EXPECT_EQ(blob->leaders[2].u32_registers, 0xffffU);
  EXPECT_EQ(blob->trap_sites[1].trap, Trap::integer_overflow);
  EXPECT_EQ(blob->call_sites[1].return_offset, 100U);
  EXPECT_EQ(std::vector<uint8_t>(blob->code.begin(), blob->code.end()), sample.code);
  EXPECT_EQ(std::vector<uint8_t>(blob->rodata.begin(), blob->rodata.end()), sample.rodata);
  EXPECT_EQ(blob->code_at % kCodePage, 0U);
  EXPECT_EQ(encode(*blob), bytes) << "there is one encoding of a blob";
}

TEST(CodeBlob, EveryTruncationIsRefused) {
  std::vector<uint8_t> bytes = encode(Sample().blob);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_blob(ByteSpan(bytes).first(size))) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_blob(bytes)) << "a byte too many";
}

// Every bit of header, tables and padding flipped: refused, or read back to exactly those bytes.
TEST(CodeBlob, EveryBitFlipIsRefusedOrMeansWhatItSays) {
  Sample sample;
  std::vector<uint8_t> bytes = encode(sample.blob);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    if (auto blob = decode_blob(bytes)) EXPECT_EQ(encode(*blob), bytes) << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
}

TEST(CodeBlob, HugeCountsAllocateNothing) {
  std::vector<uint8_t> bytes = encode(Sample().blob);
  for (size_t field = 20; field < 48; field += 4) {  // code_base too
    std::vector<uint8_t> bad = bytes;
    std::memset(bad.data() + field, 0xff, 4);
    EXPECT_FALSE(decode_blob(bad)) << field;
  }
}

// What is wrong with the tables themselves.
void refused(const char* what, void (*spoil)(CodeBlob&)) {
  Sample sample;
  spoil(sample.blob);
  EXPECT_FALSE(decode_blob(encode(sample.blob))) << what;
}

TEST(CodeBlob, TablesMustBeInOrderAndInside) {
  refused("overlapping functions", [](CodeBlob& b) { b.funcs[1].offset = 39; });
  refused("an empty function", [](CodeBlob& b) { b.funcs[0].size = 0; });
  refused("a function past the end", [](CodeBlob& b) { b.funcs[1].size = 53; });
  refused("a function that wraps", [](CodeBlob& b) { b.funcs[1].size = 0xffffffff; });
  refused("a leader twice", [](CodeBlob& b) { b.leaders[1].offset = 4; });
  refused("a leader of the next function", [](CodeBlob& b) { b.leaders[1].offset = 48; });
  refused("a leader between functions", [](CodeBlob& b) { b.leaders[1].offset = 40; });
  refused("a register that there is not",
          [](CodeBlob& b) { b.leaders[0].u32_registers = 0x10000; });
  refused("leaders shared", [](CodeBlob& b) { b.funcs[1].first_leader = 1; });
  refused("leaders of no function", [](CodeBlob& b) { b.funcs[1].leader_count = 0; });
  refused("a trap site twice", [](CodeBlob& b) { b.trap_sites[1].offset = 5; });
  refused("a trap site outside", [](CodeBlob& b) { b.trap_sites[1].offset = 100; });
  refused("a call site outside", [](CodeBlob& b) { b.call_sites[1].return_offset = 101; });
  refused("call sites out of order", [](CodeBlob& b) { b.call_sites[1].return_offset = 10; });
}

}  // namespace
}  // namespace cordon::abi
