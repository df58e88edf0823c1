// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Standard output and standard error that cannot be written to, as on a full disk, which a guest
// may have filled: neither changes how a run ends, and nothing is lost without a word.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::tests {
namespace {

using testing::ModuleBuilder;
using testing::TemporaryDirectory;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;

class OutputTest : public ::testing::Test {
 protected:
  // `cordon` with these words for a shell, in the directory; its exit status.
  int cordon(const std::string& words) const {
    const std::string line =
        "cd " + directory_.path().string() + " && '" CORDON_PROGRAM "' " + words;
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  }
  void add_guest(const WasmBytes& code) const {
    ModuleBuilder module;
    module.export_("f", ExternKind::Func, module.func({{}, {ValType::i32}}, code));
    directory_.write("m.wasm", module.build());
  }
  std::string read(const std::string& name) const { return directory_.read(name); }

  TemporaryDirectory directory_;
};

constexpr char kFull[] = "cordon: write to standard output: No space left on device\n";

TEST_F(OutputTest, WhatCanNotBeWrittenIsTold) {
  add_guest(WasmBytes().i32_const(7));
  for (const char* words : {"policy", "policy --json", "--help", "--version", "inspect m.wasm",
                            "objdump m.wasm", "run --jail=degraded --invoke f m.wasm"}) {
    EXPECT_EQ(cordon(std::string(words) + " >/dev/full 2>err"), 2) << words;
    EXPECT_EQ(read("err"), kFull) << words;
  }
  EXPECT_EQ(cordon("policy >&- 2>err"), 2);
  EXPECT_EQ(read("err"), "cordon: write to standard output: Bad file descriptor\n");
}

TEST_F(OutputTest, AReportThatCanNotBeWrittenNamesItsDescriptor) {
  directory_.write("m.wasm", ModuleBuilder().build());
  EXPECT_EQ(cordon("validate --jail=degraded --report fd:1 m.wasm >/dev/full 2>err"), 3);
  EXPECT_EQ(read("err"), "cordon: write fd:1: No space left on device\n");
}

TEST_F(OutputTest, ResultsComeBeforeAReportInTheSamePlace) {
  add_guest(WasmBytes().i32_const(7));
  EXPECT_EQ(cordon("run --jail=degraded --report fd:1 --invoke f m.wasm >out"), 0);
  EXPECT_TRUE(read("out").starts_with("7\n{"));
}

TEST_F(OutputTest, AMessageThatCanNotBeWrittenChangesNeitherStatusNorReport) {
  add_guest(WasmBytes().op(wasm::Op::unreachable));
  EXPECT_EQ(cordon("run --jail=degraded --report r --invoke f m.wasm 2>/dev/full"), 134);
  EXPECT_NE(read("r").find("\"trap\": \"unreachable\""), std::string::npos);
  directory_.write("bad.wasm", "not wasm");
  EXPECT_EQ(cordon("run --jail=degraded --report r2 bad.wasm 2>/dev/full"), 1);
  EXPECT_NE(read("r2").find("\"verdict\": \"refused\""), std::string::npos);
  EXPECT_EQ(cordon("run --bogus 2>/dev/full"), 2);
}

}  // namespace
}  // namespace cordon::tests
