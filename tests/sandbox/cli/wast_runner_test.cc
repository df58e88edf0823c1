// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/wast_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::cli {
namespace {

using nlohmann::json;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

// A directory with three modules: "good.wasm" exports the functions and the global that the
// commands below use, "trap.wasm" traps at start, "invalid.wasm" does not validate.
class WastRunner : public ::testing::Test {
 protected:
  WastRunner() {
    ModuleBuilder good;
    add(good, "five", {ValType::i32}, WasmBytes().i32_const(5));
    add(good, "minus", {ValType::i32}, WasmBytes().i32_const(-1));
    add(good, "minus64", {ValType::i64}, WasmBytes().i64_const(-1));
    add(good, "nan", {ValType::f32}, WasmBytes().f32_const(0).f32_const(0).op(Op::f32_div));
    add(good, "trap", {}, WasmBytes().op(Op::unreachable));
    add(good, "null", {ValType::externref}, WasmBytes().op(Op::ref_null).type(ValType::externref));
    add(good, "two", {ValType::i32, ValType::i64}, WasmBytes().i32_const(1).i64_const(2));
    good.export_("echo", wasm::ExternKind::Func,
                 good.func({{ValType::externref}, {ValType::externref}}, WasmBytes().local_get(0)));
    good.export_(
        "flip", wasm::ExternKind::Func,
        good.func({{ValType::v128}, {ValType::v128}}, WasmBytes().local_get(0).op(Op::v128_not)));
    good.global({ValType::i64, false}, WasmBytes().i64_const(9));
    good.global({ValType::v128, false}, WasmBytes().v128_const({0x7fc0'0000'3f80'0000, 1}));
    good.export_("global", wasm::ExternKind::Global, 0);
    good.export_("vector", wasm::ExternKind::Global, 1);
    write("good.wasm", good.build());
    ModuleBuilder trap;
    trap.start(trap.func({{}, {}}, WasmBytes().op(Op::unreachable)));
    write("trap.wasm", trap.build());
    ModuleBuilder invalid;
    invalid.func({{}, {ValType::i32}}, {});
    write("invalid.wasm", invalid.build());
    write("malformed.wasm", {0, 'a', 's', 'm'});
    ModuleBuilder importer;
    importer.import_func("good", "five", {{}, {ValType::i32}});
    write("importer.wasm", importer.build());
    ModuleBuilder spectest;
    spectest.import_table("spectest", "table", {ValType::funcref, {10, 20, true}});
    spectest.import_memory("spectest", "memory", {1, 2, true});
    spectest.import_global("spectest", "global_f64", {ValType::f64, false});
    spectest.import_func("spectest", "print_i32_f32", {{ValType::i32, ValType::f32}, {}});
    write("spectest.wasm", spectest.build());
  }

  static void add(ModuleBuilder& module, std::string_view name, std::vector<ValType> results,
                  const WasmBytes& code) {
    module.export_(name, wasm::ExternKind::Func, module.func({{}, std::move(results)}, code));
  }
  void write(std::string_view name, const std::vector<uint8_t>& bytes) {
    directory_.write(name, bytes);
  }
  Result<WastReport> run_text(std::string_view text) {
    directory_.write("script.json", text);
    return run_wast(directory_ / "script.json");
  }
  // "good.wasm" and then one command: its problem, or "" if it passed, or "skipped".
  std::string outcome(json command) {
    command["line"] = 7;
    json script = {
        {"commands",
         {json::parse(R"({"type": "module", "filename": "good.wasm"})"), std::move(command)}}};
    auto report = run_text(script.dump());
    if (!report) return report.error().message();
    EXPECT_EQ(report->total().passed + report->total().failed + report->total().skipped, 2U);
    if (report->total().skipped == 1) return "skipped";
    if (report->failures.empty()) return "";
    EXPECT_EQ(report->failures[0].line, 7U);
    EXPECT_EQ(report->failures[0].script, "script.json");
    return report->failures[0].problem;
  }
  std::string assert_return(std::string_view field, std::string_view expected,
                            std::string_view args = "[]") {
    return outcome({{"type", "assert_return"},
                    {"action", {{"type", "invoke"}, {"field", field}, {"args", json::parse(args)}}},
                    {"expected", json::parse(expected)}});
  }
  std::string assert_trap(std::string_view field, std::string_view text) {
    return outcome({{"type", "assert_trap"},
                    {"action", {{"type", "invoke"}, {"field", field}, {"args", json::array()}}},
                    {"text", text}});
  }
  std::string about_module(std::string_view type, std::string_view file, std::string_view text = "",
                           std::string_view module_type = "binary") {
    return outcome(
        {{"type", type}, {"filename", file}, {"text", text}, {"module_type", module_type}});
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(WastRunner, ReturnedValuesAreCompared) {
  EXPECT_EQ(assert_return("five", R"([{"type": "i32", "value": "5"}])"), "");
  EXPECT_THAT(assert_return("five", R"([{"type": "i32", "value": "6"}])"),
              ::testing::HasSubstr("got i32:5"));
  EXPECT_NE(assert_return("five", R"([{"type": "i64", "value": "5"}])"), "");
  EXPECT_NE(assert_return("five", "[]"), "");
  EXPECT_NE(assert_return("trap", "[]"), "");
  EXPECT_NE(assert_return("missing", "[]"), "");
  constexpr std::string_view kTwo =
      R"([{"type": "i32", "value": "1"}, {"type": "i64", "value": "2"}])";
  EXPECT_EQ(assert_return("two", kTwo), "");
  EXPECT_NE(assert_return("two", R"([{"type": "i32", "value": "1"}])"), "");
}

TEST_F(WastRunner, IntegersAreSignedOrTheirBits) {
  EXPECT_EQ(assert_return("minus", R"([{"type": "i32", "value": "-1"}])"), "");
  EXPECT_EQ(assert_return("minus", R"([{"type": "i32", "value": "4294967295"}])"), "");
  EXPECT_NE(assert_return("minus", R"([{"type": "i32", "value": "1"}])"), "");
  EXPECT_EQ(assert_return("minus64", R"([{"type": "i64", "value": "-1"}])"), "");
  EXPECT_NE(assert_return("minus64", R"([{"type": "i64", "value": "4294967295"}])"), "");
  for (std::string_view value : {"-2147483649", "--1", "-", "-1x"}) {
    EXPECT_THAT(assert_return("minus", json({{{"type", "i32"}, {"value", value}}}).dump()),
                ::testing::HasSubstr("cannot be read"))
        << value;
  }
  EXPECT_THAT(assert_return("nan", R"([{"type": "f32", "value": "-1"}])"),
              ::testing::HasSubstr("cannot be read"));
}

// 16, 8, 4 or 2 numbers, the first for the lowest lane.
TEST_F(WastRunner, VectorsAreListsOfLanes) {
  constexpr std::string_view kNumbers =
      R"([{"type": "v128", "lane_type": "i32", "value": ["0", "-1", "65535", "1"]}])";
  EXPECT_EQ(assert_return("flip",
                          R"([{"type": "v128", "lane_type": "i16", "value":
                              ["-1", "65535", "0", "0", "0", "65535", "65534", "-1"]}])",
                          kNumbers),
            "");
  EXPECT_THAT(assert_return("flip", kNumbers, kNumbers),
              ::testing::HasSubstr("got v128:0xfffffffeffff000000000000ffffffff"));
  EXPECT_NE(assert_return("five", R"([{"type": "v128", "lane_type": "i64", "value": ["5", "0"]}])"),
            "");
  for (const std::string_view value :
       {R"({"type": "v128", "lane_type": "i64", "value": ["5"]})",
        R"({"type": "v128", "lane_type": "i7", "value": ["5", "0"]})",
        R"({"type": "v128", "lane_type": "", "value": ["5", "0"]})",
        R"({"type": "v128", "lane_type": "i64", "value": ["5", "x"]})",
        R"({"type": "v128", "value": ["5", "0"]})"}) {
    EXPECT_THAT(assert_return("flip", kNumbers, "[" + std::string(value) + "]"),
                ::testing::HasSubstr("cannot be read"))
        << value;
  }
}

TEST_F(WastRunner, LanesOfFloatsMayBeAnyNanOfAKind) {
  const auto vector = [&](std::string_view lanes) {
    return outcome(
        {{"type", "assert_return"},
         {"action", {{"type", "get"}, {"field", "vector"}}},
         {"expected", {{{"type", "v128"}, {"lane_type", "f32"}, {"value", json::parse(lanes)}}}}});
  };
  EXPECT_EQ(vector(R"(["1065353216", "nan:canonical", "1", "0"])"), "");
  EXPECT_EQ(vector(R"(["1065353216", "nan:arithmetic", "1", "0"])"), "");
  EXPECT_NE(vector(R"(["nan:arithmetic", "nan:canonical", "1", "0"])"), "");
  EXPECT_NE(vector(R"(["1065353216", "nan:canonical", "1", "nan:canonical"])"), "");
}

TEST_F(WastRunner, OneOfSeveralValuesOrANullReference) {
  constexpr std::string_view kFive =
      R"([{"type": "either", "values": [{"type": "i32", "value": "4"}, {"type": "i32", "value": "5"}]}])";
  EXPECT_EQ(assert_return("five", kFive), "");
  EXPECT_NE(assert_return("minus", kFive), "");
  EXPECT_EQ(assert_return("null", R"([{"type": "refnull"}])"), "");
  EXPECT_NE(assert_return("five", R"([{"type": "refnull"}])"), "");
}

TEST_F(WastRunner, NansAreComparedByTheirKind) {
  EXPECT_EQ(assert_return("nan", R"([{"type": "f32", "value": "nan:canonical"}])"), "");
  EXPECT_EQ(assert_return("nan", R"([{"type": "f32", "value": "nan:arithmetic"}])"), "");
  EXPECT_NE(assert_return("nan", R"([{"type": "f64", "value": "nan:arithmetic"}])"), "");
  EXPECT_NE(assert_return("five", R"([{"type": "i32", "value": "nan:arithmetic"}])"), "");
}

TEST_F(WastRunner, HostReferencesDifferFromNullAndFromEachOther) {
  constexpr std::string_view kZero = R"([{"type": "externref", "value": "0"}])";
  constexpr std::string_view kOne = R"([{"type": "externref", "value": "1"}])";
  constexpr std::string_view kNull = R"([{"type": "externref", "value": "null"}])";
  EXPECT_EQ(assert_return("echo", kZero, kZero), "");
  EXPECT_NE(assert_return("echo", kOne, kZero), "");
  EXPECT_NE(assert_return("echo", kNull, kZero), "");
  EXPECT_EQ(assert_return("null", kNull), "");
  EXPECT_NE(assert_return("null", kZero), "");
}

TEST_F(WastRunner, GlobalsAreRead) {
  json command = {{"type", "assert_return"},
                  {"action", {{"type", "get"}, {"field", "global"}}},
                  {"expected", json::parse(R"([{"type": "i64", "value": "9"}])")}};
  EXPECT_EQ(outcome(command), "");
  command["expected"][0]["value"] = "8";
  EXPECT_NE(outcome(command), "");
  command["action"]["field"] = "five";
  EXPECT_NE(outcome(command), "");
}

TEST_F(WastRunner, TrapsAreComparedByText) {
  EXPECT_EQ(assert_trap("trap", "unreachable"), "");
  EXPECT_NE(assert_trap("trap", "integer overflow"), "");
  EXPECT_NE(assert_trap("five", "unreachable"), "");
}

TEST_F(WastRunner, RefusedModulesAreComparedByTheStageThatRefuses) {
  EXPECT_EQ(about_module("assert_invalid", "invalid.wasm"), "");
  EXPECT_EQ(about_module("assert_malformed", "malformed.wasm"), "");
  EXPECT_NE(about_module("assert_malformed", "invalid.wasm"), "");
  EXPECT_NE(about_module("assert_invalid", "malformed.wasm"), "");
  EXPECT_NE(about_module("assert_invalid", "good.wasm"), "");
  EXPECT_NE(about_module("assert_invalid", "missing.wasm"), "");
  EXPECT_EQ(about_module("assert_malformed", "missing.wat", "", "text"), "skipped");
}

TEST_F(WastRunner, LinkingAndInstantiationAreToldApart) {
  EXPECT_EQ(about_module("assert_unlinkable", "importer.wasm", "unknown import"), "");
  EXPECT_NE(about_module("assert_unlinkable", "importer.wasm", "incompatible import type"), "");
  EXPECT_NE(about_module("assert_unlinkable", "trap.wasm", "unknown import"), "");
  EXPECT_NE(about_module("assert_unlinkable", "good.wasm", "unknown import"), "");
  EXPECT_EQ(about_module("assert_uninstantiable", "trap.wasm", "unreachable"), "");
  EXPECT_NE(about_module("assert_uninstantiable", "trap.wasm", "integer overflow"), "");
  EXPECT_NE(about_module("assert_uninstantiable", "importer.wasm", "unreachable"), "");
  EXPECT_NE(about_module("module", "importer.wasm"), "");
  EXPECT_NE(about_module("module", "trap.wasm"), "");
  EXPECT_EQ(about_module("module", "spectest.wasm"), "");
}

TEST_F(WastRunner, RegisteredInstancesCanBeImported) {
  auto report = run_text(R"({"commands": [
    {"type": "module", "filename": "good.wasm", "name": "$g", "line": 1},
    {"type": "register", "as": "good", "name": "$g", "line": 2},
    {"type": "module", "filename": "importer.wasm", "line": 3},
    {"type": "assert_return", "line": 4, "expected": [{"type": "i32", "value": "5"}],
     "action": {"type": "invoke", "module": "$g", "field": "five", "args": []}},
    {"type": "register", "as": "x", "name": "$nobody", "line": 5}]})");
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->total().passed, 4U);
  ASSERT_EQ(report->failures.size(), 1U);
  EXPECT_EQ(report->failures[0].line, 5U);
}

