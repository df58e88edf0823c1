// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <thread>

#include "core/base/monotonic.h"
#include "core/base/os/memfd.h"
#include "sandbox/jail/launch.h"
#include "sandbox/jail/probe.h"
#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/handshake.h"
#include "sandbox/supervisor/inputs.h"
#include "sandbox/supervisor/judge.h"
#include "sandbox/supervisor/landlock.h"
#include "sandbox/supervisor/perf_map.h"
#include "sandbox/supervisor/session.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {
namespace {

// `perf_map`: -1 if there is none.
Result<void> send_start(protocol::Channel& channel, const Inputs& inputs, int perf_map) {
  protocol::Start start;
  start.module_size = TRY(size_of_sealed(inputs.module.get()));
  start.config_size = TRY(size_of_sealed(inputs.config.get()));
  const int all[] = {inputs.module.get(), inputs.config.get(), perf_map};
  const std::span<const int> fds(all, perf_map < 0 ? 2 : 3);
  return channel.send(start, fds, protocol::Channel::Wait::DoNotWait);
}

// In the place of the compile worker's answer, and as unread ([P1]): what a file holds is a
// stranger's as well, and the run worker verifies it in the same way ([W3]).
Result<void> send_precompiled(protocol::Channel& channel, const Inputs& inputs) {
  const int fd = inputs.precompiled.get();
  const protocol::Code code{TRY(size_of_sealed(fd)), true, monotonic_ns()};
  auto sent = channel.send(code, {&fd, 1}, protocol::Channel::Wait::DoNotWait);
  // A worker that is gone already shows by its own end.
  if (!sent && sent.error().kind == &protocol::diag::peer_closed) return {};
  return sent;
}

// On a thread of its own, because Landlock confines threads and for good: the caller's process
// stays as free as it was.
Result<SessionEnd> serve_confined(Session& session, int pidfd, const Deadline& deadline) {
  Result<SessionEnd> end;
  std::thread server([&] {
    Result<void> confined = confine_thread(session.grants());
    end = confined ? session.serve(pidfd, deadline) : Result<SessionEnd>(Failure(confined.error()));
  });
  server.join();
  return end;
}

// Both workers make their jails at the same time, while the module is copied; the run worker then
// loads it while it is compiled.
Result<RunReport> run_until(const RunRequest& request, const Deadline& deadline) {
  const bool native = engine_of(request) == protocol::Engine::Jit;
  const bool compiles = native && request.precompiled_path.empty();
  std::string worker_path = TRY(find_worker("cordon-run-worker", request.worker_path));
  std::string compiler_path;
  if (compiles) compiler_path = TRY(find_worker("cordon-compile-worker", request.compiler_path));
  Inputs inputs = TRY(open_inputs(request, deadline));
  if (inputs.timed_out) return judge_timeout(request);

  jail::LayerSet missing;
  if (request.jail == JailMode::Degraded) missing = jail::missing_layers();
  std::optional<Compilation> compilation;
  if (compiles) {
    auto made = Compilation::start(compiler_path, inputs, missing, request, deadline);
    if (!made) return judge_launch(made.error(), deadline, request);
    compilation.emplace(std::move(*made));
  }
  auto [ours, theirs] = TRY(protocol::Channel::make_pair());
  // [P1] A run worker has nothing to send but bytes.
  protocol::Channel channel(std::move(ours), protocol::Direction::ToSupervisor, 0);
  auto started = Worker::start(worker_path, std::move(theirs), missing, deadline.time_left());
  if (!started) return judge_launch(started.error(), deadline, request);
  Worker worker = std::move(*started);
  TRY_VOID(ask_to_enter(channel, WorkerKind::Run, inputs, missing, request));
  TRY_VOID(copy_module(request, inputs));

  Handshake handshake{.complete = true, .withheld = {}, .end = {}};
  if (compilation) handshake = TRY(compilation->begin(inputs, missing, request, deadline));
  jail::LayerSet withheld = handshake.withheld;
  if (handshake.complete) {
    handshake = TRY(await_jail(channel, worker.pidfd(), missing, deadline));
    withheld = withheld | handshake.withheld;
  }
  SessionEnd end = std::move(handshake.end);
  PerfMap perf_map;
  if (handshake.complete) {
    if (native && request.perf_map) perf_map = TRY(create_perf_map(worker.pidfd()));
    TRY_VOID(send_start(channel, inputs, perf_map.file.get()));  // [J1]
    if (inputs.precompiled.valid()) TRY_VOID(send_precompiled(channel, inputs));
    Session session(std::move(channel), std::move(inputs.grants), request);
    if (compilation) session.await_code(*compilation);
    end = TRY(serve_confined(session, worker.pidfd(), deadline));
  }
  // Also after a verdict: the workers have nothing left to do, and what they would still do is not
  // wanted.
  worker.kill();
  WorkerEnd worker_end = TRY(worker.reap());
  WorkerEnd compiler_end;
  if (compilation) compiler_end = TRY(compilation->end());
  RunReport report = judge(std::move(end), worker_end, request, compiler_end);
  report.perf_map = std::move(perf_map.path);
  report.missing_layers = (withheld | (missing & jail::launch_layers())).names();
  return report;
}

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

Result<RunReport> run(const RunRequest& request) {
  auto start = Deadline::Clock::now();
  Result<RunReport> report = run_until(request, Deadline(start, request.timeout));
  if (!report) return report;
  report->wall_ns =
      static_cast<uint64_t>(std::chrono::nanoseconds(Deadline::Clock::now() - start).count());
  report->landlock_abi = landlock_abi();
  return report;
}

}  // namespace cordon::supervisor
