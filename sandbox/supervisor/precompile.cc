// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/precompile.h"

#include <sys/wait.h>

#include "core/base/os/memfd.h"
#include "sandbox/jail/landlock_abi.h"
#include "sandbox/jail/launch.h"
#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/course.h"

namespace cordon::supervisor {
namespace {

constexpr std::chrono::milliseconds kTimeToEnd{1000};

class Precompilation {
 public:
  Precompilation(const RunRequest& request, Deadline deadline)
      : request_(request), course_(request, deadline) {}

  Precompiled result() {
    Precompiled out;
    Result<void> run = start();
    if (run) run = course_.loop().run_until([this] { return advance(); });
    conclude(run, out);
    return out;
  }

 private:
  Result<void> start() {
    TRY_VOID(course_.open());
    TRY_VOID(course_.start(worker_, WorkerKind::Compile,
                           [this](const auto& message) { return compilation_->handle(message); }));
    return course_.guard();
  }

  bool advance() {
    if (course_.module().valid() && worker_->ready() && !begun_) {
      begun_ = true;
      compilation_.emplace(
          *worker_, protocol::CompileStart{.fuel = request_.fuel.has_value(),
                                           .stamped = true,
                                           .most_code = most_code(course_.inputs()->module_size)});
      Result<void> done = compilation_->begin(course_.module());
      if (!done) shortage_ = done.error().message();
    }
    if (compilation_ && compilation_->answered() && !done_) {
      done_ = true;
      course_.give_time(*worker_, kTimeToEnd);
    }
    std::optional<CompiledCode> piece;
    if (compilation_) piece = compilation_->take_code();
    if (piece) {
      if (!piece->last) worker_->violates({"sent a piece where all was asked for", ""});  // [P1]
      code_ = std::move(piece->file);
    }
    return course_.broken_off() || course_.input_failure() || !shortage_.empty() || worker_->over();
  }

  void conclude(const Result<void>& run, Precompiled& out) {
    const jail::LayerSet withheld = worker_ ? worker_->withheld() : jail::LayerSet();
    const WorkerFacts worker = course_.end(worker_);
    SessionEnd end;
    course_.conclude(end);
    if (!worker.violation && !course_.broken_off() && (course_.input_failure() || !run)) {
      out.report = course_.input_failure() ? judge_failure(*course_.input_failure(), true)
                                           : judge_failure(run.error(), false);
      return;
    }
    end.shortage = shortage_;
    if (compilation_) {
      end.compile_failed = compilation_->failed();
      end.compiler_due = !compilation_->answered();
      end.compile_ns = compilation_->compile_ns();
      if (code_.valid() && worker.end.code == CLD_EXITED) end.verdict.emplace();
    }
    out.report = judge(std::move(end), {}, worker, request_);
    out.report.missing_layers = (withheld | (course_.missing() & jail::launch_layers())).names();
    if (out.report.end == RunEnd::Exited) out.code = std::move(code_);
  }

  const RunRequest& request_;
  Course course_;
  std::optional<Worker> worker_;
  std::optional<Compilation> compilation_;
  bool begun_ = false, done_ = false;
  Fd code_;
  std::string shortage_;
};

}  // namespace

Precompiled precompile(const RunRequest& request) {
  const auto start = Deadline::Clock::now();
  Precompiled made = Precompilation(request, Deadline(start, request.timeout)).result();
  made.report.wall_ns =
      static_cast<uint64_t>(std::chrono::nanoseconds(Deadline::Clock::now() - start).count());
  made.report.landlock_abi = jail::landlock_abi();
  return made;
}

}  // namespace cordon::supervisor
