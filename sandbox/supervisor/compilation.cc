// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/compilation.h"

#include <cerrno>

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"

namespace cordon::supervisor {
namespace {

using protocol::Channel;

// [P1] A memfd with every seal, of the size that was said. A descriptor of another kind has no
// seals.
Result<CompiledCode> check_code(const protocol::Compiled& piece, const Fd& file) {
  auto size = size_of_sealed(file.get());
  if (!size || *size != piece.code_size || *size > protocol::kMaxCode) {
    return fail(protocol::diag::malformed_message, kNoOffset, "code that is not what it says");
  }
  return CompiledCode{TRY(reopen_read_only(file.get())), *size, piece.compile_ns, piece.last};
}

}  // namespace

void take_failure(CompileAnswer& answer, bool ended, SessionEnd& end) {
  if (answer.failed) {
    end.verdict = protocol::Verdict{.outcome = protocol::Outcome::Refused};
    end.verdict->name = std::move(answer.failed->name);
    end.verdict->text = std::move(answer.failed->text);
  } else if (!answer.violation.empty()) {
    end.violation = "(compiling) " + answer.violation;  // [P1]
  } else if (!answer.code && (ended || answer.hung_up)) {
    end.compiler_ended = true;
  }
}

Result<Compilation> Compilation::start(const std::string& path, const Inputs& inputs,
                                       jail::LayerSet missing, const RunRequest& request,
                                       const Deadline& deadline) {
  auto [ours, theirs] = TRY(Channel::make_pair());
  Channel channel(std::move(ours), protocol::Direction::ToSupervisor);
  Worker worker = TRY(Worker::start(path, std::move(theirs), missing, deadline.time_left()));
  TRY_VOID(ask_to_enter(channel, WorkerKind::Compile, inputs, missing, request));
  return Compilation(std::move(worker), std::move(channel));
}

Result<Handshake> Compilation::begin(const Inputs& inputs, jail::LayerSet missing,
                                     const RunRequest& request, const Deadline& deadline,
                                     bool stamped) {
  Handshake handshake = TRY(await_jail(channel_, worker_.pidfd(), missing, deadline));
  if (!handshake.complete) return handshake;
  protocol::CompileStart start;
  start.module_size = TRY(size_of_sealed(inputs.module.get()));
  start.fuel = request.fuel.has_value();
  start.stamped = stamped;
  const int fd = inputs.module.get();
  TRY_VOID(channel_.send(start, {&fd, 1}, Channel::Wait::DoNotWait));
  return handshake;
}

CompileAnswer Compilation::take_answer() {
  Result<CompileAnswer> answer = receive();
  if (answer) return std::move(*answer);
  CompileAnswer none;
  if (answer.error().kind == &protocol::diag::peer_closed) {
    none.hung_up = true;
  } else if (answer.error().os_error != EAGAIN) {
    none.violation = answer.error().message();  // [P1]
  }
  return none;
}

Result<CompileAnswer> Compilation::receive() {
  protocol::Received received = TRY(channel_.receive(Channel::Wait::DoNotWait));
  CompileAnswer answer;
  if (received.id == protocol::MessageId::CompileFailed) {
    answer.failed = TRY(received.as<protocol::CompileFailed>());
    return answer;
  }
  if (received.id != protocol::MessageId::Compiled) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(received.id).name) + " was not asked for");
  }
  auto piece = TRY(received.as<protocol::Compiled>());
  answer.code = TRY(check_code(piece, received.fds[0]));
  total_ += answer.code->size;
  if (++pieces_ > protocol::kMaxPieces || total_ > protocol::kMaxCode) {  // [L1]
    return fail(protocol::diag::malformed_message, kNoOffset, "more code than there may be");
  }
  return answer;
}

Result<WorkerEnd> Compilation::end() {
  worker_.kill();
  return worker_.reap();
}

}  // namespace cordon::supervisor
