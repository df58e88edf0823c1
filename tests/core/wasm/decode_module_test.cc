// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What decoding keeps of each section, and what it says of each kind of malformed one.
#include <gtest/gtest.h>

#include "core/wasm/module.h"
#include "core/wasm/proposals.h"
#include "tests/core/wasm/sample_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

Diagnostic refusal(const WasmBytes& bytes, Features features = Features::all()) {
  const auto module = decode_module(bytes.span(), features);
  if (!module) return module.error();
  ADD_FAILURE() << "decoded";
  return {};
}

#define EXPECT_REFUSED(bytes, expected_kind, expected_offset)                  \
  do {                                                                         \
    const Diagnostic refused = refusal(bytes);                                 \
    ASSERT_NE(refused.kind, nullptr);                                          \
    EXPECT_EQ(refused.kind->name, diag::expected_kind.name);                   \
    EXPECT_EQ(refused.offset, uint64_t{expected_offset}) << refused.message(); \
  } while (false)

WasmBytes empty_section(uint8_t id) { return section(id, WasmBytes{0}); }

TEST(DecodeModule, EverySectionIsKept) {
  const std::vector<uint8_t> bytes = module_with_every_section();
  const auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  const Module& module = *decoded;
  ASSERT_EQ(module.types.size(), 2U);
  EXPECT_EQ(module.types[0], (FuncType{{ValType::i32}, {ValType::i32}}));
  ASSERT_EQ(module.imports.size(), 4U);
  EXPECT_EQ(module.imports[0].module, "env");
  EXPECT_EQ(module.imports[3].name, "g");
  EXPECT_EQ(module.imports[3].kind, ExternKind::Global);
  EXPECT_EQ(module.imported_funcs, 1U);
  ASSERT_EQ(module.funcs.size(), 3U);
  EXPECT_EQ(module.funcs[2].value, 1U);
  ASSERT_EQ(module.tables.size(), 2U);
  EXPECT_EQ(module.tables[0].limits, (Limits{.min = 1, .max = 9, .has_max = true}));
  EXPECT_EQ(module.tables[1].limits, (Limits{.min = 4}));
  ASSERT_EQ(module.memories.size(), 1U);
  ASSERT_EQ(module.globals.size(), 3U);
  EXPECT_EQ(module.globals[1].type, (GlobalType{ValType::i64, true}));
  EXPECT_EQ(module.bytes(module.globals[1].init.range).size(), 3U);
  ASSERT_EQ(module.exports.size(), 3U);
  EXPECT_EQ(module.exports[2].name, "t2");
  EXPECT_EQ(module.start, FuncIdx{2});
  ASSERT_EQ(module.elems.size(), 3U);
  EXPECT_EQ(module.elems[0].funcs.size(), 3U);
  EXPECT_EQ(module.elems[1].mode, SegmentMode::Passive);
  EXPECT_EQ(module.elems[1].exprs.size(), 2U);
  EXPECT_EQ(module.elems[2].mode, SegmentMode::Declarative);
  EXPECT_EQ(module.data_count, 2U);
  ASSERT_EQ(module.datas.size(), 2U);
  EXPECT_EQ(as_text(module.bytes(module.datas[0].init)), "hello");
  EXPECT_EQ(module.datas[1].mode, SegmentMode::Passive);
  ASSERT_EQ(module.bodies.size(), 2U);
  EXPECT_EQ(module.bodies[0].declared_locals, 3U);
  EXPECT_EQ(module.runs_of(module.bodies[0])[0].type, ValType::f64);
  EXPECT_EQ(module.bytes(module.bodies[1].code).back(), static_cast<uint8_t>(Op::end));
  ASSERT_EQ(module.customs.size(), 2U);
  EXPECT_EQ(module.customs[0].name, "note");
  EXPECT_EQ(module.customs[0].range.size, 3U);
  EXPECT_EQ(module.sections.size(), 11U);  // all but memories: the one there is is imported
}

TEST(DecodeModule, TheEmptyModuleIsAModule) { EXPECT_TRUE(decode_module(raw_module({}).span())); }

TEST(DecodeModule, HeaderIsChecked) {
  EXPECT_REFUSED(WasmBytes(), empty_file, 0);
  EXPECT_REFUSED((WasmBytes{0, 'a', 's'}), unexpected_end, 3);
  EXPECT_REFUSED((WasmBytes{0, 'a', 's', 'n', 1, 0, 0, 0}), magic_missing, 0);
  EXPECT_REFUSED((WasmBytes{0, 'a', 's', 'm', 1, 0, 0}), unexpected_end, 7);
  EXPECT_REFUSED((WasmBytes{0, 'a', 's', 'm', 2, 0, 0, 0}), version_unknown, 4);
  EXPECT_REFUSED((WasmBytes{0, 'a', 's', 'm', 1, 0, 1, 0}), version_unknown, 4);
}

