// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/monotonic.h"
#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/jail/landlock_abi.h"
#include "sandbox/jail/launch.h"
#include "sandbox/supervisor/code_supply.h"
#include "sandbox/supervisor/course.h"
#include "sandbox/supervisor/explain.h"
#include "sandbox/supervisor/perf_map.h"
#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/standard_streams.h"
#include "sandbox/supervisor/terminal.h"

namespace cordon::supervisor {
namespace {

// After its verdict a worker only has to end, and may take this long ([V1]). The kernel reports
// anything else that it does.
constexpr std::chrono::milliseconds kTimeToEnd{1000};

// One worker of a run, from its launch to its end.
struct Party {
  Worker* operator->() { return &*worker; }
  const Worker* operator->() const { return &*worker; }
  explicit operator bool() const { return worker.has_value(); }

  std::optional<Worker> worker;      // none before its launch
  bool begun = false;                // has its job, or in the broker's case was to be started
  bool done = false;                 // has sent its verdict
  std::optional<WorkerFacts> facts;  // of one that ended before the run was over
};

// One run: its workers enter their jails at the same time, while the module is copied.
class Run {
 public:
  Run(const RunRequest& request, Deadline deadline)
      : request_(request),
        course_(request, deadline),
        terminal_(request.allow_ansi),
        cache_(request, course_),
        code_(request, course_, cache_) {}

  RunReport report() {
    Result<void> run = start();
    if (run) run = course_.loop().run_until([this] { return advance(); });
    SessionEnd end;
    const WorkerFacts worker = course_.end(worker_.worker);
    if (run && handed_over_) run = course_.drain(terminal_);
    const WorkerFacts compiler = code_.end();
    const WorkerFacts broker = broker_.facts ? *broker_.facts : course_.end(broker_.worker);
    course_.conclude(end);
    const bool violated = worker.violation || compiler.violation || broker.violation;
    if (!violated && !course_.broken_off()) {
      if (course_.input_failure()) return judge_failure(*course_.input_failure(), true);
      if (!run) return judge_failure(run.error(), false);
    }
    conclude(end);
    explainable_ = end.verdict && end.verdict->explainable;
    RunReport report = judge(std::move(end), worker, compiler, request_, broker);
    report.interpreted_for = code_.missing();
    report.perf_map = std::move(perf_map_path_);
    report.missing_layers =
        (withheld_ | code_.withheld() | (course_.missing() & jail::launch_layers())).names();
    conclude_cache(report);
    return report;
  }

  // [W3] Code from the cache was refused, before the guest had anything: the run may begin anew
  // with this copy of the module.
  bool was_misled() const { return misled_; }
  const Fd& module() const { return course_.module(); }

  // Explains the frames of a trap, charged to no limit of the guest. [L1] Not while a file system
  // still holds files of the guest here: a new process would have copies of them to close.
  void explain_frames(RunReport& report) {
    if (report.end != RunEnd::Trapped || !explainable_ || report.frames.empty()) return;
    if (worker_ && worker_->gate().has_files()) return;
    explain(request_, course_.missing(), course_.cgroup(), *course_.inputs(), course_.module(),
            report);
  }

 private:
  // Files are opened while the workers are launched.
  Result<void> start() {
    TRY_VOID(course_.open());
    TRY_VOID(code_.start());
    TRY_VOID(course_.start(worker_.worker, WorkerKind::Run,
                           [this](const auto& message) { return hear(message); }));
    return request_.directories.empty() ? course_.guard() : Result<void>();
  }

  // Once it is known that the cache has no code, it is compiled.
  Result<void> compile_after_all() {
    if (!cache_.has_missed()) return {};
    TRY_VOID(code_.launch());
    return course_.guard();
  }