TEST_F(WastRunner, OfAModuleInTheTextFormatTheBinaryIsTaken) {
  auto report = run_text(R"({"commands": [
    {"type": "module", "filename": "good.wat", "module_type": "text",
     "binary_filename": "good.wasm", "line": 1},
    {"type": "assert_invalid", "filename": "invalid.wat", "module_type": "text", "text": "",
     "binary_filename": "invalid.wasm", "line": 2}]})");
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->total().passed, 2U);
}

TEST_F(WastRunner, ADefinitionIsInstantiatedWhereItIsAskedFor) {
  auto report = run_text(R"({"commands": [
    {"type": "module_definition", "filename": "good.wasm", "name": "$G", "line": 1},
    {"type": "register", "as": "good", "line": 2},
    {"type": "module_instance", "instance": "$g", "module": "$G", "line": 3},
    {"type": "register", "as": "good", "name": "$g", "line": 4},
    {"type": "module_definition", "filename": "importer.wasm", "line": 5},
    {"type": "module_instance", "line": 6},
    {"type": "module_definition", "filename": "invalid.wasm", "line": 7},
    {"type": "module_instance", "module": "$nothing", "line": 8}]})");
  ASSERT_TRUE(report) << report.error().message();
  std::vector<uint64_t> failed;
  for (const WastFailure& failure : report->failures) failed.push_back(failure.line);
  EXPECT_THAT(failed, ::testing::ElementsAre(2, 7, 8));
}

