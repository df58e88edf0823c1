// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/compile_worker/compile.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>

#include "core/abi/precompiled.h"
#include "core/base/os/memfd.h"
#include "core/jit/compile.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/worker/enter.h"

namespace cordon::compile_worker {
namespace {

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Compile; }

struct Job {
  bool fuel, stamped;
  Mapping module;
};

Job receive_job(protocol::Channel& channel) {
  auto received = channel.receive();
  if (!received) _exit(worker::kExitNoJob);
  auto start = received->as<protocol::CompileStart>();
  if (!start) _exit(worker::kExitNoJob);
  return {start->fuel, start->stamped, worker::map_sealed(received->fds[0], start->module_size)};
}

struct Code {
  Fd file;  // sealed
  uint64_t size;
};

Result<Code> make_code(const Job& job) {
  wasm::Module decoded = TRY(wasm::decode_module(job.module.bytes()));
  auto module = TRY(wasm::validate_module(std::move(decoded)));
  std::vector<uint8_t> blob =
      TRY(jit::compile(*module, {.target = abi::detect_target(), .fuel = job.fuel}));
  if (job.stamped) {
    const auto stamp = abi::make_stamp(job.module.bytes(), job.fuel);
    blob.insert(blob.end(), stamp.begin(), stamp.end());
  }
  Fd file = TRY(sealed_copy_of_bytes(blob, "code"));
  return Code{std::move(file), blob.size()};
}

uint64_t now_ns() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
}

void answer(protocol::Channel& channel, const Result<Code>& code, uint64_t compile_ns) {
  if (code) {
    const int fd = code->file.get();
    (void)channel.send(protocol::CompileDone{code->size, compile_ns}, {&fd, 1});
    return;
  }
  std::string text = code.error().message();
  text.resize(std::min<size_t>(text.size(), protocol::kMaxText));
  (void)channel.send(protocol::CompileFailed{std::string(code.error().kind->name), text});
}

}  // namespace

void run() {
  // [L1] A module that takes more memory than RLIMIT_DATA grants ends here and not in a crash.
  std::set_new_handler([] { _exit(protocol::kExitNoMemory); });
  worker::Entered entered = worker::enter(policy_for);
  Job job = receive_job(entered.channel);
  worker::close_the_jail(entered.policy);  // [J1] [J2] From here on the guest's bytes are read.
  const uint64_t start = now_ns();
  Result<Code> code = make_code(job);
  answer(entered.channel, code, now_ns() - start);
  _exit(0);
}

}  // namespace cordon::compile_worker
