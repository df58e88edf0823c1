// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/code_supply.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <iterator>

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
  if (uses_cache(request_)) return {};
  if (native() && request_.precompiled_path.empty()) return launch();
  // An installation without the program is found out at once, not with the first hot function.
  if (as_needed()) TRY_VOID(plan_of(WorkerKind::Compile, request_, {}, std::nullopt));
  return {};
}

Result<void> CodeSupply::launch() {
  Maker& made = makers_.emplace_back();
  return course_.start(made.worker, WorkerKind::Compile, [&made](const auto& message) {
    if (made.compilation) return made.compilation->handle(message);
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
  if (as_needed() && run_worker != nullptr) start_late(*run_worker);
  if (Maker* const made = maker(); made != nullptr && made->worker) {
    Result<void> begun = begin(*made);
    if (!begun && !as_needed()) return begun;
    if (!begun) give_up(begun.error().message());
    make_next(*made);
    watch_for_last_words(*made);
    watch_for_idleness(*made);
    watch_for_the_end(*made);
  }
  if (run_worker != nullptr) pass_on(*run_worker);
  return {};
}

void CodeSupply::start_late(const Worker& run_worker) {
  const Maker* const last = maker();
  const bool is_there = last != nullptr && !(last->rests && last->facts);
  if (is_there || why_ || is_stopped_) return;
  if (requests_.size() == (last == nullptr ? 0 : last->next)) return;
  // [L1] A file system may be closing a file of the guest here, which a new process would copy.
  if (run_worker.gate().has_files()) return;
  Result<void> launched = launch();
  if (launched) launched = course_.guard();
  if (!launched) give_up(launched.error().message());
}

// [J1] Sends the job, once the jail is complete and the module has been copied.
Result<void> CodeSupply::begin(Maker& made) {
  if (made.begun || !made.worker->ready() || !course_.module().valid()) return {};
  made.begun = true;
  withheld_ = made.worker->withheld();
  made.compilation.emplace(
      *made.worker, protocol::CompileStart{.fuel = request_.fuel.has_value(),
                                           .as_needed = as_needed(),
                                           .most_code = most_code(course_.inputs()->module_size)});
  if (makers_.size() > 1) made.compilation->skip(std::prev(makers_.end(), 2)->compilation->count());
  return made.compilation->begin(course_.module());
}

void CodeSupply::make_next(Maker& made) {
  if (!made.begun || why_ || made.facts || made.rests || made.next == requests_.size()) return;
  if (!made.compilation->is_idle() || made.compilation->pieces() >= kMostWaiting) return;
  made.compilation->make(requests_[made.next++]);
}

// One piece after the other, as the run worker takes them: an offer holds one.
void CodeSupply::pass_on(Worker& run_worker) {
  using protocol::Descriptor;
  Compilation* const code = maker() && maker()->compilation ? &*maker()->compilation : nullptr;
  const Descriptor what = as_needed() ? Descriptor::NeededCode : Descriptor::Code;
  while (code != nullptr && run_worker.gate().is_free(what)) {
    std::optional<CompiledCode> piece = code->take_code();
    if (!piece) break;
    cache_.keep(*piece);
    run_worker.gate().offer(what, std::move(piece->file));
    run_worker.send(protocol::Code{piece->size, piece->last, monotonic_ns()});
  }
  const bool all_passed_on = code == nullptr || code->pieces() == 0;
  if (!why_ || told_ || !all_passed_on) return;
  told_ = true;
  why_->resize(std::min<size_t>(why_->size(), protocol::kMaxText));
  run_worker.send(protocol::NoMoreCode{*why_});
}

void CodeSupply::watch_for_last_words(Maker& made) {
  if (!made.compilation || !made.compilation->answered() || made.done) return;
  made.done = true;
  course_.give_time(*made.worker, kTimeToEnd);
}

// Whether every request is answered, and every piece taken.
bool CodeSupply::is_idle() const {
  const Maker& made = *maker();
  return as_needed() && made.begun && !made.facts && !made.rests && made.compilation->is_idle() &&
         made.next == requests_.size() && made.compilation->pieces() == 0;
}

void CodeSupply::watch_for_idleness(Maker& made) {
  if (!is_idle()) return rest_at_.reset();
  // Twice as long for each that has rested, so that they stay few however long the run is.
  const auto patience = request_.compiler_patience * (int64_t{1} << (makers_.size() - 1));
  if (!rest_at_) rest_at_.emplace(Deadline::Clock::now(), patience);
  if (rest_at_->passed()) {
    made.rests = true;
    return made.worker->kill();
  }
  if (has_alarm_) return;
  has_alarm_ = true;
  course_.loop().at(*rest_at_, [this] { has_alarm_ = false; });
}

// The memory and the process of one that has ended are given back at once: with Engine::Jit before
// the guest starts.
void CodeSupply::watch_for_the_end(Maker& made) {
  if (made.facts) return;
  const bool is_over = as_needed() && made.worker->over() && !made.worker->violation();
  if (is_over && !made.worker->ended()) made.worker->kill();
  if (!made.worker->ended() || !(made.done || as_needed())) return;
  made.facts = course_.end(made.worker);
  if (!as_needed() || is_stopped_ || made.rests || is_breach(*made.facts)) return;
  const bool refused = made.compilation && made.compilation->failed();
  give_up(refused ? made.compilation->failed()->text : reason_of(*made.facts));
}

void CodeSupply::give_up(std::string why) {
  if (!why_) why_ = std::move(why);
}

void CodeSupply::stop() {
  is_stopped_ = true;
  if (as_needed() && maker() && maker()->worker && !maker()->facts) maker()->worker->kill();
}

bool CodeSupply::over() const {
  if (!maker() || !maker()->worker) return false;
  const Maker& made = *maker();
  if (as_needed())
    return made.worker->violation() || (made.facts && is_breach(*made.facts));  // [V1]
  if (made.facts && crashed(*made.facts)) return true;
  // A compile worker that ended without an answer, or abnormally after it.
  const bool answered = made.compilation && made.compilation->answered();
  if (made.worker->ended() && !answered) return true;
  const bool failed = answered && made.compilation->failed();
  return (made.worker->over() && !made.worker->ended()) || failed;
}

std::string CodeSupply::missing() const { return as_needed() ? why_.value_or("") : ""; }
bool CodeSupply::is_whole() const {
  if (!native() || !maker() || !maker()->facts || crashed(*maker()->facts)) return false;
  const std::optional<Compilation>& made = maker()->compilation;
  return made && made->answered() && !made->failed() && made->pieces() == 0;
}

WorkerFacts CodeSupply::end() {
  WorkerFacts all;
  uint64_t cpu_ns = 0, max_rss = 0;
  for (Maker& made : makers_) {
    if (!made.facts) made.facts = course_.end(made.worker);
    const WorkerFacts& facts = *made.facts;
    cpu_ns += facts.end.cpu_ns;
    max_rss = std::max(max_rss, facts.end.max_rss);
    if (!as_needed() || is_breach(facts)) all = facts;
    all.there |= facts.there;
  }
  all.end.cpu_ns = cpu_ns;
  all.end.max_rss = max_rss;
  return all;
}

void CodeSupply::conclude(SessionEnd& end) const {
  for (const Maker& made : makers_) {
    if (!made.compilation) continue;
    end.compile_ns += made.compilation->compile_ns();
    if (as_needed()) {
      end.needed_pieces = std::max(end.needed_pieces, made.compilation->count());
      continue;
    }
    end.compile_failed = made.compilation->failed();
    end.compiler_due = !made.compilation->answered();
  }
}

}  // namespace cordon::supervisor
