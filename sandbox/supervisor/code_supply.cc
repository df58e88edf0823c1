// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/code_supply.h"

#include <signal.h>
#include <sys/wait.h>

#include "core/base/monotonic.h"
#include "sandbox/protocol/exit_status.h"

namespace cordon::supervisor {
namespace {

// After its last message the compile worker only has to end, and may take this long ([V1]). The
// kernel reports anything else that it does.
constexpr std::chrono::milliseconds kTimeToEnd{100};
// [L1] Pieces that the run worker has not taken yet are open files of this process: with so many of
// them nothing more is compiled.
constexpr size_t kMostWaiting = 16;

// Whether it did what no lack of code excuses. A SIGKILL that is not ours is no act of its own.
bool is_breach(const WorkerFacts& facts) {
  return crashed(facts) && (facts.violation || facts.end.status != SIGKILL);
}

// Why a compile worker that committed no breach makes no more code.
std::string reason_of(const WorkerFacts& facts) {
  if (!facts.jail_failure.empty()) return facts.jail_failure;
  if (!facts.shortage.empty()) return facts.shortage;
  if (facts.end.code != CLD_EXITED) return "the compile worker was killed from outside (SIGKILL)";
  if (facts.end.status == protocol::kExitNoMemory) {
    return "compiling the module takes more memory than its size allows";
  }
  return "the compile worker ended with status " + std::to_string(facts.end.status);
}

}  // namespace

Result<void> CodeSupply::start() {
  if (native() && request_.precompiled_path.empty()) return launch();
  // An installation without the program is found out at once, not with the first hot function.
  if (as_needed()) TRY_VOID(plan_of(WorkerKind::Compile, request_, {}, std::nullopt));
  return {};
}

Result<void> CodeSupply::launch() {
  return course_.start(compiler_, WorkerKind::Compile, [this](const auto& message) {
    if (compilation_) return compilation_->handle(message);
    return Result<void>(fail(protocol::diag::malformed_message, kNoOffset, "without a job"));
  });
}

Result<void> CodeSupply::ask(const protocol::Received& message, bool guest_runs) {
  if (!as_needed() || !guest_runs) {
    return fail(protocol::diag::malformed_message, kNoOffset, "CompileMore was not asked for");
  }
  const auto wanted = TRY(message.as<protocol::CompileMore>());
  if (requests_.size() == protocol::kMaxRequests) {  // [L1]
    return fail(protocol::diag::message_too_large, kNoOffset,
                "more than " + std::to_string(protocol::kMaxRequests) + " functions to compile");
  }
  requests_.push_back(wanted.body);
  return {};
}

Result<void> CodeSupply::advance(Worker* run_worker) {
  if (as_needed() && !requests_.empty() && run_worker != nullptr) start_late(*run_worker);
  Result<void> begun = begin();
  if (!begun && !as_needed()) return begun;
  if (!begun) give_up(begun.error().message());
  make_next();
  watch_for_last_words();
  watch_for_the_end();
  if (run_worker != nullptr) pass_on(*run_worker);
  return {};
}

void CodeSupply::start_late(const Worker& run_worker) {
  // [L1] A file system may be closing a file of the guest here, which a new process would copy.
  if (compiler_ || why_ || is_stopped_ || run_worker.gate().has_files()) return;
  Result<void> launched = launch();
  if (launched) launched = course_.guard();
  if (!launched) give_up(launched.error().message());
}

// [J1] Sends the job, once the jail is complete and the module has been copied.
Result<void> CodeSupply::begin() {
  if (!compiler_ || begun_ || !compiler_->ready() || !course_.module().valid()) return {};
  begun_ = true;
  withheld_ = compiler_->withheld();
  compilation_.emplace(
      *compiler_, protocol::CompileStart{.fuel = request_.fuel.has_value(),
                                         .as_needed = as_needed(),
                                         .most_code = most_code(course_.inputs()->module_size)});
  return compilation_->begin(course_.module());
}

void CodeSupply::make_next() {
  if (!begun_ || why_ || facts_ || next_ == requests_.size() || !compilation_->is_idle()) return;
  if (compilation_->pieces() >= kMostWaiting) return;
  compilation_->make(requests_[next_++]);
}

// One piece after the other, as the run worker takes them: an offer holds one.
void CodeSupply::pass_on(Worker& run_worker) {
  using protocol::Descriptor;
  if (interprets() && !why_) give_up(compilation_->failed()->text);
  const Descriptor code = as_needed() ? Descriptor::NeededCode : Descriptor::Code;
  while (compilation_ && run_worker.gate().is_free(code)) {
    std::optional<CompiledCode> piece = compilation_->take_code();
    if (!piece) break;
    run_worker.gate().offer(code, std::move(piece->file));
    run_worker.send(protocol::Code{piece->size, piece->last, monotonic_ns()});
  }
  const bool all_passed_on = !compilation_ || compilation_->pieces() == 0;
  if (!why_ || told_ || !all_passed_on) return;
  told_ = true;
  why_->resize(std::min<size_t>(why_->size(), protocol::kMaxText));
  run_worker.send(protocol::NoMoreCode{*why_});
}

void CodeSupply::watch_for_last_words() {
  if (!compilation_ || !compilation_->answered() || done_) return;
  done_ = true;
  course_.give_time(*compiler_, kTimeToEnd);
}

// The memory and the process of one that has ended are given back at once: with Engine::Jit before
// the guest starts.
void CodeSupply::watch_for_the_end() {
  if (!compiler_ || facts_) return;
  const bool is_over = as_needed() && compiler_->over() && !compiler_->violation();
  if (is_over && !compiler_->ended()) compiler_->kill();
  if (!compiler_->ended() || !(done_ || as_needed())) return;
  facts_ = course_.end(compiler_);
  if (!as_needed() || is_stopped_ || is_breach(*facts_)) return;
  const bool refused = compilation_ && compilation_->failed();
  give_up(refused ? compilation_->failed()->text : reason_of(*facts_));
}

void CodeSupply::give_up(std::string why) {
  if (!why_) why_ = std::move(why);
}

void CodeSupply::stop() {
  is_stopped_ = true;
  if (as_needed() && compiler_ && !facts_) compiler_->kill();
}

bool CodeSupply::over() const {
  if (!compiler_) return false;
  if (as_needed()) return compiler_->violation() || (facts_ && is_breach(*facts_));  // [V1]
  if (facts_ && crashed(*facts_)) return true;
  // A compile worker that ended without an answer, or abnormally after it.
  const bool answered = compilation_ && compilation_->answered();
  if (compiler_->ended() && !answered) return true;
  const bool failed = answered && compilation_->failed() && !interprets();
  return (compiler_->over() && !compiler_->ended()) || failed;
}

// [W1] From here on there is no code: the compile worker has sent its last message, and no piece
// was on offer before it.
bool CodeSupply::interprets() const {
  return request_.may_interpret && compilation_ && compilation_->lacks_feature();
}

std::string CodeSupply::missing() const {
  if (interprets()) return compilation_->failed()->text;
  return as_needed() ? why_.value_or("") : "";
}

WorkerFacts CodeSupply::end() {
  WorkerFacts facts = facts_ ? *facts_ : course_.end(compiler_);
  if (!as_needed() || is_breach(facts)) return facts;
  // What it cost is all that counts.
  WorkerFacts spared;
  spared.there = facts.there;
  spared.end.cpu_ns = facts.end.cpu_ns;
  spared.end.max_rss = facts.end.max_rss;
  return spared;
}

void CodeSupply::conclude(SessionEnd& end) const {
  if (!compilation_) return;
  end.compile_ns = compilation_->compile_ns();
  end.needed_pieces = as_needed() ? compilation_->count() : 0;
  if (as_needed()) return;
  if (!interprets()) end.compile_failed = compilation_->failed();
  end.compiler_due = !compilation_->answered();
}

}  // namespace cordon::supervisor
