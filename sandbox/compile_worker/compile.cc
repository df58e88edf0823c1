// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/compile_worker/compile.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "core/abi/precompiled.h"
#include "core/base/monotonic.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/diagnostics.h"
#include "core/jit/code/on_demand.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/worker/ask.h"
#include "sandbox/worker/enter.h"

namespace cordon::compile_worker {
namespace {

policy::Worker policy_for(protocol::Engine engine) {
  return engine == protocol::Engine::Auto ? policy::Worker::CompileAuto : policy::Worker::Compile;
}

struct Job {
  protocol::CompileStart start;
  Mapping module;
};

Result<Job> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(worker::receive_job(channel));
  auto start = TRY(received.as<protocol::CompileStart>());
  return Job{start, TRY(worker::map_sealed(protocol::Descriptor::Module, start.module_size))};
}

Result<void> write_all(int fd, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_os("write of machine code", errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

// Sends each piece, so that it is verified while the next is compiled.
class Sender final : public jit::PieceSink {
 public:
  explicit Sender(protocol::Channel& channel) : channel_(channel), start_(monotonic_ns()) {}

  Result<void> take(ByteSpan piece, bool last) override {
    if (!piece.empty()) {
      const Fd room = TRY(worker::ask_for(protocol::Descriptor::CodeRoom));
      TRY_VOID(write_all(room.get(), piece));
    }
    return channel_.send(protocol::Compiled{piece.size(), spent_ns(), last});
  }

  // The time from `start` on, a spent_ns() of before a wait, was not spent on compiling.
  void has_waited_since(uint64_t start) { start_ += spent_ns() - start; }
  uint64_t spent_ns() const { return monotonic_ns() - start_; }

 private:
  protocol::Channel& channel_;
  uint64_t start_;
};

// Pieces are small, so that the first arrives early and the last is verified quickly, and few.
uint64_t piece_bytes(const wasm::Module& module) {
  constexpr uint64_t kLeast = 256 * 1024;
  return std::max<uint64_t>(kLeast, module.code_section.size / (protocol::kMaxPieces / 2));
}

// [L1] What the supervisor accepts of pieces, and so what this makes.
class Allowance {
 public:
  explicit Allowance(uint64_t bytes) : all_(bytes), bytes_(bytes) {}
  Result<void> take(ByteSpan piece) {
    if (piece.size() > bytes_ || pieces_ == 0) {
      return fail(jit::diag::module_code_too_large, kNoOffset, std::to_string(all_));
    }
    bytes_ -= piece.size();
    --pieces_;
    return {};
  }

 private:
  uint64_t all_, bytes_;
  uint32_t pieces_ = protocol::kMaxNeededPieces;
};

// Functions as they are requested, each with some of what it calls, until the supervisor ends this
// process. [P1] A number that is no function's, or one that has code, is answered with nothing.
Result<void> make_as_needed(const Job& job, const wasm::ValidatedModule& module,
                            const jit::CompileOptions& options, protocol::Channel& channel,
                            Sender& sender) {
  // Bytes of wasm code: so much takes about as long as sending and verifying a piece.
  constexpr uint64_t kBudget = 4096;
  jit::OnDemand compiler(module, jit::baseline_tier, options);
  Allowance allowance(job.start.most_code);
  for (;;) {
    const uint64_t before = sender.spent_ns();
    const protocol::Received received = TRY(channel.receive());
    sender.has_waited_since(before);
    const auto wanted = TRY(received.as<protocol::CompileBody>());
    ByteSpan piece;
    if (wanted.body < module.module().bodies.size()) {
      piece = TRY(compiler.compile(wanted.body, kBudget));
    }
    if (!piece.empty()) TRY_VOID(allowance.take(piece));
    TRY_VOID(sender.take(piece, false));
  }
}

Result<void> make_code(const Job& job, protocol::Channel& channel, Sender& sender) {
  wasm::Module decoded = TRY(wasm::decode_module(job.module.bytes()));
  auto module = TRY(wasm::validate_module_with_uses(std::move(decoded)));
  const jit::CompileOptions options{.target = abi::detect_target(), .fuel = job.start.fuel};
  if (job.start.as_needed) return make_as_needed(job, *module, options, channel, sender);
  if (!job.start.stamped) {
    return jit::compile_pieces(*module, jit::baseline_tier, options, piece_bytes(module->module()),
                               sender);
  }
  std::vector<uint8_t> blob = TRY(jit::compile(*module, jit::baseline_tier, options));
  const auto stamp = abi::make_stamp(job.module.bytes(), job.start.fuel);
  blob.insert(blob.end(), stamp.begin(), stamp.end());
  return sender.take(blob, true);
}

void tell_failure(protocol::Channel& channel, const Diagnostic& error) {
  std::string text = error.message();
  text.resize(std::min<size_t>(text.size(), protocol::kMaxText));
  const bool is_lack = error.kind->klass == DiagnosticClass::Os;  // [V1]
  (void)channel.send(protocol::CompileFailed{std::string(error.kind->name), text, is_lack});
}

}  // namespace

void run() {
  // [L1] A module that needs more memory than RLIMIT_DATA allows ends here and not in a crash.
  std::set_new_handler([] { _exit(protocol::kExitNoMemory); });
  worker::Entered entered = worker::enter(policy_for);
  Result<Job> job = receive_job(entered.channel);
  if (!job) _exit(worker::kExitNoJob);
  worker::close_the_jail(entered.policy);  // [J1] [J2] The guest's bytes are read from here on.
  Sender sender(entered.channel);
  Result<void> made = make_code(*job, entered.channel, sender);
  if (!made) tell_failure(entered.channel, made.error());
  _exit(0);
}

}  // namespace cordon::compile_worker
