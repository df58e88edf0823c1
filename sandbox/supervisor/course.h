// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Course: the common part of run() and precompile(): the loop with the deadline and the signals,
// the inputs that are opened and copied in the background, the workers and their ends.
#pragma once

#include <optional>
#include <vector>

#include "sandbox/jail/cgroup.h"
#include "sandbox/supervisor/background.h"
#include "sandbox/supervisor/inputs.h"
#include "sandbox/supervisor/judge.h"
#include "sandbox/supervisor/loop.h"
#include "sandbox/supervisor/plans.h"
#include "sandbox/supervisor/terminal.h"
#include "sandbox/supervisor/watchdog.h"

namespace cordon::supervisor {

// Made for one request and used once, by the calling thread.
class Course {
 public:
  // The request and its Signals outlive this.
  Course(const RunRequest& request, Deadline deadline);

  Loop& loop() { return loop_; }
  const Deadline& deadline() const { return deadline_; }
  // The deadline has passed, or the user has ended the run.
  bool broken_off() const { return timed_out_ || interrupted_ != 0; }
  jail::LayerSet missing() const { return missing_; }

  // Makes the run's control group, if permitted. Begins to open what the request names, and then to
  // copy a module that is a file.
  Result<void> open();
  // The results so far: the inputs without the module's bytes; these bytes; the failure.
  std::optional<Inputs>& inputs() { return inputs_; }
  const Fd& module() const { return module_; }
  const std::optional<Diagnostic>& input_failure() const { return input_failure_; }
  // The run's control group, or -1.
  int cgroup() const { return cgroup_ ? cgroup_->fd() : -1; }

  // Launches a worker, which the loop serves from here on; `listener` as in Worker::join. It enters
  // its jail as soon as there are inputs().
  Result<void> start(std::optional<Worker>& worker, WorkerKind kind, Worker::Listener listener);
  // Called once all workers are started: from here on the deadline holds without this process too.
  Result<void> guard();
  // Called once the worker is gone: shows its last output, while there is time.
  Result<void> drain(Terminal& terminal);
  // Kills it after `time`, unless it has ended by then.
  void give_time(Worker& worker, std::chrono::nanoseconds time);
  // Kills and reaps it, and returns its facts.
  WorkerFacts end(std::optional<Worker>& worker);

  // The parts of `end` that are known here.
  void conclude(SessionEnd& end) const {
    end.timed_out = timed_out_;
    end.out_of_memory = cgroup_ && cgroup_->was_out_of_memory();
    end.interrupted = interrupted_;
  }

 private:
  Result<Worker> launch(const WorkerPlan& plan);
  void take_signal();
  void stop_and_go_on();
  void take_inputs();

  const RunRequest& request_;
  Deadline deadline_;
  Loop loop_;
  jail::LayerSet missing_;
  std::optional<jail::Cgroup> cgroup_;  // of which each worker is a member
  bool timed_out_ = false;
  int interrupted_ = 0;
  struct Served {
    Worker* worker;
    WorkerKind kind;
  };
  std::vector<Served> workers_;
  std::optional<Watchdog> watchdog_;
  std::optional<Pending<Inputs>> opening_;
  std::optional<Pending<Fd>> copying_;
  std::optional<Inputs> inputs_;
  Fd module_;
  std::optional<Diagnostic> input_failure_;
};

}  // namespace cordon::supervisor
