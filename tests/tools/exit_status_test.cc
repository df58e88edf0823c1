// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The exit status distinguishes how a run ended: the guest's own, a module that is refused, an
// input that cannot be opened, what Cordon lacked, each limit, a violation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/tools/program.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using ::testing::HasSubstr;
using testing::ModuleBuilder;
using testing::TemporaryDirectory;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using enum wasm::Op;
namespace fs = std::filesystem;

std::vector<uint8_t> command(const WasmBytes& body) {
  ModuleBuilder module;
  module.import_func("wasi_snapshot_preview1", "proc_exit", {{ValType::i32}, {}});
  module.import_func("wasi_snapshot_preview1", "fd_write",
                     {std::vector<ValType>(4, ValType::i32), {ValType::i32}});
  module.memory({1});
  module.data(0, std::string("\x10\0\0\0\x40\0\0\0", 8));  // 64 bytes at 16
  module.export_("_start", ExternKind::Func, module.func({}, body));
  return module.build();
}

std::vector<uint8_t> exit_with(int32_t code) {
  return command(WasmBytes().i32_const(code).call(0));
}
WasmBytes write_once() {
  return WasmBytes().i32_const(1).i32_const(0).i32_const(1).i32_const(32).call(1).op(drop);
}
WasmBytes for_ever(const WasmBytes& body) {
  return WasmBytes().block(loop).append(body).br(0).end();
}
std::vector<uint8_t> link_error() {
  ModuleBuilder module;
  module.import_func("nobody", "f", {});
  return module.build();
}
std::vector<uint8_t> large_memory() {
  ModuleBuilder module;
  module.memory({100});
  return module.build();
}

struct Row {
  const char* name;
  std::vector<uint8_t> module;
  std::vector<std::string> options;
  int status;
  const char* error;  // a part of what is said, "" if nothing is
};

const std::vector<Row>& rows() {
  static const std::vector<Row> rows = {
      {"Success", exit_with(0), {}, 0, ""},
      {"GuestsOwn", exit_with(7), {}, 7, ""},
      {"GuestsOwn134", exit_with(134), {}, 134, ""},
      {"GuestsOwnBeyond255", exit_with(256), {}, 255, ""},
      {"Malformed", {0, 'a', 's', 'm', 9, 0, 0, 0}, {}, 1, "m.wasm: unknown binary version"},
      {"Lacked", {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 4, 1, 3, 1, 1}, {}, 1, "uses threads"},
      {"Invalid", command(WasmBytes().op(drop)), {}, 1, "type mismatch"},
      {"Unlinkable", link_error(), {}, 1, "unknown import \"nobody\" \"f\""},
      {"MemoryAtTheStart",
       large_memory(),
       {"--max-memory", "1M"},
       1,
       "100 pages, limit 16; `--max-memory` sets the limit, now 1M"},
      {"StackBeyondWhatCanBeHad",
       exit_with(0),
       {"--max-stack", "1000G"},
       1,
       "limit 68719476736; `--max-stack` sets it, now 1000G\n"},
      {"NoDirectory", exit_with(0), {"--dir", "/nonexistent"}, 2, "open directory /nonexistent"},
      {"NoReport", exit_with(0), {"--report", "/nonexistent/r"}, 2, "/nonexistent/r"},
      {"NoCode", exit_with(0), {"--precompiled", "/nonexistent"}, 2, "open /nonexistent"},
      {"Usage", exit_with(0), {"--nonsense"}, 2, "--nonsense"},
      {"Timeout",
       command(for_ever({})),
       {"--timeout", "500ms"},
       124,
       "the time limit of 0.5 s passed; `--timeout` sets it, now 500ms"},
      {"Trap", command(WasmBytes().op(unreachable)), {}, 134, "trap: unreachable\n"},
      {"Fuel",
       command(for_ever({})),
       {"--fuel", "1000"},
       134,
       "trap: all fuel consumed; `--fuel` sets the limit, now 1000\n"},
      {"Output",
       command(for_ever(write_once())),
       {"--max-output", "1K"},
       134,
       "trap: output limit exceeded; `--max-output` sets the limit, now 1K\n"},
      {"Stack",
       [] {
         ModuleBuilder module;
         module.export_("_start", ExternKind::Func, module.func({}, WasmBytes().call(0)));
         return module.build();
       }(),
       {"--max-stack", "64K"},
       134,
       "trap: call stack exhausted; `--max-stack` sets the limit, now 64K\n"},
      {"Memory",
       command(WasmBytes().i32_const(1000).op(memory_grow).u8(0).op(drop)),
       {"--max-memory", "1M"},
       137,
       "trap: memory limit exceeded; `--max-memory` sets the limit, now 1M\n"},
  };
  return rows;
}

