// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GDB itself, on a host that has native code: names, and backtraces that lead through it. Without
// gdb these tests are skipped, or fail where CI=true is set; where gdb may not trace a process they
// are skipped.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/kit/environment.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon {
namespace {

// The leak checker cannot work in a process that is traced.
constexpr const char* kGdb =
    "ASAN_OPTIONS=detect_leaks=0 gdb -nx -nh -batch -ex 'set width 0' "
    "-ex 'set disable-randomization off' -ex 'set startup-with-shell off' ";

// What gdb writes, given these arguments in the shell's words.
std::string gdb(const std::string& arguments) {
  FILE* pipe = popen((kGdb + arguments + " 2>&1 </dev/null").c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  while (size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.append(buffer.data(), size);
  }
  pclose(pipe);
  return out;
}

std::string debug(const std::vector<std::string>& commands, const std::string& arguments,
                  const std::string& program = CORDON_GDB_HOST) {
  std::string all;
  for (const std::string& command : commands) all += "-ex '" + command + "' ";
  return gdb(all + "--args " + program + " " + arguments);
}

class BacktraceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (gdb("-ex 'echo here'").find("here") == std::string::npos) {
      if (testing::data_is_required()) FAIL() << "no gdb (ci/install)";
      GTEST_SKIP() << "needs gdb: ci/install installs it";
    }
    const std::string traced = gdb("-ex run --args /bin/true");
    if (traced.find("exited normally") == std::string::npos) {
      GTEST_SKIP() << "gdb may not trace processes here: " << traced;
    }
  }
};

// `names` occur in `text` in this order, each as a frame's function.
void expect_frames(const std::string& text, const std::vector<std::string>& names) {
  size_t at = 0;
  for (const std::string& name : names) {
    const size_t found = text.find(" " + name + " (", at);
    ASSERT_NE(found, std::string::npos) << "no " << name << " in its place in\n" << text;
    at = found + name.size();
  }
}

TEST_F(BacktraceTest, LeadsFromAHostFunctionThroughNativeCodeToMain) {
  const std::string text = debug({"break host_observe", "run", "bt"}, "outer");
  expect_frames(text, {"host_observe", "wasm$leaf", "wasm-function[1]", "wasm$far", "wasm$inner",
                       "host_reenter", "wasm$outer", "main"});
  EXPECT_EQ(text.find("??"), std::string::npos) << text;
}

TEST_F(BacktraceTest, BeginsAtAFault) {
  const std::string text = debug({"run", "bt"}, "faulting");
  EXPECT_NE(text.find("SIGSEGV"), std::string::npos) << text;
  expect_frames(text, {"wasm$fault", "wasm$faulting", "main"});
}

// There the function whose stack is not enough has no frame yet.
TEST_F(BacktraceTest, BeginsAtTheCheckOfTheStack) {
  const std::string text = debug({"run", "bt"}, "deep");
  EXPECT_NE(text.find("SIGILL"), std::string::npos) << text;
  expect_frames(text, {"wasm$deep", "wasm$deep", "wasm$deep", "main"});
  EXPECT_EQ(text.find("??"), std::string::npos) << text;
}

TEST_F(BacktraceTest, CodeThatIsNotShownIsNotSeen) {
  const std::string text = debug({"break host_observe", "run", "bt"}, "outer hide");
  expect_frames(text, {"host_observe"});
  EXPECT_EQ(text.find("wasm"), std::string::npos) << text;
  EXPECT_EQ(text.find("main ()"), std::string::npos) << text;
}

TEST_F(BacktraceTest, CodeThatIsGoneIsForgotten) {
  const std::string text = debug({"break host_observe", "run", "maint info jit", "continue",
                                  "echo then\\n", "maint info jit", "bt"},
                                 "outer");
  const size_t then = text.find("then\n");
  ASSERT_NE(then, std::string::npos) << text;
  expect_frames(text.substr(then), {"host_observe", "main"});
  const auto entries = [](const std::string& part) {
    size_t count = 0;
    for (size_t at = 0; (at = part.find("\n0x", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_GT(entries(text.substr(0, then)), 2u) << "one a unit, of two modules: " << text;
  EXPECT_EQ(entries(text.substr(then)), 0u) << text;
}

TEST_F(BacktraceTest, ScriptsOfTheSpecificationMayBeLookedAt) {
  testing::ModuleBuilder module;
  const uint32_t reads = module.func(
      {{}, {}}, testing::WasmBytes().i32_const(-1).access(wasm::Op::i32_load).op(wasm::Op::drop));
  module.memory({1, 1, true});
  module.func_name(reads, "reads").export_("f", wasm::ExternKind::Func, reads);
  const testing::TemporaryDirectory directory;
  directory.write("m.wasm", module.build());
  directory.write("s.json", R"({"source_filename": "s.wast", "commands": [
      {"type": "module", "line": 1, "filename": "m.wasm"},
      {"type": "assert_trap", "line": 2, "text": "out of bounds memory access",
       "action": {"type": "invoke", "field": "f", "args": []}}]})");
  const std::string script = " --engine=jit " + (directory / "s.json").string();
  const std::vector<std::string> commands = {"run", "bt", "continue"};
  const std::string text = debug(commands, "wast --gdb" + script, CORDON_PROGRAM);
  expect_frames(text, {"wasm$reads", "main"});
  EXPECT_NE(text.find("exited normally"), std::string::npos) << text;
  EXPECT_EQ(debug(commands, "wast" + script, CORDON_PROGRAM).find("wasm$"), std::string::npos);
}

// [W1] Not even for a debugger does the kernel write into what is sealed. So breakpoints in native
// code are the processor's (hbreak).
TEST_F(BacktraceTest, CodeCanNotBeWrittenByADebuggerEither) {
  const std::string text =
      debug({"run", "print/x *(char*)$pc", "set var *(char*)$pc = 0", "continue"}, "faulting");
  EXPECT_NE(text.find("$1 = 0x"), std::string::npos) << text;
  EXPECT_NE(text.find("Cannot access memory at address"), std::string::npos) << text;
  EXPECT_NE(text.find("faulting: out_of_bounds_memory_access"), std::string::npos) << text;
}

TEST_F(BacktraceTest, IsWholeAtEachInstruction) {
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "steps through code that a build without a sanitizer has too, in minutes";
#endif
  if (gdb("-ex 'python print(6 * 7)'").find("42") == std::string::npos) {
    if (testing::data_is_required()) FAIL() << "this gdb was built without Python";
    GTEST_SKIP() << "this gdb was built without Python";
  }
  const std::string text = gdb("-x " CORDON_GDB_STEPS " --args " CORDON_GDB_HOST);
  const std::string tail = text.substr(text.size() - std::min<size_t>(text.size(), 2000));
  for (const char* name :
       {"cordon_enter_native", "cordon_call_builtin", "cordon_thunk_call_foreign", "wasm$leaf",
        "wasm-function[1]", "wasm-entry-table", "wasm$inner", "wasm$outer",
        "cordon_leave_by_trap"}) {
    EXPECT_NE(text.find("checked " + std::string(name) + ": "), std::string::npos) << name << "\n"
                                                                                   << tail;
  }
  EXPECT_NE(text.find("deepest: 7\n"), std::string::npos) << tail;
  EXPECT_NE(text.find("deepest: 1\n"), std::string::npos) << tail;
}

}  // namespace
}  // namespace cordon
