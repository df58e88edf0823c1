// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compilation: the messages that a compile worker may send, and the memory that it writes code into
// ([J4]): the supervisor makes each memfd, passes it on empty, and seals it when the worker reports
// a piece. It is passed on unread ([P1]). Used by run.cc and precompile.cc.
#pragma once

#include <deque>
#include <optional>

#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// A piece of the code.
struct CompiledCode {
  Fd file;  // carries every seal, and is open for reading only
  uint64_t size;
  bool last;
};

// Used by the supervisor's thread. The Worker outlives this. A failure of handle() is a violation
// by the worker.
class Compilation {
 public:
  // `job`: with `most_code`, the bytes of all pieces.
  Compilation(Worker& worker, const protocol::CompileStart& job) : worker_(worker), job_(job) {}

  // Sends the job. REQUIRES: the worker is ready().
  Result<void> begin(const Fd& module);
  // Whether every request for a function has its answer, in a job `as_needed`; and the next
  // request. REQUIRES: is_idle().
  bool is_idle() const { return job_.as_needed && !is_asked_ && !answered(); }
  void make(uint32_t body);
  // One message of the worker.
  Result<void> handle(const protocol::Received& message);

  // The first `pieces` are known from a compile worker before this one: they are dropped.
  void skip(uint32_t pieces) { skipped_ = pieces; }

  // The next piece not taken yet, and how many there are.
  std::optional<CompiledCode> take_code();
  size_t pieces() const { return pieces_.size(); }
  const std::optional<protocol::CompileFailed>& failed() const { return failed_; }
  // The worker need only end.
  bool answered() const { return last_ || failed_.has_value(); }
  uint32_t count() const { return count_; }            // of pieces so far, taken or not
  uint64_t compile_ns() const { return compile_ns_; }  // so far, as the worker reports

 private:
  bool expects(const protocol::Received& message) const;
  Result<void> offer_room();
  Result<void> take_piece(const protocol::Compiled& piece);

  Worker& worker_;
  protocol::CompileStart job_;
  bool is_asked_ = false;  // for a function
  Fd room_;                // for the next piece
  std::deque<CompiledCode> pieces_;
  std::optional<protocol::CompileFailed> failed_;
  bool last_ = false;  // never, of a job `as_needed`
  uint32_t count_ = 0, skipped_ = 0;
  uint64_t total_ = 0;  // bytes of all pieces
  uint64_t compile_ns_ = 0;
};

}  // namespace cordon::supervisor
