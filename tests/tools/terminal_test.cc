// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A guest at a terminal under a real shell (bash), by a pseudo-terminal ([J4]): foreground,
// background, Ctrl-C, Ctrl-Z, fg, the window closed; and control sequences.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>

#include "tests/tools/program.h"

namespace cordon::tests {
namespace {

using namespace std::chrono_literals;

// A shell with a terminal of its own.
class Shell {
 public:
  Shell() {
    pid_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (pid_ != 0) return;
    setenv("PS1", "ready> ", 1);
    setenv("TERM", "dumb", 1);
    execlp("bash", "bash", "--norc", "--noprofile", "--noediting", "-i", nullptr);
    _exit(99);
  }
  ~Shell() {
    if (terminal_ >= 0) close(terminal_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void type(const std::string& keys) { (void)!write(terminal_, keys.data(), keys.size()); }
  // Reads on until `text` has come; what came before it, or "?" and all if it does not come.
  std::string until(const std::string& text) {
    const auto end = Clock::now() + 20s;
    for (;;) {
      const size_t at = seen_.find(text);
      if (at != std::string::npos) {
        std::string before = seen_.substr(0, at);
        seen_.erase(0, at + text.size());
        return before;
      }
      pollfd wait{terminal_, POLLIN, 0};
      char chunk[1024];
      if (Clock::now() > end) break;
      if (poll(&wait, 1, 100) <= 0) continue;
      const ssize_t got = read(terminal_, chunk, sizeof chunk);
      if (got <= 0) break;
      seen_.append(chunk, static_cast<size_t>(got));
    }
    ADD_FAILURE() << "waited for " << text << ", saw " << seen_;
    return "?" + seen_;
  }
  // The window is closed.
  void hang_up() {
    close(terminal_);
    terminal_ = -1;
  }

 private:
  int terminal_ = -1;
  pid_t pid_;
  std::string seen_;
};

// A guest that writes what it reads, and says "end" at the end of input: fd_read, fd_write and
// proc_exit of WASI by hand.
std::vector<uint8_t> echo_module() {
  using wasm::Op;
  using wasm::ValType;
  testing::ModuleBuilder module;
  const std::string wasi = "wasi_snapshot_preview1";
  const wasm::FuncType io{{ValType::i32, ValType::i32, ValType::i32, ValType::i32}, {ValType::i32}};
  const uint32_t read = module.import_func(wasi, "fd_read", io);
  const uint32_t write = module.import_func(wasi, "fd_write", io);
  module.memory({1, 1, true});
  module.export_("memory", wasm::ExternKind::Memory, 0);
  // At 0 the buffer's address and size, at 8 the count, at 64 the bytes.
  testing::WasmBytes code;
  code.i32_const(0).i32_const(64).access(Op::i32_store);
  code.block(Op::loop);
  code.i32_const(4).i32_const(200).access(Op::i32_store);
  code.i32_const(0).i32_const(0).i32_const(1).i32_const(8).call(read).op(Op::drop);
  code.i32_const(4).i32_const(8).access(Op::i32_load).access(Op::i32_store);
  code.i32_const(1).i32_const(0).i32_const(1).i32_const(12).call(write).op(Op::drop);
  code.i32_const(8).access(Op::i32_load).br_if(0).end();
  // ESC [ 3 1 m, as it is in memory.
  code.i32_const(64).i32_const(0x33315b1b).access(Op::i32_store);
  code.i32_const(68).i32_const(0x0a646e65).access(Op::i32_store);  // "end\n"
  code.i32_const(4).i32_const(8).access(Op::i32_store);
  code.i32_const(1).i32_const(0).i32_const(1).i32_const(12).call(write).op(Op::drop);
  module.export_("_start", wasm::ExternKind::Func, module.func({{}, {}}, code));
  return module.build();
}

struct TerminalTest : ::testing::Test {
  TerminalTest() {
    directory.write("echo.wasm", echo_module());
    shell.until("ready> ");
  }
  void start(const std::string& options = "", const std::string& behind = "") {
    shell.type("'" CORDON_PROGRAM "' run --jail=degraded --report '" +
               (directory.path() / "r.json").string() + "' " + options + " '" +
               (directory.path() / "echo.wasm").string() + "' " + behind + "\n");
    shell.until("\n");
  }
  // The terminal shows what is typed once, and the guest writes it once more.
  void expect_echo(const std::string& line) {
    shell.type(line + "\n");
    shell.until(line);
    shell.until(line);
  }
  testing::TemporaryDirectory directory;
  Shell shell;
};

TEST_F(TerminalTest, LinesReachTheGuestAndItsControlSequencesAreText) {
  start();
  expect_echo("first");
  expect_echo("second");
  shell.type("\x04");
  EXPECT_NE(shell.until("ready> ").find("\\x1b[13end"), std::string::npos);
}

TEST_F(TerminalTest, ControlSequencesAreAllowedByOption) {
  start("--allow-ansi");
  expect_echo("line");
  shell.type("\x04");
  EXPECT_NE(shell.until("ready> ").find("\x1b[13end"), std::string::npos);
}

TEST_F(TerminalTest, CtrlZStopsTheWorkersAndFgGoesOn) {
  start();
  expect_echo("before");
  shell.type("\x1a");
  shell.until("Stopped");
  shell.until("ready> ");
  shell.type("ps -eo stat=,comm= | grep cordon-run\n");
  const std::string states = shell.until("ready> ");
  EXPECT_NE(states.find("T"), std::string::npos) << states;
  // A line typed now is the shell's.
  shell.type("echo mine\n");
  EXPECT_EQ(shell.until("ready> ").find("not found"), std::string::npos);
  shell.type("fg\n");
  shell.until("\n");
  expect_echo("after");
  shell.type("\x04");
  shell.until("end");
}

TEST_F(TerminalTest, InTheBackgroundLinesAreTheShells) {
  start("", "&");
  shell.until("ready> ");
  std::this_thread::sleep_for(300ms);
  shell.type("echo one$((1+1))three\n");
  shell.until("one2three");
  shell.until("ready> ");
  shell.type("fg\n");
  shell.until("\n");
  std::this_thread::sleep_for(200ms);
  expect_echo("mine");
  shell.type("\x03");
  shell.until("ready> ");
  shell.type("echo status=$?\n");
  shell.until("status=130");
  EXPECT_NE(directory.read("r.json").find("\"interrupted\""), std::string::npos);
}

TEST_F(TerminalTest, AClosedWindowEndsTheRunWithItsReport) {
  start();
  expect_echo("here");
  shell.hang_up();
  for (int i = 0; i < 1000 && directory.read("r.json").empty(); ++i) {
    std::this_thread::sleep_for(5ms);
  }
  // The guest sees the end of its input first, or its run the signal of the shell's end.
  const std::string report = directory.read("r.json");
  EXPECT_TRUE(report.find("\"interrupted\"") != std::string::npos ||
              report.find("\"exited\"") != std::string::npos)
      << report;
}

}  // namespace
}  // namespace cordon::tests
