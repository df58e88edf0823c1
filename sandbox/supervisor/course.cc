// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/course.h"

#include <signal.h>
#include <unistd.h>

#include "sandbox/jail/probe.h"
#include "sandbox/supervisor/signals.h"

namespace cordon::supervisor {
namespace {

// Killed workers have this long to be gone, beyond the deadline too; then the report is written
// without them ([L1]).
constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kPatiencePastTheDeadline{30};

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
  for (Worker* worker : workers_) worker->signal(SIGSTOP);
  (void)::kill(getpid(), SIGSTOP);
  for (Worker* worker : workers_) worker->signal(SIGCONT);
}

std::optional<Inputs> Course::open(std::optional<Diagnostic>& failure) {
  auto opening = Background<Inputs>::start(
      [request = request_, deadline = deadline_] { return open_inputs(request, deadline); });
  if (!opening) {
    failure = opening.error();
    return std::nullopt;
  }
  loop_.watch(opening->fd(), [this, &opening](short) { loop_.forget(opening->fd()); });
  Result<void> waited = loop_.run_until([&] { return broken_off() || opening->finished(); });
  loop_.forget(opening->fd());
  if (!waited) failure = waited.error();
  if (!waited || broken_off()) return std::nullopt;
  Result<Inputs>& opened = opening->result();
  if (!opened) {
    failure = opened.error();
    return std::nullopt;
  }
  timed_out_ = timed_out_ || opened->timed_out;
  if (timed_out_) return std::nullopt;
  return std::move(*opened);
}

Result<void> Course::copy_module(Inputs& inputs) {
  if (inputs.module.valid()) {
    module_ = std::move(inputs.module);
    return {};
  }
  auto file = std::make_shared<Fd>(std::move(inputs.module_file));
  copy_.emplace(
      TRY(Background<Fd>::start([path = request_.module_path, file, size = inputs.module_size] {
        return supervisor::copy_module(path, *file, size);
      })));
  loop_.watch(copy_->fd(), [this](short) {
    loop_.forget(copy_->fd());
    if (copy_->result()) {
      module_ = std::move(*copy_->result());
    } else {
      copy_failure_ = copy_->result().error();
    }
  });
  return {};
}

Result<void> Course::start(std::optional<Worker>& worker, WorkerKind kind, const Inputs& inputs,
                           Worker::Listener listener) {
  const WorkerPlan plan = TRY(plan_of(kind, request_, inputs, missing_));
  worker.emplace(TRY(Worker::start(plan, deadline_.time_left())));
  worker->join(loop_, std::move(listener));
  workers_.push_back(&*worker);
  return {};
}

void Course::give_time(Worker& worker, std::chrono::nanoseconds time) {
  loop_.at(Deadline(Deadline::Clock::now(), time), [&worker] {
    if (!worker.ended()) worker.kill();
  });
}

WorkerFacts Course::end(std::optional<Worker>& worker) {
  WorkerFacts facts;
  if (!worker) return facts;
  std::erase(workers_, &*worker);
  facts.there = true;
  worker->kill();
  const auto patience = deadline_.passed() ? kPatiencePastTheDeadline : kPatience;
  facts.end = worker->reap(Deadline(Deadline::Clock::now(), patience));
  facts.violation = worker->violation();
  facts.jail_failure = worker->jail_failure();
  facts.shortage = worker->shortage();
  return facts;
}

}  // namespace cordon::supervisor
