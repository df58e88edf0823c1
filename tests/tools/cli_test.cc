// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line as a newcomer meets it: what may be written how, and what is said of mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using ::testing::HasSubstr;
using testing::ModuleBuilder;
using ::testing::StartsWith;
using testing::TemporaryDirectory;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;

std::vector<uint8_t> module_of(const std::string& name, int32_t result) {
  ModuleBuilder module;
  const uint32_t func = module.func({{}, {ValType::i32}}, WasmBytes().i32_const(result));
  module.export_("_start", ExternKind::Func, module.func({}, {}));
  module.export_(name, ExternKind::Func, func);
  return module.build();
}

class CliTest : public ::testing::Test {
 protected:
  CliTest() { directory_.write("m.wasm", module_of("three", 3)); }

  std::string module() const { return directory_ / "m.wasm"; }
  void expect_usage(const std::vector<std::string>& args, const std::string& text) const {
    const Finished ended = run_cordon(args);
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, StartsWith("cordon: "));
    EXPECT_THAT(ended.err, HasSubstr(text));
    EXPECT_EQ(ended.err.find('\n'), ended.err.size() - 1) << "more than a line";
  }

  TemporaryDirectory directory_;
};

TEST_F(CliTest, TwoDashesEndTheOptions) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"run", "--jail=degraded", "--", module()},
        {"--jail=degraded", "--", module()},
        {"--jail", "degraded", module()},
        {"--jail=degraded", "--env", "A=--", module(), "--", "--bogus"}}) {
    const Finished ended = run_cordon(args);
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
}

// A module may be called as a command is, and what follows it is the guest's.
TEST_F(CliTest, AModuleMayBeCalledAsACommandIs) {
  directory_.write("help", module_of("three", 3));
  const std::string path = directory_ / "help";
  EXPECT_EQ(run_cordon({"--jail=degraded", path, "help", "--fuel"}).status, 0);
  expect_usage({"run", "--jail=degraded", "inspect"}, "open inspect: No such file or directory");
}

TEST_F(CliTest, ADashIsStandardInput) {
  const std::string bytes = directory_.read("m.wasm");
  const Finished ran = run_cordon({"--jail=degraded", "--invoke", "three", "-"}, bytes);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "3\n");
  EXPECT_EQ(run_cordon({"validate", "--jail=degraded", "-"}, bytes).status, 0);
  const Finished cut = run_cordon({"validate", "--jail=degraded", "-"}, bytes.substr(0, 9));
  EXPECT_EQ(cut.status, 1);
  EXPECT_THAT(cut.err, StartsWith("cordon: standard input: unexpected end"));
}

TEST_F(CliTest, AnInputIsNamedOnce) {
  directory_.write("sparse.wasm", "x");
  const std::string sparse = directory_ / "sparse.wasm";
  ASSERT_EQ(truncate(sparse.c_str(), off_t{1} << 42), 0);
  const Finished large = run_cordon({"--jail=degraded", sparse});
  EXPECT_EQ(large.status, 1);
  EXPECT_EQ(large.err,
            "cordon: " + sparse + ": module is larger than the limit of 1073741824 bytes\n");
}

