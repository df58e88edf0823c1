// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An embedder's process gets signals while a run goes on in it, above all SIGCHLD at the end of any
// process that it started. None of them may break off what the supervisor does for a worker.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "sandbox/supervisor/run.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::tests {
namespace {

using namespace std::chrono_literals;

// Signals to the thread that makes it, one after the other, with a handler that does nothing.
class Storm {
 public:
  Storm() {
    struct sigaction act{};
    act.sa_handler = [](int) {};
    act.sa_flags = SA_RESTART;
    sigaction(SIGUSR2, &act, &before_);
    sender_ = std::thread([this, target = pthread_self()] {
      while (!is_over_) {
        pthread_kill(target, SIGUSR2);
        std::this_thread::sleep_for(10us);
      }
    });
  }
  ~Storm() {
    is_over_ = true;
    sender_.join();
    sigaction(SIGUSR2, &before_, nullptr);
  }

 private:
  struct sigaction before_{};
  std::atomic<bool> is_over_ = false;
  std::thread sender_;
};

// [P1] A descriptor is handed over whole or not at all (gate.h).
TEST(Signals, BreakNoHandOverOff) {
  testing::ModuleBuilder module;
  module.export_("f", wasm::ExternKind::Func,
                 module.func({{}, {wasm::ValType::i32}}, testing::WasmBytes().i32_const(55)));
  const testing::TemporaryDirectory directory;
  const std::vector<uint8_t> bytes = module.build();
  directory.write("m.wasm", std::string(bytes.begin(), bytes.end()));
  supervisor::RunRequest request;
  request.module_path = directory / "m.wasm";
  request.worker_path = CORDON_RUN_WORKER;
  request.invoke = "f";
  request.args = {"m"};
  request.jail = supervisor::JailMode::Degraded;
  const Storm storm;
  for (int i = 0; i < 60; ++i) {
    const auto report = supervisor::run(request);
    ASSERT_EQ(report.end, supervisor::RunEnd::Exited) << i << ": " << report.text;
    ASSERT_EQ(report.output, "55\n");
  }
}

}  // namespace
}  // namespace cordon::tests
