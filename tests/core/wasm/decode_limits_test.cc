// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] Each limit of limits.h that decoding holds, at it and one beyond, and counts that are there
// only to make someone allocate.
#include <gtest/gtest.h>

#include "core/wasm/limits.h"
#include "core/wasm/module.h"
#include "tests/kit/allocation_meter.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

// Whether these bytes decode; if not, the message must name both numbers.
bool accepted(const WasmBytes& bytes, uint64_t number, uint64_t limit) {
  const auto module = decode_module(bytes.span());
  if (module) return true;
  const std::string message = module.error().message();
  EXPECT_EQ(module.error().kind->klass, DiagnosticClass::Limit) << message;
  EXPECT_NE(message.find(std::to_string(number)), std::string::npos) << message;
  EXPECT_NE(message.find("limit is " + std::to_string(limit)), std::string::npos) << message;
  EXPECT_NE(message.find("at offset 0x"), std::string::npos) << message;
  return false;
}

// A section of `count` items, all the same.
WasmBytes many(uint8_t id, uint32_t count, const WasmBytes& item) {
  return section(id, WasmBytes().u32(count).repeat(count, item));
}

TEST(DecodeLimits, CountsOfItemsEndAtTheirLimits) {
  struct Row {
    uint8_t id;
    uint32_t limit;
    WasmBytes item;
  };
  const Row rows[] = {
      {kTypeSection, kMaxTypes, {0x60, 0, 0}},
      {kImportSection, kMaxImports, {0, 0, 0, 0}},
      {kTableSection, kMaxTables, {0x70, 0, 0}},
      {kGlobalSection, kMaxGlobals, {0x7f, 0, 0x41, 0, 0x0b}},
      {kExportSection, kMaxExports, {0, 0, 0}},
      {kElementSection, kMaxElemSegments, {1, 0, 0}},
      {kDataSection, kMaxDataSegments, {1, 0}},
  };
  for (const Row& row : rows) {
    for (const uint32_t count : {row.limit, row.limit + 1}) {
      const bool good = accepted(raw_module({many(row.id, count, row.item)}), count, row.limit);
      EXPECT_EQ(good, count == row.limit) << "section " << int{row.id};
    }
  }
}

TEST(DecodeLimits, FunctionsEndAtTheirLimit) {
  for (const uint32_t count : {kMaxFuncs, kMaxFuncs + 1}) {
    const WasmBytes bytes =
        raw_module({many(kFunctionSection, count, {0}), many(kCodeSection, count, {2, 0, 0x0b})});
    EXPECT_EQ(accepted(bytes, count, kMaxFuncs), count == kMaxFuncs);
  }
}

TEST(DecodeLimits, ImportedTablesCount) {
  for (const uint32_t count : {kMaxTables, kMaxTables + 1}) {
    const WasmBytes bytes = raw_module({many(kImportSection, count - 2, {0, 0, 1, 0x70, 0, 0}),
                                        many(kTableSection, 2, {0x70, 0, 0})});
    EXPECT_EQ(accepted(bytes, count, kMaxTables), count == kMaxTables);
  }
}

TEST(DecodeLimits, TypesOfAFunctionEndAtTheirLimits) {
  for (const uint32_t count : {kMaxParams, kMaxParams + 1}) {
    WasmBytes list;
    list.u32(count).repeat(count, {0x7f});
    const WasmBytes params = section(kTypeSection, WasmBytes{1, 0x60}.append(list).u8(0));
    EXPECT_EQ(accepted(raw_module({params}), count, kMaxParams), count == kMaxParams);
    const WasmBytes results = section(kTypeSection, WasmBytes{1, 0x60, 0}.append(list));
    EXPECT_EQ(accepted(raw_module({results}), count, kMaxResults), count == kMaxResults);
  }
}

TEST(DecodeLimits, ElementsOfASegmentEndAtTheirLimit) {
  for (const uint32_t count : {kMaxElemsPerSegment, kMaxElemsPerSegment + 1}) {
    WasmBytes segment{1, 1, 0};
    segment.u32(count).repeat(count, {0});
    EXPECT_EQ(accepted(raw_module({section(kElementSection, segment)}), count, kMaxElemsPerSegment),
              count == kMaxElemsPerSegment);
  }
}

WasmBytes function_with(const WasmBytes& body, const WasmBytes& type = {0x60, 0, 0}) {
  return raw_module({section(kTypeSection, WasmBytes{1}.append(type)),
                     section(kFunctionSection, {1, 0}),
                     section(kCodeSection, WasmBytes{1}.sized(body))});
}

TEST(DecodeLimits, LocalsEndAtTheirLimitParametersIncluded) {
  for (const uint32_t count : {kMaxLocals, kMaxLocals + 1, 1'000'000U}) {
    WasmBytes body{2};
    body.u32(count - 3).u8(0x7f).u32(1).u8(0x7e).end();
    const WasmBytes bytes = function_with(body, {0x60, 2, 0x7f, 0x7f, 0});
    EXPECT_EQ(accepted(bytes, count, kMaxLocals), count == kMaxLocals);
  }
}

TEST(DecodeLimits, AMillionRunsOfLocalsAreRefused) {
  WasmBytes body;
  body.u32(1'000'000).repeat(1'000'000, {1, 0x7f}).end();
  EXPECT_FALSE(accepted(function_with(body), 1'000'000, kMaxLocals));
}