TEST_F(WastRunner, AModuleThatFailsLeavesNoInstanceForTheNextCommand) {
  auto report = run_text(R"({"commands": [
    {"type": "module", "filename": "good.wasm", "line": 1},
    {"type": "module", "filename": "invalid.wasm", "line": 2},
    {"type": "assert_return", "line": 3, "expected": [{"type": "i32", "value": "5"}],
     "action": {"type": "invoke", "field": "five", "args": []}}]})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->total().failed, 2U);
}

TEST_F(WastRunner, WhatIsNoScriptIsRefusedNotSkipped) {
  for (std::string_view text :
       {"", "{", "[]", "{}", R"({"commands": [5]})", R"({"commands": [{"type": 5}]})"}) {
    auto report = run_text(text);
    ASSERT_FALSE(report) << text;
    EXPECT_THAT(report.error().message(), ::testing::HasSubstr("script.json"));
  }
  auto missing = run_wast(directory_ / "missing.json");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("No such file"));
}

// What comes after it is run.
TEST_F(WastRunner, ACommandThatCannotBeReadFailsAlone) {
  EXPECT_EQ(outcome({{"type", "assert_magic"}}), "a kind of command that Cordon does not know");
  EXPECT_THAT(assert_return("five", R"([{"type": "i32", "value": "5x"}])"),
              ::testing::HasSubstr("cannot be read"));
  auto report = run_text(R"({"commands": [
    {"type": "module", "filename": 5, "line": 1},
    {"type": "module", "filename": "good.wasm", "line": 2}]})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->total().passed, 1U);
  ASSERT_EQ(report->failures.size(), 1U);
  EXPECT_EQ(report->failures[0].line, 1U);
}

TEST_F(WastRunner, CountsAreSummedAndShown) {
  WastReport sum;
  sum.kinds["module"] = {1, 2, 3};
  WastReport other;
  other.kinds["module"] = {10, 20, 30};
  other.kinds["action"] = {5, 0, 0};
  other.failures.push_back({"a", 1, "module", "no"});
  sum.add(other);
  EXPECT_EQ(sum.total().passed, 16U);
  EXPECT_EQ(sum.total().failed, 22U);
  EXPECT_EQ(sum.total().skipped, 33U);
  EXPECT_EQ(sum.failures.size(), 1U);
  EXPECT_THAT(sum.table(), ::testing::ContainsRegex("all +16 +22 +33"));
}

}  // namespace
}  // namespace cordon::cli
