// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The distances that labels write, at both ends of both field sizes ([E1]).
#include "core/asm/label.h"

#include <gtest/gtest.h>

#include <cstring>

namespace cordon::emit {
namespace {

CodeBuffer eight_bytes() {
  CodeBuffer buffer(64);
  const uint8_t zeros[8] = {};
  buffer.append(zeros);
  return buffer;
}

TEST(Resolve, AByteReachesFromMinus128To127) {  // [E1]
  for (int distance = -200; distance <= 200; ++distance) {
    CodeBuffer buffer = eight_bytes();
    resolve(buffer, {.at = 1, .next = 1000, .bytes = 1}, static_cast<uint32_t>(1000 + distance));
    const bool fits = distance >= -128 && distance <= 127;
    EXPECT_EQ(buffer.ok(), fits) << distance;
    if (fits) {
      EXPECT_EQ(static_cast<int8_t>(buffer.bytes()[1]), distance);
    } else {
      EXPECT_EQ(buffer.error(), &diag::label_too_far);
      EXPECT_EQ(buffer.bytes()[1], 0);
    }
    EXPECT_EQ(buffer.bytes()[0], 0);
    EXPECT_EQ(buffer.bytes()[2], 0);
  }
}

TEST(Resolve, FourBytesReach2GiBAndNoFurther) {  // [E1]
  struct {
    uint32_t next, target;
    bool fits;
  } const cases[] = {
      {0, 0x7FFF'FFFF, true},           {0, 0x8000'0000, false}, {0, 0xFFFF'FFFF, false},
      {0x8000'0000, 0, true},           {0x8000'0001, 0, false}, {0xFFFF'FFFF, 0, false},
      {0xFFFF'FFFF, 0xFFFF'FFFF, true},
  };
  for (const auto& each : cases) {
    CodeBuffer buffer = eight_bytes();
    resolve(buffer, {.at = 2, .next = each.next, .bytes = 4}, each.target);
    EXPECT_EQ(buffer.ok(), each.fits) << each.next << " to " << each.target;
    if (!each.fits) {
      EXPECT_EQ(buffer.error(), &diag::label_too_far);
      continue;
    }
    int32_t written;
    std::memcpy(&written, buffer.bytes().data() + 2, sizeof written);
    EXPECT_EQ(int64_t{written}, int64_t{each.target} - int64_t{each.next});
  }
}

// 26 bits of words, as a call of AArch64 has them: 128 MiB either way.
TEST(Resolve, BitsOfAWordCountInUnitsAndLeaveTheRest) {  // [E1]
  constexpr int64_t kReach = int64_t{1} << 27;
  for (const int64_t distance : {int64_t{0}, int64_t{4}, int64_t{-4}, kReach - 4, kReach, -kReach,
                                 -kReach - 4, int64_t{2}, int64_t{-1}, kReach - 3}) {
    CodeBuffer buffer = eight_bytes();
    buffer.patch32(4, 0x9400'0000);
    const auto next = static_cast<uint32_t>(kReach + 8);
    resolve(buffer, {.at = 4, .next = next, .bytes = 0, .bits = 26, .low = 0, .scale = 2},
            static_cast<uint32_t>(next + distance));
    const bool fits = distance % 4 == 0 && distance >= -kReach && distance < kReach;
    EXPECT_EQ(buffer.ok(), fits) << distance;
    uint32_t word;
    std::memcpy(&word, buffer.bytes().data() + 4, sizeof word);
    EXPECT_EQ(word >> 26, 0x9400'0000u >> 26) << distance;
    if (!fits) EXPECT_EQ(buffer.error(), &diag::label_too_far);
    const auto written = static_cast<int32_t>(word << 6) >> 6;
    EXPECT_EQ(int64_t{written} * 4, fits ? distance : 0);
    EXPECT_EQ(buffer.bytes()[0], 0);
  }
}

TEST(Resolve, AFieldOutsideTheCodeIsRefused) {  // [E1]
  CodeBuffer buffer = eight_bytes();
  resolve(buffer, {.at = 5, .next = 9, .bytes = 4}, 0);
  EXPECT_EQ(buffer.error(), &diag::patch_out_of_range);
}

TEST(LabelPool, WaitingFieldsAreFilledOnceBound) {
  CodeBuffer buffer = eight_bytes();
  LabelPool pool;
  Label first = pool.make();
  Label second = pool.make();
  pool.use(buffer, first, {.at = 0, .next = 4, .bytes = 4});
  pool.use(buffer, second, {.at = 4, .next = 5, .bytes = 1});
  pool.use(buffer, first, {.at = 5, .next = 6, .bytes = 1});
  EXPECT_TRUE(pool.unresolved());
  pool.bind(buffer, first);
  EXPECT_EQ(buffer.bytes()[0], 4);
  EXPECT_EQ(buffer.bytes()[5], 2);
  EXPECT_TRUE(pool.unresolved());
  pool.bind(buffer, second);
  EXPECT_EQ(buffer.bytes()[4], 3);
  EXPECT_FALSE(pool.unresolved());
  EXPECT_TRUE(buffer.ok());
}

}  // namespace
}  // namespace cordon::emit
