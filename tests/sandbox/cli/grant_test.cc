// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/grant.h"

#include <gtest/gtest.h>

namespace cordon::cli {
namespace {

TEST(Grant, IsReadOnlyUnlessItSaysRw) {  // [F1]
  EXPECT_FALSE(parse_grant("/data")->writable);
  EXPECT_FALSE(parse_grant("/data::/d")->writable);
  EXPECT_FALSE(parse_grant("/data::/d::ro")->writable);
  EXPECT_TRUE(parse_grant("/data::/d::rw")->writable);
}

TEST(Grant, TheGuestSeesTheHostNameUnlessGivenAnother) {
  EXPECT_EQ(parse_grant("./data")->guest_path, "./data");
  EXPECT_EQ(parse_grant("./data::/d")->guest_path, "/d");
  EXPECT_EQ(parse_grant("./data::::rw")->guest_path, "./data");
  EXPECT_EQ(parse_grant("/a:b::/c:d")->host_path, "/a:b");
}

TEST(Grant, WhatIsNoGrantIsRefusedAndTheTextNamed) {  // [F1]
  for (const char* text : {"", "::/d", "/a::/b::wr", "/a::/b::", "/a::/b::rw::x", "/a::/b::RW"}) {
    auto grant = parse_grant(text);
    ASSERT_FALSE(grant) << text;
    EXPECT_FALSE(grant.error().empty());
  }
}

// As other programs spell it.
TEST(Grant, ASingleColonGetsAHint) {
  EXPECT_EQ(with_two_colons(".:/data"), ".::/data");
  EXPECT_EQ(with_two_colons("/:/data:rw"), "/::/data::rw");
  EXPECT_EQ(with_two_colons("/nonexistent"), "");
}

}  // namespace
}  // namespace cordon::cli