class ExitStatusTest : public ::testing::TestWithParam<Row> {};

TEST_P(ExitStatusTest, TellsHowTheRunEnded) {
  const Row& row = GetParam();
  TemporaryDirectory directory;
  directory.write("m.wasm", row.module);
  std::vector<std::string> args = {"--jail=degraded"};
  args.insert(args.end(), row.options.begin(), row.options.end());
  args.push_back(directory / "m.wasm");
  const Finished ended = run_cordon(args);
  EXPECT_EQ(ended.status, row.status) << ended.err;
  EXPECT_EQ(ended.err.empty(), *row.error == '\0') << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(row.error));
}

INSTANTIATE_TEST_SUITE_P(Rows, ExitStatusTest, ::testing::ValuesIn(rows()),
                         [](const auto& info) { return info.param.name; });

TEST(ExitStatus, OfAnInputThatIsNotThereIs2) {
  EXPECT_EQ(run_cordon({"/nonexistent.wasm"}).status, 2);
}

TEST(ExitStatus, OfWhatCordonLackedIs3) {
  TemporaryDirectory directory;
  directory.write("m.wasm", exit_with(0));
  Program program({"--jail=degraded", directory / "m.wasm"}, [] {
    Program::quiet();
    const rlimit few{10, 10};
    setrlimit(RLIMIT_NOFILE, &few);
  });
  EXPECT_EQ(program.wait(), 3);
}

// Not even a thread for writing can be made: the message is written all the same.
TEST(ExitStatus, OfALackOfProcessesIs3AndSaysSo) {
  if (geteuid() == 0) GTEST_SKIP() << "no limit on processes holds root";
  TemporaryDirectory directory;
  directory.write("m.wasm", exit_with(0));
  const std::string told = directory / "told";
  const auto without_processes = [&] {
    Program::quiet();
    dup2(open(told.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600), STDERR_FILENO);
    const rlimit none{1, 1};
    setrlimit(RLIMIT_NPROC, &none);
  };
  Program program({"--jail=degraded", directory / "m.wasm"}, without_processes);
  EXPECT_EQ(program.wait(), 3);
  EXPECT_THAT(directory.read("told"), HasSubstr("cordon itself lacks something"));
  Program reporting({"--jail=degraded", "--report", "-", directory / "m.wasm"}, without_processes);
  EXPECT_EQ(reporting.wait(), 3);
  EXPECT_THAT(directory.read("told"), HasSubstr("Resource temporarily unavailable"));
}

// [V1] Beside this `cordon` there is a run worker that tries to execute a program.
TEST(ExitStatus, OfAViolationIs159) {
  TemporaryDirectory directory;
  directory.write("m.wasm", exit_with(0));
  fs::copy(CORDON_PROGRAM, directory / "cordon");
  fs::copy(CORDON_HOSTILE_WORKER, directory / "cordon-run-worker");
  const Finished ended =
      run_program(directory / "cordon", {"run", "--engine=interp", "--jail=degraded", "--argv0",
                                         "guest", directory / "m.wasm", "execve_program"});
  EXPECT_EQ(ended.status, 159) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("jail violation"));
}

}  // namespace
}  // namespace cordon::tests
