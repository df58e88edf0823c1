// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/explain.h"

#include <sys/wait.h>

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/supervisor/plans.h"
#include "sandbox/supervisor/signals.h"

namespace cordon::supervisor {
namespace {

using protocol::MessageId;

// [L1] Of all names and files together; beyond it frames get no more lines.
constexpr size_t kMostText = size_t{64} << 10;

size_t text_of(const protocol::FrameNames& names) {
  size_t size = names.name.size();
  for (const protocol::SourceLine& line : names.lines) size += line.func.size() + line.file.size();
  return size;
}

class Explanation {
 public:
  Explanation(const RunRequest& request, const Inputs& inputs, const Fd& module, RunReport& report)
      : request_(request),
        inputs_(inputs),
        module_(module),
        report_(report),
        limit_(Deadline::Clock::now(), kTimeToExplain) {}

  Result<void> run(jail::LayerSet missing, int cgroup) {
    explained_.resize(report_.frames.size());
    loop_.at(limit_, [this] { broken_off_ = "it took too long"; });
    if (request_.signals != nullptr) {  // the end of the run does not wait for this
      loop_.watch(request_.signals->fd(), [this](short) {
        loop_.forget(request_.signals->fd());
        broken_off_ = "ended from outside";
      });
    }
    WorkerPlan plan = TRY(plan_of(WorkerKind::Trace, request_, missing, std::nullopt));
    plan.cgroup = cgroup;
    const int signals = request_.signals == nullptr ? -1 : request_.signals->fd();
    worker_.emplace(TRY(Worker::start(plan, limit_.time_left(), signals)));
    worker_->join(loop_, [this](const auto& message) { return hear(message); });
    worker_->ask_to_enter(limits_of(WorkerKind::Trace, request_, inputs_));
    TRY_VOID(loop_.run_until([this] { return advance(); }));
    conclude();
    return {};
  }

 private:
  bool advance() {
    if (worker_->ready() && !begun_) {
      begun_ = true;
      if (Result<void> sent = send_job(); !sent) broken_off_ = sent.error().message();
    }
    return !broken_off_.empty() || done_ || worker_->over();
  }

  Result<void> send_job() {
    protocol::TraceStart start;
    start.module_size = TRY(size_of_sealed(module_.get()));
    for (const protocol::Frame& frame : report_.frames) {
      start.frames.push_back({frame.func_index, frame.module_offset});
    }
    worker_->gate().offer(protocol::Descriptor::Module, TRY(reopen_read_only(module_.get())));
    worker_->send(start);
    return {};
  }

  // [P1] One frame an answer, in their order, then the last message.
  Result<void> hear(const protocol::Received& message) {
    if (message.id == MessageId::TraceDone && !done_) {
      done_ = TRY(message.as<protocol::TraceDone>()).frames == next_ && next_ == explained_.size();
      if (done_) return {};
    }
    if (message.id == MessageId::FrameNames && next_ < explained_.size()) {
      auto names = TRY(message.as<protocol::FrameNames>());
      if (names.frame == next_) {
        text_ += text_of(names);
        if (text_ > kMostText) names = {.frame = names.frame, .name = {}, .lines = {}};
        explained_[next_++] = std::move(names);
        return {};
      }
    }
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(message.id).name) + " was not asked for");
  }

  void conclude() {
    if (done_ && !worker_->violation()) {
      report_.explained = std::move(explained_);
      return;
    }
    std::string why = broken_off_;
    if (worker_->violation()) {
      why = "the process that reads them " + worker_->violation()->text;
    } else if (!worker_->jail_failure().empty()) {
      why = worker_->jail_failure();
    } else if (!worker_->shortage().empty()) {
      why = worker_->shortage();
    } else if (why.empty()) {
      why = how_it_ended(worker_->reap(limit_));
    }
    report_.unexplained = std::move(why);
  }

  static std::string how_it_ended(const WorkerEnd& end) {
    if (end.code == CLD_KILLED || end.code == CLD_DUMPED) {
      return "the process that reads them crashed (signal " + std::to_string(end.status) + ")";
    }
    return "the process that reads them gave up (status " + std::to_string(end.status) + ")";
  }

  const RunRequest& request_;
  const Inputs& inputs_;
  const Fd& module_;
  RunReport& report_;
  const Deadline limit_;
  Loop loop_;
  std::optional<Worker> worker_;
  std::vector<protocol::FrameNames> explained_;
  size_t next_ = 0, text_ = 0;
  bool begun_ = false, done_ = false;
  std::string broken_off_;
};

}  // namespace

void explain(const RunRequest& request, jail::LayerSet missing, int cgroup, const Inputs& inputs,
             const Fd& module, RunReport& report) {
  const Result<void> done = Explanation(request, inputs, module, report).run(missing, cgroup);
  if (!done) report.unexplained = done.error().message();
}

}  // namespace cordon::supervisor
