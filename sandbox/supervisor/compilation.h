// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compilation: the compile worker of a run, and the supervisor's conversation with it: into the
// jail, one job, one answer in one or more pieces. The answer's memfds are checked from outside and
// passed on unread ([P1]). Used by run.cc and precompile.cc; session.cc polls it beside the run
// worker.
#pragma once

#include <optional>

#include "sandbox/protocol/channel.h"
#include "sandbox/supervisor/handshake.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// A piece of the code.
struct CompiledCode {
  Fd file;  // carries every seal, and is open for reading only
  uint64_t size;
  uint64_t compile_ns;  // so far, as the worker says
  bool last;
};

// What one message of the compile worker came to. All empty: there was none after all.
struct CompileAnswer {
  std::optional<CompiledCode> code;
  std::optional<protocol::CompileFailed> failed;
  std::string violation;
  bool hung_up = false;
};

// Why there is no code: a refusal, a violation, or the worker's end (`ended`: so says its pidfd).
// Nothing of these if the answer has code, or there was none yet.
void take_failure(CompileAnswer& answer, bool ended, SessionEnd& end);

class Compilation {
 public:
  // Launches the worker and asks it into its jail, which goes on by itself.
  static Result<Compilation> start(const std::string& path, const Inputs& inputs,
                                   jail::LayerSet missing, const RunRequest& request,
                                   const Deadline& deadline);

  // Waits for the jail, then sends the job ([J1]). `stamped`: for a file that outlives this run.
  Result<Handshake> begin(const Inputs& inputs, jail::LayerSet missing, const RunRequest& request,
                          const Deadline& deadline, bool stamped = false);

  int pidfd() const { return worker_.pidfd(); }
  int fd() const { return channel_.fd(); }
  CompileAnswer take_answer();
  // Kills it if it is still there.
  Result<WorkerEnd> end();

 private:
  Compilation(Worker worker, protocol::Channel channel)
      : worker_(std::move(worker)), channel_(std::move(channel)) {}
  Result<CompileAnswer> receive();

  Worker worker_;
  protocol::Channel channel_;
  uint32_t pieces_ = 0;
  uint64_t total_ = 0;  // bytes of all pieces
};

}  // namespace cordon::supervisor
