// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/jail/launch.h"
#include "sandbox/jail/reap.h"

namespace cordon::supervisor {
namespace {

using protocol::Channel;
using protocol::MessageId;
using protocol::Received;

// How long a worker may live after it closed its end of the channel.
constexpr std::chrono::seconds kLastWords{1};
// The destructor's limit: only a process that the kernel itself keeps takes longer.
constexpr std::chrono::seconds kLastPatience{1};

uint64_t nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<uint64_t>(time.tv_usec) * 1000U;
}

bool wait_readable(int fd, const Deadline& limit) {
  pollfd wait{fd, POLLIN, 0};
  int ready;
  do {
    const timespec left = limit.left();
    ready = ppoll(&wait, 1, &left, nullptr);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

Worker::~Worker() {
  if (!pidfd_.valid()) return;
  kill();
  (void)reap(Deadline(Deadline::Clock::now(), kLastPatience));
}

Result<Worker> Worker::start(const WorkerPlan& plan, std::chrono::nanoseconds patience,
                             int interrupt) {
  auto [ours, theirs] = TRY(Channel::make_pair());
  auto launched = TRY(jail::launch({.program = plan.program,
                                    .channel = theirs.get(),
                                    .inherited = plan.inherited,
                                    .identity = plan.identity,
                                    .cgroup = plan.cgroup,
                                    .missing = plan.missing,
                                    .patience = patience,
                                    .interrupt = interrupt}));
  return Worker(launched.pid, std::move(launched.pidfd),
                Channel(std::move(ours), protocol::Direction::ToSupervisor), plan);
}

void Worker::join(Loop& loop, Listener listener) {
  loop_ = &loop;
  listener_ = std::move(listener);
  loop.watch(channel_.fd(), [this](short) { take_messages(false); });
  loop.watch(pidfd_.get(), [this](short) {
    // Its messages from before its end are handled first.
    take_messages(true);
    ended_ = true;
    if (!ready() && jail_failure_.empty() && !violation_) {
      jail_failure_ = "the worker ended before its jail was complete";
    }
    leave();
  });
}

void Worker::leave() {
  loop_->forget(pidfd_.get());
  loop_->forget(channel_.fd());
  if (gate_) loop_->forget(gate_->fd());
}

void Worker::violates(Breach breach) {
  if (!violation_) violation_ = std::move(breach);
}

void Worker::note(const Result<void>& done, const char* if_full) {
  if (done) return;
  if (done.error().kind == &protocol::diag::peer_closed) {
    hung_up_ = true;
  } else if (done.error().os_error == EAGAIN) {
    violates({if_full, ""});  // [P1]
  } else if (done.error().os_error != 0) {
    shortage_ = done.error().message();  // [V1]
  } else {
    violates({"broke the protocol: " + done.error().message(), ""});  // [P1]
  }
}

// Handles one message, so that a flood of them does not starve the loop; or all that are left.
void Worker::take_messages(bool all) {
  do {
    Result<void> taken = take_message();
    if (!taken && taken.error().os_error == EAGAIN) return;
    note(taken, "");
  } while (all && !hung_up_ && !violation_);
  if (!hung_up_ || ended_) return;
  loop_->forget(channel_.fd());
  if (all) return;
  loop_->at(Deadline(Deadline::Clock::now(), kLastWords), [this] {
    if (!ended_) violates({"closed its end of the channel and went on", ""});  // [P1]
  });
}

Result<void> Worker::take_message() {
  const Received received = TRY(channel_.receive(Channel::Wait::DoNotWait));
  if (ready()) return listener_(received);
  return take_answer(received);
}

// Any message except the two that are expected is a violation ([P1]).
Result<void> Worker::take_answer(const Received& received) {
  if (received.id == MessageId::JailFailed) {
    auto failed = TRY(received.as<protocol::JailFailed>());
    jail_failure_ = "step " + failed.step + ": " + failed.call + ": " +
                    std::strerror(static_cast<int>(failed.error));
    return {};
  }
  if (received.id != MessageId::JailComplete) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(received.id).name) + " before the jail was complete");
  }
  auto complete = TRY(received.as<protocol::JailComplete>());
  auto withheld = jail::LayerSet::from_bits(complete.withheld);
  if (!withheld || !withheld->within(missing_)) {  // [J1]
    return fail(protocol::diag::malformed_message, kNoOffset, "layers left out without leave");
  }
  withheld_ = *withheld;
  Result<Gate> gate = Gate::take(pidfd_.get(), pid_, policy_);
  if (!gate) {
    jail_failure_ = "step set_up_filter: " + gate.error().message();
    return {};
  }
  gate_.emplace(std::move(*gate));
  loop_->watch(gate_->fd(), [this](short events) { serve_gate(events); });
  return {};
}

void Worker::serve_gate(short events) {
  if ((events & POLLIN) == 0) return loop_->forget(gate_->fd());
  if (std::optional<Breach> breach = gate_->serve()) violates(std::move(*breach));
}

void Worker::signal(int number) {
  (void)syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

void Worker::kill() {
  if (!ended_) killed_ = true;
  signal(SIGKILL);
}

WorkerEnd Worker::reap(const Deadline& limit) {
  WorkerEnd end;
  end.killed_by_us = killed_;
  if (!wait_readable(pidfd_.get(), limit)) {
    (void)jail::reap(std::move(pidfd_), {});
    return end;
  }
  siginfo_t info{};
  rusage usage{};
  long waited;
  do {
    // The raw call: the C library's waitid has no rusage.
    waited = syscall(SYS_waitid, P_PIDFD, pidfd_.get(), &info, WEXITED, &usage);
  } while (waited < 0 && errno == EINTR);
  pidfd_.reset();
  if (waited < 0) return end;
  end.code = info.si_code;
  end.status = info.si_status;
  end.killed_by_us = killed_ && info.si_code == CLD_KILLED && info.si_status == SIGKILL;
  end.cpu_ns = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
  end.max_rss = static_cast<uint64_t>(usage.ru_maxrss) * 1024U;
  return end;
}

}  // namespace cordon::supervisor
