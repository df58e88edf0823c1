// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/gdb/object_file.h"

#include <gtest/gtest.h>

#include "tests/core/gdb/parsed_object.h"

namespace cordon::gdb {
namespace {

TEST(ObjectFile, HoldsWhatItWasGiven) {
  const std::vector<Symbol> symbols = {{"a", 0x7f0000001000, 16},
                                       {"", 0x7f0000001010, 0},
                                       {std::string(5000, 'x'), 0x7f0000001020, 1}};
  const std::vector<uint8_t> frame = {1, 2, 3};
  const std::vector<uint8_t> file = object_file(0x7f0000001000, 0x3000, symbols, frame);
  const ParsedObject parsed = parse_object(file);
  EXPECT_EQ(parsed.sections, (std::vector<std::string>{"", ".text", ".symtab", ".strtab",
                                                       ".debug_frame", ".shstrtab"}));
  EXPECT_EQ(parsed.text_address, 0x7f0000001000u);
  EXPECT_EQ(parsed.text_size, 0x3000u);
  EXPECT_EQ(std::vector(parsed.debug_frame.begin(), parsed.debug_frame.end()), frame);
  ASSERT_EQ(parsed.symbols.size(), symbols.size());
  for (size_t i = 0; i < symbols.size(); ++i) {
    EXPECT_EQ(parsed.symbols[i],
              (ParsedSymbol{symbols[i].name, symbols[i].address, symbols[i].size}));
  }
}

TEST(ObjectFile, MayBeEmpty) {
  const std::vector<uint8_t> file = object_file(0, 0, {}, {});
  const ParsedObject parsed = parse_object(file);
  EXPECT_EQ(parsed.sections.size(), 6u);
  EXPECT_TRUE(parsed.symbols.empty());
  EXPECT_TRUE(parsed.debug_frame.empty());
}

TEST(ObjectFile, ANameEndsAtItsFirstZero) {
  const std::vector<Symbol> symbols = {{std::string("a\0b", 3), 1, 1}, {"next", 2, 1}};
  const std::vector<uint8_t> file = object_file(0, 16, symbols, {});
  const ParsedObject parsed = parse_object(file);
  ASSERT_EQ(parsed.symbols.size(), 2u);
  EXPECT_EQ(parsed.symbols[0].name, "a");
  EXPECT_EQ(parsed.symbols[1].name, "next");
}

}  // namespace
}  // namespace cordon::gdb