  // [F1] Only if there is something to resolve a path beneath, and once that is open.
  Result<void> start_broker() {
    if (broker_.begun || request_.directories.empty() || !course_.inputs()) return {};
    broker_.begun = true;
    if (request_.action != protocol::Action::Run) return course_.guard();
    Inputs& inputs = *course_.inputs();
    auto [guest, broker] = TRY(protocol::Channel::make_pair());
    inputs.guest_channel = std::move(broker);
    TRY_VOID(course_.start(broker_.worker, WorkerKind::Paths,
                           [this](const auto& message) { return hear_broker(message); }));
    inputs.guest_channel.reset();
    for (const Grant& grant : inputs.grants) {
      if (grant.local) paths_.local.push_back(*grant.local);
    }
    inputs.grants.clear();
    paths_.guest = std::move(guest);
    return course_.guard();
  }

  // [P1] The verdict is the last message, and there is none before the job.
  Result<void> hear(const protocol::Received& message) {
    if (!session_) return fail(protocol::diag::malformed_message, kNoOffset, "without a job");
    const bool asks = message.id == protocol::MessageId::CompileMore && !session_->verdict();
    return asks ? code_.ask(message, worker_->gate().in_guest_phase()) : session_->handle(message);
  }

  Result<void> hear_broker(const protocol::Received& message) {
    const auto ended = TRY(message.as<protocol::PathsEnded>());
    if (ended.lacking) {
      shortage_ = "the path broker: " + ended.text;
    } else {
      worker_->violates({"broke the protocol of the path broker: " + ended.text, ""});  // [P1]
    }
    return {};
  }

  // Does whatever has become possible; true if the run is over.
  bool advance() {
    Result<void> done = compile_after_all();
    if (done) done = start_broker();
    if (done) done = begin();
    if (done) done = code_.advance(worker_.begun ? &*worker_.worker : nullptr);
    if (worker_.begun && cache_.is_hit()) cache_.pass_on(*worker_.worker);
    if (!done) shortage_ = done.error().message();
    watch_for_last_words();
    if (handed_over_ && code_.is_whole()) cache_.store();
    if (worker_.begun && !handed_over_ && worker_->gate().streams_taken()) {
      handed_over_ = true;
      terminal_.hand_over();
    }
    return over();
  }

  // [J1] Sends the jobs, once the jails are complete and the module has been copied.
  Result<void> begin() {
    if (!course_.module().valid()) return {};
    Inputs& inputs = *course_.inputs();
    if (broker_ && !broker_->ready()) return {};
    if (!worker_->ready() || worker_.begun) return {};
    worker_.begun = true;
    withheld_ = withheld_ | worker_->withheld();
    if (broker_) withheld_ = withheld_ | broker_->withheld();
    session_.emplace(request_);
    return send_job(inputs);
  }

  Result<void> send_job(Inputs& inputs) {
    using protocol::Descriptor;
    Gate& gate = worker_->gate();
    protocol::Start start;
    start.module_size = TRY(size_of_sealed(course_.module().get()));
    gate.offer(Descriptor::Module, TRY(reopen_read_only(course_.module().get())));
    start.config = std::move(inputs.config);
    if (start.config.empty()) {
      start.config_size = TRY(size_of_sealed(inputs.config_file.get()));
      gate.offer(Descriptor::Config, std::move(inputs.config_file));
    }
    if (request_.action == protocol::Action::Run) {
      TRY_VOID(terminal_.open(course_.loop()));
      gate.offer_streams(terminal_.streams());
    }
    if (broker_) {
      gate.offer(Descriptor::Paths, std::move(paths_.guest));
      gate.offer_files_of(broker_->pidfd(), paths_.local);
    }
    if (engine_of(request_) == protocol::Engine::Jit && request_.perf_map) {
      PerfMap map = TRY(create_perf_map(worker_->pidfd()));
      perf_map_path_ = std::move(map.path);
      gate.offer(Descriptor::PerfMap, std::move(map.file));
      start.perf_map = true;
    }
    worker_->send(start);
    if (inputs.precompiled.valid()) {
      gate.offer(Descriptor::Code, std::move(inputs.precompiled));
      worker_->send(protocol::Code{inputs.precompiled_size, true, monotonic_ns()});
    }
    return {};
  }

