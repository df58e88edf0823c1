// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/json.h"

#include <gtest/gtest.h>

namespace cordon {
namespace {

TEST(Json, CommasStandBetweenItemsOnly) {
  JsonWriter json;
  json.begin_object().key("a").value(uint64_t{1}).key("b").begin_array().end_array();
  json.key("c").begin_array().value("x").boolean(true).null().begin_object().end_object();
  json.value(~uint64_t{0}).end_array().end_object();
  EXPECT_EQ(json.take(), R"({"a":1,"b":[],"c":["x",true,null,{},18446744073709551615]})");
}

TEST(Json, QuotesAndControlsAreEscaped) {
  EXPECT_EQ(quoted("a\"b\\c\n\x1b[31m\x7f"), R"("a\"b\\c\u000a\u001b[31m\u007f")");
}

TEST(Json, C1ControlsAreEscapedAndTheirNeighboursNot) {
  EXPECT_EQ(quoted("\xc2\x9b"
                   "x"),
            R"("\u009bx")");
  EXPECT_EQ(quoted("\xc2\xa0"), "\"\xc2\xa0\"");
  EXPECT_EQ(quoted("\xc2"), "\"\xc2\"");
  EXPECT_EQ(quoted("\xc3\x9b"), "\"\xc3\x9b\"");
}

TEST(Json, NulIsText) { EXPECT_EQ(quoted(std::string_view("a\0b", 3)), R"("a\u0000b")"); }

}  // namespace
}  // namespace cordon
