// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `cordon` as a process that a test can do things to while it runs.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::tests {

using Clock = std::chrono::steady_clock;

class Program {
 public:
  // `prepare` runs in the new process, before `cordon` is executed with these arguments.
  Program(const std::vector<std::string>& arguments, const std::function<void()>& prepare) {
    pid_ = fork();
    if (pid_ != 0) return;
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::signal(signal, SIG_DFL);
    prepare();
    std::vector<char*> words = {const_cast<char*>("cordon")};
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(CORDON_PROGRAM, words.data());
    _exit(99);
  }
  explicit Program(const std::vector<std::string>& arguments) : Program(arguments, quiet) {}
  ~Program() {
    if (pid_ > 0) kill(pid_, SIGKILL), (void)wait();
  }

  static void quiet() {
    const int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  }

  pid_t pid() const { return pid_; }
  // The exit status, or 256 + the signal that ended it.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

// Modules whose export "f" loops for ever, and traps.
inline std::vector<uint8_t> endless_module() {
  testing::ModuleBuilder module;
  testing::WasmBytes code;
  code.block(wasm::Op::loop).br(0).end();
  module.export_("f", wasm::ExternKind::Func, module.func({{}, {}}, code));
  return module.build();
}
inline std::vector<uint8_t> trapping_module() {
  testing::ModuleBuilder module;
  testing::WasmBytes code;
  code.op(wasm::Op::unreachable);
  module.export_("f", wasm::ExternKind::Func, module.func({{}, {}}, code));
  return module.build();
}

}  // namespace cordon::tests