  void watch_for_last_words() {
    if (broker_ && broker_->ended() && !broker_.facts) {
      if (worker_->ready()) worker_->gate().offer_files_of(-1);  // the number may be reused
      broker_.facts = course_.end(broker_.worker);
    }
    if (session_ && session_->verdict() && !worker_.done) {
      worker_.done = true;
      course_.give_time(*worker_.worker, kTimeToEnd);
      // For a run that is over no path is resolved, and no file handed over.
      worker_->gate().offer_files_of(-1);
      if (broker_ && !broker_.facts) broker_->kill();
      code_.stop();
    }
  }

  bool over() const {
    if (course_.broken_off() || course_.input_failure() || !shortage_.empty()) return true;
    if (worker_->over()) return true;
    // If it has merely ended, the run worker's reaction decides.
    if (broker_ && broker_->over() && !(broker_->ended() && worker_.begun)) return true;
    if (broker_.facts && crashed(*broker_.facts)) return true;  // [V1]
    return code_.over();
  }

  void conclude(SessionEnd& end) {
    end.shortage = shortage_;
    if (session_) {
      end.verdict = session_->verdict();
      end.output = session_->take_output();
    }
    code_.conclude(end);
  }

  // Code that led to a violation is not kept, wherever it came from.
  void conclude_cache(RunReport& report) {
    const bool violated = report.end == RunEnd::Violation;
    if (handed_over_ && !violated && code_.is_whole()) cache_.store();
    cache_.finish();
    misled_ = cache_.is_hit() && report.end == RunEnd::Refused && !handed_over_;
    if (misled_ || violated) cache_.discard(report.text);
    report.cache = cache_.report();
  }

  const RunRequest& request_;
  Course course_;
  Terminal terminal_;
  Party worker_, broker_;
  CacheUse cache_;
  CodeSupply code_;
  // The run worker's connection to the broker: its end of their channel, and the devices of the
  // grants (Grant::local).
  struct {
    Fd guest;
    std::vector<dev_t> local;
  } paths_;
  std::optional<Session> session_;
  bool handed_over_ = false, explainable_ = false, misled_ = false;
  jail::LayerSet withheld_;
  std::string perf_map_path_, shortage_;
};

}  // namespace

Result<std::string> find_worker(const std::string& name, const std::string& given) {
  if (!given.empty()) return given;
  std::string self(4096, '\0');
  ssize_t size = readlink("/proc/self/exe", self.data(), self.size());
  if (size < 0) return fail_os("readlink /proc/self/exe", errno);
  self.resize(static_cast<size_t>(size));
  std::string directory = self.substr(0, self.rfind('/'));
  for (const char* relative : {"/", "/../libexec/cordon/"}) {
    std::string path = directory + relative + name;
    struct stat status;
    if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return path;
  }
  return fail_os(name + ", looked for in " + directory + " and " + directory + "/../libexec/cordon",
                 ENOENT);
}

RunReport run(const RunRequest& request) {
  keep_standard_streams();
  auto start = Deadline::Clock::now();
  const Deadline deadline(start, request.timeout);
  std::optional<Run> run;
  run.emplace(request, deadline);
  RunReport report = run->report();
  RunRequest again = request;
  const Fd module = run->was_misled() ? duplicate(run->module()).value_or(Fd()) : Fd();
  if (module.valid()) {
    again.module_path = "/proc/self/fd/" + std::to_string(module.get());
    again.cache->module_name = request.module_path;
    again.cache->only_store = true;
    run.emplace(again, deadline);
    const RunReport misled = std::exchange(report, run->report());
    report.cpu_ns += misled.cpu_ns;
    report.cache.outcome = misled.cache.outcome;
    if (report.cache.why.empty()) report.cache.why = misled.cache.why;
  }
  report.wall_ns =
      static_cast<uint64_t>(std::chrono::nanoseconds(Deadline::Clock::now() - start).count());
  run->explain_frames(report);
  report.landlock_abi = jail::landlock_abi();
  return report;
}

}  // namespace cordon::supervisor
