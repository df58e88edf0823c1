// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command itself: which functions it shows, how, and with what status.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sandbox/cli/commands.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::cli {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;

class ObjdumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ModuleBuilder module;
    const wasm::FuncType type{{ValType::i32}, {ValType::i32}};
    module.import_func("env", "f", type);
    module.export_("one", ExternKind::Func, module.func(type, WasmBytes().i32_const(1)));
    module.export_("2", ExternKind::Func, module.func(type, WasmBytes().i32_const(77)));
    module.func(type, WasmBytes().local_get(0));
    write(module.build());
  }
  void write(const std::vector<uint8_t>& bytes) const { directory_.write("m.wasm", bytes); }

  // What it prints; status_ is its exit status.
  std::string run(std::vector<std::string> args) {
    CLI::App app;
    add_objdump(app, status_);
    args.insert(args.begin(), {"objdump", directory_ / "m.wasm"});
    std::ranges::reverse(args);  // the order that CLI11 wants
    ::testing::internal::CaptureStdout();
    app.parse(args);
    return ::testing::internal::GetCapturedStdout();
  }

  testing::TemporaryDirectory directory_;
  int status_ = -1;
};

TEST_F(ObjdumpTest, ShowsAllFunctionsWithWasmAndCodeOnOneLine) {
  const std::string text = run({});
  EXPECT_EQ(status_, 0);
  EXPECT_NE(text.find("func 1 one (param i32) (result i32): 3 bytes of wasm"), std::string::npos);
  EXPECT_NE(text.find("func 3 (param i32) (result i32)"), std::string::npos);
  const size_t line = text.find("(entry)");
  ASSERT_NE(line, std::string::npos);
  EXPECT_LT(text.find("cmp rsp, [r14+0x30]", line), text.find('\n', line));
}

TEST_F(ObjdumpTest, ANumberIsAnIndexAndANameAName) {
  EXPECT_NE(run({"--func", "one"}).find("func 1 one"), std::string::npos);
  const std::string second = run({"--func", "2"});
  EXPECT_NE(second.find("0x4d"), std::string::npos);
  EXPECT_EQ(second.find("func 1"), std::string::npos);
}

TEST_F(ObjdumpTest, JsonHasTheSame) {
  const auto all = nlohmann::json::parse(run({"--json", "--func", "3"}));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].at("index"), 3);
  EXPECT_FALSE(all[0].at("rows").at(0).at("code").empty());
}

TEST_F(ObjdumpTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(run({"--func", "nobody"}), "");
  EXPECT_EQ(status_, kRefused);
  EXPECT_EQ(run({"--func", "0"}), "");  // imported: there is no code
  EXPECT_EQ(status_, kRefused);
  EXPECT_EQ(run({"--func", "4294967296"}), "");
  EXPECT_EQ(status_, kRefused);
}

TEST_F(ObjdumpTest, RefusesAModuleThatIsNotValid) {
  write({0, 'a', 's', 'm', 1, 0, 0, 0, 1});
  EXPECT_EQ(run({}), "");
  EXPECT_EQ(status_, kRefused);
}

}  // namespace
}  // namespace cordon::cli