TEST_F(CliTest, ADashIsStandardOutputOfTheReport) {
  const Finished ran = run_cordon({"--jail=degraded", "--report", "-", module()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("{\n  \"verdict\": \"exited\""));
}

TEST_F(CliTest, AnExportMayHaveNoName) {
  directory_.write("empty.wasm", module_of("", 5));
  const Finished ran = run_cordon({"--jail=degraded", "--invoke", "", directory_ / "empty.wasm"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "5\n");
}

TEST_F(CliTest, HelpIsACommand) {
  const Finished all = run_cordon({"help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, HasSubstr("Subcommands:"));
  EXPECT_EQ(all.out, run_cordon({"--help"}).out);
  for (const char* command : {"run", "validate", "inspect", "compile", "verify", "objdump", "wast",
                              "doctor", "policy", "help"}) {
    const Finished one = run_cordon({"help", command});
    EXPECT_EQ(one.status, 0) << one.err;
    EXPECT_THAT(one.out, HasSubstr("Usage: cordon " + std::string(command)));
    EXPECT_EQ(one.out, run_cordon({command, "--help"}).out);
  }
  const Finished run = run_cordon({"help", "run"});
  EXPECT_THAT(run.out, HasSubstr("default 24h"));
  EXPECT_THAT(run.out, HasSubstr("unless --at-max-memory=fail"));
  expect_usage({"bogus"}, "\"bogus\" is neither a command nor a file (`cordon help` lists");
  expect_usage({"help", "bogus"}, "no command is called \"bogus\"");
}

TEST_F(CliTest, MistakesAreNamedInOneLineWithStatus2) {
  expect_usage({"run"}, "MODULE is required (`cordon help run` lists");
  expect_usage({"run", "--bogus", "x.wasm"}, "--bogus (`cordon help run` lists");
  expect_usage({"--bogus", "x.wasm"}, "--bogus");
  expect_usage({"--fuel", "many", module()}, "--fuel: \"many\" is no count");
  for (const char* count : {"-1", "1e6", "0x10", "", "99999999999999999999999"}) {
    expect_usage({"--fuel", count, module()}, "is no count; try 1000000");
  }
  expect_usage({"--max-memory", "lots", module()}, "\"lots\" is no size; try 4096");
  expect_usage({"--timeout", "1x", module()}, "\"1x\" is no time; try 500ms");
  expect_usage({"--engine=jit", "--engine=interp", module()}, "--engine is given more than once");
  expect_usage({"--fuel"}, "--fuel needs a value");
  expect_usage({"--report", "fd:x", module()}, "\"x\" is no number of a descriptor");
  expect_usage({"validate"}, "MODULE is required (`cordon help validate` lists");
  expect_usage({"validate", module(), module()}, "not expected");
  expect_usage({"--dir", directory_.path().string() + ":/data", module()},
               "two colons part host and guest: " + directory_.path().string() + "::/data");
  expect_usage({"--invoke", std::string(5000, 'a'), module()}, "--invoke");
  expect_usage({"--dir", std::string(5000, 'a'), module()}, "--dir");
}

// A variable of a script that is not set must not pass for an option that was not given.
TEST_F(CliTest, AnEmptyValueIsAValue) {
  for (const char* option : {"--report", "--precompiled", "--env", "--dir", "--fuel", "--timeout",
                             "--max-memory", "--max-stack", "--max-output", "--max-open-files"}) {
    expect_usage({option, "", module()}, option);
    expect_usage({std::string(option) + "=", module()}, option);
  }
  expect_usage({"--env", "=x", module()}, "--env: no name: \"=x\"");
  expect_usage({"compile", "-o", "", module()}, "--output: the value is empty");
  expect_usage({"compile", "--output=", module()}, "--output: the value is empty");
  directory_.write("empty.wasm", module_of("", 5));
  const Finished ran = run_cordon({"--jail=degraded", "--invoke=", directory_ / "empty.wasm"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "5\n");
}

TEST_F(CliTest, MoreThanAWorkerCanBeToldIsAMistake) {
  std::vector<std::string> many(65537, "x");
  many[0] = module();
  expect_usage(many, "ARGS: at most 65535 arguments, not 65536");
  std::vector<std::string> granted;
  for (int i = 0; i < 65; ++i) {
    granted.push_back("--dir");
    granted.push_back(directory_.path().string() + "::/" + std::to_string(i));
  }
  granted.push_back(module());
  expect_usage(granted, "--dir: at most 64 directories, not 65");
}

TEST_F(CliTest, ADashIsStandardOutputOfTheCompiledFile) {
  const Finished made = run_cordon({"compile", "--jail=degraded", "-o", "-", module()});
  EXPECT_EQ(made.status, 0) << made.err;
  directory_.write("m.cordon", made.out);
  EXPECT_EQ(run_cordon({"verify", "--jail=degraded", module(), directory_ / "m.cordon"}).status, 0);
  const Finished taken = run_cordon({"--jail=degraded", directory_ / "m.cordon"});
  EXPECT_EQ(taken.status, 1);
  EXPECT_THAT(taken.err,
              HasSubstr("this is what `cordon compile` made; `cordon run --precompiled"));
}

TEST_F(CliTest, AnInputThatCannotBeOpenedIsNamedWithStatus2) {
  for (const char* command : {"run", "validate", "inspect"}) {
    expect_usage({command, "--jail=degraded", "/nonexistent.wasm"},
                 "open /nonexistent.wasm: No such file or directory");
  }
  expect_usage({"objdump", "/nonexistent.wasm"}, "/nonexistent.wasm");
  expect_usage({"--dir", "/nonexistent::/data", module()},
               "--dir: open directory /nonexistent: No such file or directory");
}

TEST_F(CliTest, WithoutStartTheExportsAreNamed) {
  ModuleBuilder library;
  library.export_("add", ExternKind::Func, library.func({}, {}));
  directory_.write("library.wasm", library.build());
  const Finished ended = run_cordon({"--jail=degraded", directory_ / "library.wasm"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("no export is called \"_start\"; functions exported: \"add\"; "
                                   "`--invoke NAME`, before the module, calls one of them"));
}

TEST_F(CliTest, InspectListsWhatAModuleNeeds) {
  const Finished plain = run_cordon({"inspect", "--jail=degraded", module()});
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_THAT(plain.out, HasSubstr("needs     WebAssembly 1.0\n"));
  ModuleBuilder two;
  two.func({{}, {ValType::i32, ValType::i32}},
           WasmBytes().i32_const(0).i32_const(1).op(wasm::Op::i32_extend8_s));
  directory_.write("two.wasm", two.build());
  const Finished text = run_cordon({"inspect", "--jail=degraded", directory_ / "two.wasm"});
  EXPECT_THAT(text.out, HasSubstr("needs     WebAssembly 1.0, sign-extension, multi-value\n"));
  const Finished json =
      run_cordon({"inspect", "--json", "--jail=degraded", directory_ / "two.wasm"});
  EXPECT_THAT(json.out, HasSubstr(R"("needs":["sign-extension","multi-value"])"));
}

}  // namespace
}  // namespace cordon::tests
