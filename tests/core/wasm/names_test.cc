// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/names.h"

#include <gtest/gtest.h>

#include "tests/kit/allocation_meter.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

WasmBytes subsection(uint8_t id, const WasmBytes& content) {
  return WasmBytes().u8(id).sized(content);
}

// A module of `funcs` functions whose name section is `content`, and its names.
struct Named {
  Named(uint32_t funcs, const WasmBytes& content)
      : bytes(build(funcs, content)), module(decode(bytes)), names(module) {}

  static std::vector<uint8_t> build(uint32_t funcs, const WasmBytes& content) {
    ModuleBuilder builder;
    for (uint32_t i = 0; i < funcs; ++i) builder.func({}, WasmBytes());
    return builder.custom("name", content).build();
  }
  static Module decode(const std::vector<uint8_t>& bytes) {
    auto decoded = decode_module(bytes);
    EXPECT_TRUE(decoded);
    return std::move(*decoded);
  }

  std::vector<uint8_t> bytes;
  Module module;
  Names names;
};

const WasmBytes kFunctions = WasmBytes().u32(2).u32(0).name("zero").u32(2).name("two");

TEST(Names, ModuleFunctionsAndLocals) {
  const WasmBytes locals = WasmBytes().u32(1).u32(2).u32(2).u32(0).name("x").u32(5).name("y");
  const Named named(3, subsection(0, WasmBytes().name("whole"))
                           .append(subsection(1, kFunctions))
                           .append(subsection(2, locals)));
  EXPECT_EQ(named.names.module_name(), "whole");
  EXPECT_EQ(named.names.function_name({0}), "zero");
  EXPECT_EQ(named.names.function_name({1}), "");
  EXPECT_EQ(named.names.function_name({2}), "two");
  EXPECT_EQ(named.names.function_name({UINT32_MAX}), "");
  EXPECT_EQ(named.names.local_name({2}, {5}), "y");
  EXPECT_EQ(named.names.local_name({2}, {1}), "");
  EXPECT_EQ(named.names.local_name({0}, {0}), "");
}

TEST(Names, WithoutASectionThereAreNone) {
  const auto bytes = ModuleBuilder().build();
  const auto module = decode_module(bytes);
  ASSERT_TRUE(module);
  EXPECT_EQ(Names(*module).function_name({0}), "");
}

TEST(Names, UnknownSubsectionsArePassedOver) {
  const Named named(3, subsection(9, WasmBytes{0xff, 0xff}).append(subsection(1, kFunctions)));
  EXPECT_EQ(named.names.function_name({2}), "two");
}

TEST(Names, WhatIsReadBeforeAnErrorCounts) {
  const WasmBytes bad = WasmBytes().u32(2).u32(0).name("good").u32(1).u8(1).u8(0xff);
  const Named named(3, subsection(1, bad));
  EXPECT_EQ(named.names.function_name({0}), "good");
  EXPECT_EQ(named.names.function_name({1}), "");
}

TEST(Names, AMalformedSubsectionDoesNotHideTheNext) {
  const Named named(3, subsection(0, WasmBytes{9, 'x'}).append(subsection(1, kFunctions)));
  EXPECT_EQ(named.names.module_name(), "");
  EXPECT_EQ(named.names.function_name({0}), "zero");
}

TEST(Names, IndicesThatDoNotAscendEndTheMap) {
  const WasmBytes map = WasmBytes().u32(3).u32(1).name("a").u32(1).name("b").u32(2).name("c");
  const Named named(3, subsection(1, map));
  EXPECT_EQ(named.names.function_name({1}), "a");
  EXPECT_EQ(named.names.function_name({2}), "");
}

TEST(Names, EveryTruncationIsTaken) {
  const WasmBytes locals = WasmBytes().u32(1).u32(2).u32(1).u32(0).name("x");
  const WasmBytes all = subsection(1, kFunctions).append(subsection(2, locals));
  for (size_t size = 0; size < all.size(); ++size) {
    const Named named(3, WasmBytes().raw(all.span().first(size)));
    EXPECT_EQ(named.names.local_name({2}, {0}), "");
  }
}

// [L1] Claims of 2^32 - 1 names, and names of functions that are not there.
TEST(Names, HostileSizesKeepNothing) {
  const WasmBytes huge = WasmBytes().u32(UINT32_MAX).repeat(100'000, {0, 0});
  WasmBytes strangers = WasmBytes().u32(100'000);
  for (uint32_t i = 0; i < 100'000; ++i) strangers.u32(i).name("f");
  for (uint8_t id = 0; id <= 2; ++id) {
    for (const WasmBytes& content : {huge, strangers}) {
      const auto bytes = Named::build(3, subsection(id, content));
      const Module module = Named::decode(bytes);
      const AllocationMeter meter;
      const Names names(module);
      EXPECT_LE(names.function_count(), 3U);
      EXPECT_LT(meter.peak(), 4096U);
    }
  }
}

}  // namespace
}  // namespace cordon::wasm