// All ordered pairs of sections: only ascending places (the data count's before code) are accepted.
TEST(DecodeModule, SectionsStandOnceAndInOrder) {
  constexpr uint8_t kOrder[] = {1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11};
  for (size_t a = 0; a < std::size(kOrder); ++a) {
    for (size_t b = 0; b < std::size(kOrder); ++b) {
      const WasmBytes bytes = raw_module({empty_section(kOrder[a]), empty_section(kOrder[b])});
      if (a < b) {
        EXPECT_TRUE(decode_module(bytes.span())) << int{kOrder[a]} << " then " << int{kOrder[b]};
      } else {
        EXPECT_REFUSED(bytes, unexpected_content, 11);
      }
    }
  }
}

TEST(DecodeModule, CustomSectionsStandAnywhere) {
  const WasmBytes custom = custom_section("x", {});
  const WasmBytes bytes = raw_module({custom, empty_section(1), custom, empty_section(2), custom});
  const auto module = decode_module(bytes.span());
  ASSERT_TRUE(module);
  EXPECT_EQ(module->customs.size(), 3U);
}

TEST(DecodeModule, SectionIdsAndSizesAreChecked) {
  EXPECT_REFUSED(raw_module({empty_section(14)}), malformed_section_id, 8);
  EXPECT_REFUSED(raw_module({WasmBytes{1}}), unexpected_end, 9);
  EXPECT_REFUSED(raw_module({WasmBytes{1, 2, 0}}), length_out_of_bounds, 10);
  EXPECT_REFUSED(raw_module({WasmBytes{1, 2, 0, 0}}), section_size_mismatch, 11);
  EXPECT_REFUSED(raw_module({WasmBytes{1, 0}}), unexpected_end_of_section, 10);
  EXPECT_REFUSED(raw_module({WasmBytes{0, 0}}), unexpected_end_of_section, 10);
  EXPECT_REFUSED(raw_module({WasmBytes{0, 2, 1, 0xff}}), malformed_utf8, 11);
}

TEST(DecodeModule, FunctionsAndBodiesAreCompared) {
  const WasmBytes types = section(1, WasmBytes{1, 0x60, 0, 0});
  const WasmBytes funcs = section(3, WasmBytes{1, 0});
  const WasmBytes code = section(10, WasmBytes{1, 2, 0, 0x0b});
  EXPECT_TRUE(decode_module(raw_module({types, funcs, code}).span()));
  EXPECT_REFUSED(raw_module({types, funcs}), counts_differ, 18);
  EXPECT_REFUSED(raw_module({types, code}), counts_differ, 16);
  EXPECT_REFUSED(raw_module({types, funcs, empty_section(10)}), counts_differ, 20);
}

TEST(DecodeModule, DataCountAndSegmentsAreCompared) {
  const WasmBytes data = section(11, WasmBytes{1, 1, 0});
  const auto count = [](uint8_t number) { return section(12, WasmBytes{number}); };
  EXPECT_TRUE(decode_module(raw_module({data}).span()));
  EXPECT_TRUE(decode_module(raw_module({count(1), data}).span()));
  EXPECT_TRUE(decode_module(raw_module({count(0)}).span()));
  EXPECT_REFUSED(raw_module({count(1)}), data_counts_differ, 11);
  EXPECT_REFUSED(raw_module({count(2), data}), data_counts_differ, 13);
}

TEST(DecodeModule, BytesThatChooseAreChecked) {
  const auto refused = [](uint8_t id, const WasmBytes& content) {
    return refusal(raw_module({section(id, content)})).kind->name;
  };
  EXPECT_EQ(refused(1, {1, 0x61, 0, 0}), diag::malformed_func_type.name);
  EXPECT_EQ(refused(1, {1, 0x60, 1, 0x40, 0}), diag::malformed_value_type.name);
  EXPECT_EQ(refused(1, {1, 0x60, 1, 0x68, 0}), diag::lacks_stack_switching.name);
  EXPECT_EQ(refused(2, {1, 0, 0, 6, 0}), diag::malformed_import_kind.name);
  EXPECT_EQ(refused(2, {1, 0, 0, 5, 0, 0}), diag::malformed_import_kind.name);
  EXPECT_EQ(refused(2, {1, 0, 0, 3, 0x7f, 2}), diag::malformed_mutability.name);
  EXPECT_EQ(refused(4, {1, 0x7f, 0, 0}), diag::malformed_ref_type.name);
  EXPECT_EQ(refused(4, {1, 0x70, 2, 0, 0}), diag::malformed_limits.name);
  EXPECT_EQ(refused(5, {1, 16, 0, 0}), diag::malformed_limits.name);
  EXPECT_EQ(refused(7, {1, 0, 5, 0}), diag::malformed_export_kind.name);
  EXPECT_EQ(refused(9, {1, 8, 0, 0}), diag::malformed_segment_kind.name);
  EXPECT_EQ(refused(9, {1, 1, 1, 0}), diag::malformed_elem_kind.name);
  EXPECT_EQ(refused(11, {1, 3, 0}), diag::malformed_segment_kind.name);
}

