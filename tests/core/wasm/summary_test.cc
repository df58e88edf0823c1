// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/wasm/sample_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;
using ::testing::HasSubstr;

ModuleSummary summary_of(const std::vector<uint8_t>& bytes) {
  const auto module = decode_module(bytes);
  EXPECT_TRUE(module);
  return summarize(*module);
}

TEST(Summary, CountsAndTypesOfASample) {
  const auto bytes = module_with_every_section();
  const ModuleSummary summary = summary_of(bytes);
  EXPECT_EQ(summary.size, bytes.size());
  EXPECT_EQ(summary.funcs, 3U);
  EXPECT_EQ(summary.imported_funcs, 1U);
  EXPECT_EQ(summary.named_funcs, 2U);
  EXPECT_EQ(summary.data_size, 10U);
  EXPECT_EQ(summary.largest_func, 1U);
  EXPECT_TRUE(summary.has_start);
  ASSERT_EQ(summary.imports.size(), 4U);
  EXPECT_EQ(summary.imports[0].type, "(param i32) (result i32)");
  EXPECT_EQ(summary.imports[1].type, "funcref 1 9");
  EXPECT_EQ(summary.imports[2].type, "1");
  EXPECT_EQ(summary.imports[3].type, "i32");
  ASSERT_EQ(summary.sections.size(), 13U);
  EXPECT_EQ(summary.sections[0].name, "type");
  EXPECT_EQ(summary.sections[12].name, "custom \"name\"");
}

TEST(Summary, TextAndJsonNameEverything) {
  const auto bytes = module_with_every_section();
  const ModuleSummary summary = summary_of(bytes);
  const std::string text = to_text(summary);
  EXPECT_THAT(text, HasSubstr("functions 3, of them 1 imported, 2 named\n"));
  EXPECT_THAT(text, HasSubstr("  \"env\" \"f\" func (param i32) (result i32)\n"));
  EXPECT_THAT(text, HasSubstr("  \"main\" func (param i32) (result i32)\n"));
  const std::string json = to_json(summary);
  EXPECT_THAT(json, HasSubstr(R"("functions":3,"imported_functions":1,"named_functions":2)"));
  EXPECT_THAT(json, HasSubstr(R"("memories":[{"min":1}])"));
  EXPECT_THAT(json, HasSubstr(R"x({"name":"main","kind":"func",)x"
                              R"x("type":"(param i32) (result i32)"})x"));
}

// A guest's names must not speak to the terminal.
TEST(Summary, NamesWithControlCharactersAreQuoted) {
  ModuleBuilder module;
  module.import_func("\x1b]0;title\x07", "a\nb", {});
  module.custom("\x1b[2J", {})
      .export_(
          "\xc2\x9b"
          "31m",
          ExternKind::Func, 0);
  const auto bytes = module.build();
  const ModuleSummary summary = summary_of(bytes);
  for (const std::string& out : {to_text(summary), to_json(summary)}) {
    for (const char c : out) EXPECT_TRUE(c == '\n' || static_cast<uint8_t>(c) >= 0x20);
    EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos);
    EXPECT_THAT(out, HasSubstr(R"("a\u000ab")"));
  }
}

TEST(Summary, IndicesOutOfRangeAreUnknownTypes) {
  ModuleBuilder module;
  for (const ExternKind kind :
       {ExternKind::Func, ExternKind::Table, ExternKind::Memory, ExternKind::Global}) {
    module.export_("x", kind, UINT32_MAX);
  }
  const auto bytes = module.build();
  for (const ExternSummary& item : summary_of(bytes).exports) EXPECT_EQ(item.type, "unknown");
}

}  // namespace
}  // namespace cordon::wasm