// A sum beyond 2^32 - 1 is malformed, whatever our limit (spec §5.5.13).
TEST(DecodeLimits, LocalsWhoseSumOverflowsAreMalformed) {
  WasmBytes body{2};
  body.u32(UINT32_MAX).u8(0x7f).u32(1).u8(0x7f).end();
  const auto module = decode_module(function_with(body).span());
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().kind->name, diag::too_many_locals_in_sum.name);
}

TEST(DecodeLimits, BodiesEndAtTheirLimit) {
  for (const uint32_t size : {kMaxFuncSize, kMaxFuncSize + 1}) {
    WasmBytes body{0};
    body.repeat(size - 2, {0x01}).end();
    EXPECT_EQ(accepted(function_with(body), size, kMaxFuncSize), size == kMaxFuncSize);
  }
}

TEST(DecodeLimits, ConstantExpressionsEndAtTheirLimit) {
  for (const uint32_t size : {kMaxConstExprSize, kMaxConstExprSize + 1}) {
    WasmBytes global{1, 0x7f, 0};
    global.repeat(size - 1, {0x01}).end();
    const WasmBytes bytes = raw_module({section(kGlobalSection, global)});
    EXPECT_EQ(accepted(bytes, size, kMaxConstExprSize), size == kMaxConstExprSize);
  }
}

TEST(DecodeLimits, CustomSectionsEndAtTheirLimit) {
  for (const uint32_t count : {kMaxCustomSections, kMaxCustomSections + 1}) {
    WasmBytes bytes = raw_module({});
    bytes.repeat(count, {0, 1, 0});
    EXPECT_EQ(accepted(bytes, count, kMaxCustomSections), count == kMaxCustomSections);
  }
}

TEST(DecodeLimits, TheModuleItselfEndsAtItsLimit) {
  static const uint8_t byte = 0;
  // Nothing of it is read, so one byte represents all.
  const auto module = decode_module(ByteSpan(&byte, kMaxModuleSize + 1));
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().message(),
            "too large: a module of 1073741825 bytes, the limit is 1073741824 at offset "
            "0x40000000");
}

// Every vector of the format with a count of 2^32 - 1, then nothing or a few bytes.
TEST(DecodeLimits, HugeCountsAreMalformedAndAllocateNothing) {
  struct Row {
    uint8_t id;
    WasmBytes before;
  };
  const Row rows[] = {
      {kTypeSection, {}},           {kTypeSection, {1, 0x60}},
      {kTypeSection, {1, 0x60, 0}}, {kImportSection, {}},
      {kImportSection, {1}},        {kImportSection, {1, 0}},
      {kFunctionSection, {}},       {kTableSection, {}},
      {kMemorySection, {}},         {kGlobalSection, {}},
      {kExportSection, {}},         {kExportSection, {1}},
      {kElementSection, {}},        {kElementSection, {1, 0, 0x41, 0, 0x0b}},
      {kElementSection, {1, 1, 0}}, {kElementSection, {1, 5, 0x70}},
      {kDataSection, {}},           {kDataSection, {1, 0, 0x41, 0, 0x0b}},
      {kDataSection, {1, 1}},       {kCodeSection, {}},
      {kCustomSection, {}},
  };
  for (const Row& row : rows) {
    for (const size_t tail : {0, 1, 1000}) {
      WasmBytes content = row.before;
      content.u32(UINT32_MAX).repeat(tail, {0});
      const WasmBytes bytes = raw_module({section(row.id, content)});
      const AllocationMeter meter;
      const auto module = decode_module(bytes.span());
      ASSERT_FALSE(module) << int{row.id};
      EXPECT_EQ(module.error().kind->klass, DiagnosticClass::Malformed) << int{row.id};
      EXPECT_NE(module.error().offset, kNoOffset);
      EXPECT_LT(meter.peak(), 64U << 10) << int{row.id};
    }
  }
}

// The largest count within its limit, with almost nothing after it.
TEST(DecodeLimits, ReservationsAreBoundedByTheBytesThere) {
  const WasmBytes bytes =
      raw_module({section(kImportSection, WasmBytes().u32(1000).repeat(1000, {0xff}))});
  const AllocationMeter meter;
  EXPECT_FALSE(decode_module(bytes.span()));
  EXPECT_LT(meter.peak(), 64U << 10);
}

// The densest a module can be: how many bytes of memory one of its bytes can cost.
TEST(DecodeLimits, MemoryStaysWithinAMultipleOfTheModule) {
  const WasmBytes modules[] = {
      raw_module({many(kTypeSection, 900'000, {0x60, 0, 0})}),
      raw_module({many(kImportSection, 900'000, {0, 0, 0, 0})}),
      raw_module({many(kElementSection, 90'000, {1, 0, 0})}),
      raw_module({many(kMemorySection, 900'000, {0, 0})}),
      raw_module({section(kElementSection,
                          WasmBytes{1, 5, 0x70}.u32(900'000).repeat(900'000, {0xd0, 0x70, 0x0b}))}),
  };
  for (const WasmBytes& bytes : modules) {
    const AllocationMeter meter;
    const auto module = decode_module(bytes.span());
    ASSERT_TRUE(module) << module.error().message();
    EXPECT_LT(meter.peak(), 40 * bytes.size());
  }
}

}  // namespace
}  // namespace cordon::wasm
