// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/course.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "sandbox/jail/probe.h"
#include "sandbox/supervisor/signals.h"

namespace cordon::supervisor {
namespace {

// How long killed workers may take to end, beyond the deadline too; then the report is written
// without them ([L1]).
constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kPatiencePastTheDeadline{30};
// How long a terminal that takes no output may delay the end of a run that was broken off.
constexpr std::chrono::milliseconds kDrainPastTheEnd{10};

}  // namespace

Course::Course(const RunRequest& request, Deadline deadline)
    : request_(request), deadline_(deadline) {
  loop_.at(deadline, [this] { timed_out_ = true; });
  if (request.signals != nullptr) {
    loop_.watch(request.signals->fd(), [this](short) { take_signal(); });
  }
  if (request.jail == JailMode::Degraded) missing_ = jail::missing_layers();
}

void Course::take_signal() {
  const int number = request_.signals->next();
  if (number == SIGTSTP) {
    stop_and_go_on();
  } else if (number != 0) {
    interrupted_ = number;
  }
}

// The workers are in sessions of their own, where the terminal's signals do not reach them.
void Course::stop_and_go_on() {
  for (const Served& served : workers_) served.worker->signal(SIGSTOP);
  (void)::kill(getpid(), SIGSTOP);
  for (const Served& served : workers_) served.worker->signal(SIGCONT);
}

Result<void> Course::open() {
  if (auto made = TRY(jail::Cgroup::make())) cgroup_.emplace(std::move(*made));
  opening_ = TRY(Pending<Inputs>::create());
  copying_ = TRY(Pending<Fd>::create());
  loop_.watch(opening_->fd(), [this](short) {
    loop_.forget(opening_->fd());
    take_inputs();
  });
  loop_.watch(copying_->fd(), [this](short) {
    loop_.forget(copying_->fd());
    if (copying_->result()) {
      module_ = std::move(*copying_->result());
    } else {
      input_failure_ = copying_->result().error();
    }
  });
  return start_thread([request = request_, deadline = deadline_, opening = *opening_,
                       copying = *copying_]() mutable {
    Result<Inputs> inputs = open_inputs(request, deadline);
    if (!inputs || inputs->timed_out) return opening.give(std::move(inputs));
    const Fd file = std::move(inputs->module_file);
    const uint64_t size = inputs->module_size;
    Fd module = std::move(inputs->module);
    opening.give(std::move(inputs));
    copying.give(module.valid() ? Result<Fd>(std::move(module))
                                : copy_module(request.module_path, file, size));
  });
}

void Course::take_inputs() {
  Result<Inputs>& opened = opening_->result();
  if (!opened) {
    input_failure_ = opened.error();
  } else if (opened->timed_out) {
    timed_out_ = true;
  } else {
    // [L1] No worker gets anything before that is set.
    Result<void> limited;
    if (cgroup_) limited = cgroup_->limit_memory(memory_of_all(request_, *opened));
    if (!limited) {
      input_failure_ = limited.error();
      return;
    }
    inputs_ = std::move(*opened);
    for (const Served& served : workers_) {
      served.worker->ask_to_enter(limits_of(served.kind, request_, *inputs_));
    }
  }
}

// The loop does not run meanwhile, so signals are handled here.
Result<Worker> Course::launch(const WorkerPlan& plan) {
  const int signals = request_.signals == nullptr ? -1 : request_.signals->fd();
  for (;;) {
    Result<Worker> started = Worker::start(plan, deadline_.time_left(), signals);
    if (started || started.error().os_error != EINTR || signals < 0) return started;
    take_signal();
    if (broken_off()) return started;
  }
}

Result<void> Course::start(std::optional<Worker>& worker, WorkerKind kind,
                           Worker::Listener listener) {
  WorkerPlan plan = TRY(plan_of(kind, request_, missing_, inputs_));
  plan.cgroup = cgroup();
  Result<Worker> started = launch(plan);
  timed_out_ = timed_out_ || (!started && deadline_.passed());  // [L1] then that is the reason
  worker.emplace(TRY(std::move(started)));
  worker->join(loop_, std::move(listener));
  workers_.push_back({&*worker, kind});
  if (inputs_) worker->ask_to_enter(limits_of(kind, request_, *inputs_));
  return {};
}

Result<void> Course::guard() {
  Watchdog::Workers pidfds;
  pidfds.fill(-1);
  for (size_t i = 0; i < workers_.size() && i < pidfds.size(); ++i) {
    pidfds[i] = workers_[i].worker->pidfd();
  }
  watchdog_.emplace(TRY(Watchdog::start(pidfds, deadline_)));
  return {};
}

Result<void> Course::drain(Terminal& terminal) {
  const bool was_broken_off = broken_off();
  // Shared with the loop, which outlives this call.
  const auto late = std::make_shared<bool>(false);
  if (was_broken_off) {
    loop_.at(Deadline(Deadline::Clock::now(), kDrainPastTheEnd), [late] { *late = true; });
  }
  return loop_.run_until(
      [&] { return *late || terminal.drained() || (broken_off() && !was_broken_off); });
}

void Course::give_time(Worker& worker, std::chrono::nanoseconds time) {
  loop_.at(Deadline(Deadline::Clock::now(), time), [&worker] {
    if (!worker.ended()) worker.kill();
  });
}

WorkerFacts Course::end(std::optional<Worker>& worker) {
  WorkerFacts facts;
  if (!worker) return facts;
  std::erase_if(workers_, [&](const Served& served) { return served.worker == &*worker; });
  facts.there = true;
  worker->kill();
  const auto patience = deadline_.passed() ? kPatiencePastTheDeadline : kPatience;
  facts.end = worker->reap(Deadline(Deadline::Clock::now(), patience));
  // After the deadline the watchdog, which is the supervisor's, may have killed it.
  if (timed_out_ && facts.end.code == CLD_KILLED && facts.end.status == SIGKILL) {
    facts.end.killed_by_us = true;
  }
  facts.violation = worker->violation();
  facts.jail_failure = worker->jail_failure();
  facts.shortage = worker->shortage();
  return facts;
}

}  // namespace cordon::supervisor
