// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSupply: the code of one run, from its compile worker to its run worker, unread ([P1]).
//
// With Engine::Jit the compile worker makes the code of the whole module before the guest starts,
// and without it there is no run. With Engine::Auto it starts with the guest's first request, so
// that a run without one costs no process, and makes code of the requested functions, one after the
// other. If it fails, the guest is interpreted where it has no code: only a violation or
// a crash of it ends the run ([V1]). With Engine::Interp, and with code from a file, there is
// nothing to do here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/course.h"

namespace cordon::supervisor {

// One for each run; for its thread. The course outlives it.
class CodeSupply {
 public:
  CodeSupply(const RunRequest& request, Course& course) : request_(request), course_(course) {}

  // Launches the compile worker, if all code is needed before the guest starts.
  Result<void> start();
  // A request of the run worker; a failure is a violation by it ([P1]). `guest_runs`: it is in its
  // guest phase.
  Result<void> ask(const protocol::Received& message, bool guest_runs);
  // Does what has become possible. `run_worker`: null until it has its job. Fails if a system call
  // does, and the run needs the code.
  Result<void> advance(Worker* run_worker);
  // The guest has ended: nothing is compiled any more.
  void stop();

  // Whether the run is over for what the compile worker did, or could not do.
  bool over() const;
  // The run has no code, or no more of it, for this reason; empty otherwise.
  std::string missing() const;
  // Layers of the jail that the compile worker was denied.
  jail::LayerSet withheld() const { return withheld_; }

  // Ends the compile worker. What is known of it, for judge(): with Engine::Auto an end that merely
  // means that code is missing is none.
  WorkerFacts end();
  // The parts of `end` that are known here.
  void conclude(SessionEnd& end) const;

 private:
  bool native() const { return engine_of(request_) == protocol::Engine::Jit; }
  bool as_needed() const { return engine_of(request_) == protocol::Engine::Auto; }
  bool interprets() const;
  Result<void> launch();
  void start_late(const Worker& run_worker);
  Result<void> begin();
  void make_next();
  void pass_on(Worker& run_worker);
  void watch_for_last_words();
  void watch_for_the_end();
  void give_up(std::string why);

  const RunRequest& request_;
  Course& course_;
  std::optional<Worker> compiler_;    // none before its launch
  std::optional<WorkerFacts> facts_;  // once it has ended
  std::optional<Compilation> compilation_;
  bool begun_ = false, done_ = false;  // it has its job; it has sent its last message
  std::vector<uint32_t> requests_;     // all of them, in their order
  size_t next_ = 0;                    // the first that was not passed on
  std::optional<std::string> why_;     // no code follows; the run worker is notified once
  bool told_ = false, is_stopped_ = false;
  jail::LayerSet withheld_;
};

}  // namespace cordon::supervisor