TEST(DecodeModule, ConstantExpressionsEndAtTheirOwnEnd) {
  ModuleBuilder module;
  module.global({ValType::i32, false},
                WasmBytes().block(Op::block, ValType::i32).i32_const(0x0b).end());
  module.global({ValType::i32, false}, WasmBytes().i32_const(1).i32_const(2).op(Op::i32_add));
  const std::vector<uint8_t> bytes = module.build();
  const auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(decoded->globals[0].init.range.size, 6U);
  EXPECT_EQ(decoded->globals[1].init.range.size, 6U);
}

TEST(DecodeModule, ConstantExpressionsMustEnd) {
  EXPECT_REFUSED(raw_module({section(6, WasmBytes{1, 0x7f, 0, 0x41, 0})}),
                 unexpected_end_of_section, 15);
  EXPECT_REFUSED(raw_module({section(6, WasmBytes{1, 0x7f, 0, 0xff, 0x0b})}), illegal_opcode, 13);
}

TEST(DecodeModule, ElementSegmentsInAllEightForms) {
  const WasmBytes zero = WasmBytes().i32_const(0).end();
  const WasmBytes null = WasmBytes().op(Op::ref_null).type(ValType::funcref).end();
  const WasmBytes funcs{1, 0};
  const WasmBytes exprs = WasmBytes{1}.append(null);
  const WasmBytes type = WasmBytes().type(ValType::funcref);
  ModuleBuilder module;
  module.raw_elem(WasmBytes{0}.append(zero).append(funcs));
  module.raw_elem(WasmBytes{1, 0}.append(funcs));
  module.raw_elem(WasmBytes{2, 7}.append(zero).u8(0).append(funcs));
  module.raw_elem(WasmBytes{3, 0}.append(funcs));
  module.raw_elem(WasmBytes{4}.append(zero).append(exprs));
  module.raw_elem(WasmBytes{5}.append(type).append(exprs));
  module.raw_elem(WasmBytes{6, 7}.append(zero).append(type).append(exprs));
  module.raw_elem(WasmBytes{7}.append(type).append(exprs));
  const std::vector<uint8_t> bytes = module.build();
  const auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  constexpr SegmentMode kModes[] = {SegmentMode::Active, SegmentMode::Passive, SegmentMode::Active,
                                    SegmentMode::Declarative};
  for (unsigned flags = 0; flags < 8; ++flags) {
    const ElemSegment& segment = decoded->elems[flags];
    EXPECT_EQ(segment.mode, kModes[flags % 4]) << flags;
    EXPECT_EQ(segment.table.value, flags % 4 == 2 ? 7U : 0U) << flags;
    EXPECT_EQ(segment.funcs.size(), flags < 4 ? 1U : 0U) << flags;
    EXPECT_EQ(segment.exprs.size(), flags < 4 ? 0U : 1U) << flags;
    EXPECT_EQ(segment.offset.range.size, flags % 4 % 2 == 0 ? 3U : 0U) << flags;
  }
}

TEST(DecodeModule, FeaturesThatAreOffAreNamed) {
  struct Case {
    Feature feature;
    WasmBytes section;
  };
  const Case cases[] = {
      {Feature::multi_value, section(1, {1, 0x60, 0, 2, 0x7f, 0x7f})},
      {Feature::reference_types, section(1, {1, 0x60, 1, 0x6f, 0})},
      {Feature::reference_types, section(4, {2, 0x70, 0, 0, 0x70, 0, 0})},
      {Feature::reference_types, section(4, {1, 0x6f, 0, 0})},
      {Feature::bulk_memory, section(11, {1, 1, 0})},
      {Feature::bulk_memory, section(9, {1, 1, 0, 0})},
      {Feature::bulk_memory, section(12, {0})},
  };
  for (const Case& c : cases) {
    const WasmBytes bytes = raw_module({c.section});
    EXPECT_TRUE(decode_module(bytes.span()));
    const Diagnostic refused = refusal(bytes, Features::all().without(c.feature));
    ASSERT_NE(refused.kind, nullptr);
    EXPECT_EQ(refused.kind->klass, DiagnosticClass::Unsupported);
    EXPECT_EQ(refused.detail, name_of(c.feature));
  }
}

}  // namespace
}  // namespace cordon::wasm
