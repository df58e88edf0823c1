// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/precompile.h"

#include <poll.h>

#include <cerrno>
#include <iterator>

#include "sandbox/jail/launch.h"
#include "sandbox/jail/probe.h"
#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/judge.h"
#include "sandbox/supervisor/landlock.h"

namespace cordon::supervisor {
namespace {

bool over(const SessionEnd& end, const CompileAnswer& answer) {
  return answer.code || end.verdict || !end.violation.empty() || end.timed_out ||
         end.compiler_ended;
}

// Waits until there is code, or a reason in `end` why there will be none. Fails only if the
// supervisor itself can not go on.
Result<CompileAnswer> await_answer(Compilation& compilation, const Deadline& deadline,
                                   SessionEnd& end) {
  CompileAnswer answer;
  while (!over(end, answer)) {
    pollfd waits[] = {{compilation.pidfd(), POLLIN, 0}, {compilation.fd(), POLLIN, 0}};
    const timespec left = deadline.left();
    const int ready = ppoll(waits, std::size(waits), &left, nullptr);
    if (ready < 0 && errno != EINTR) return fail_os("ppoll", errno);
    if (deadline.passed()) {
      end.timed_out = true;  // [L1]
    } else if (ready > 0) {
      if (waits[1].revents != 0) answer = compilation.take_answer();
      take_failure(answer, waits[0].revents != 0, end);
    }
  }
  return answer;
}

Result<Precompiled> precompile_until(const RunRequest& request, const Deadline& deadline) {
  const std::string path = TRY(find_worker("cordon-compile-worker", request.compiler_path));
  Inputs inputs = TRY(open_inputs(request, deadline));
  Precompiled out;
  if (inputs.timed_out) {
    out.report = judge_timeout(request);
    return out;
  }
  jail::LayerSet missing;
  if (request.jail == JailMode::Degraded) missing = jail::missing_layers();
  auto compilation = Compilation::start(path, inputs, missing, request, deadline);
  if (!compilation) {
    out.report = TRY(judge_launch(compilation.error(), deadline, request));
    return out;
  }
  TRY_VOID(copy_module(request, inputs));
  Handshake handshake = TRY(compilation->begin(inputs, missing, request, deadline, true));
  SessionEnd end = std::move(handshake.end);
  if (handshake.complete) {
    CompileAnswer answer = TRY(await_answer(*compilation, deadline, end));
    if (answer.code && !answer.code->last) {
      end.violation = "(compiling) sent a piece where all was asked for";  // [P1]
    } else if (answer.code) {
      end.verdict.emplace();
      end.compile_ns = answer.code->compile_ns;
      out.code = std::move(answer.code->file);
    }
  }
  const WorkerEnd compiler_end = TRY(compilation->end());
  out.report = judge(std::move(end), WorkerEnd{}, request, compiler_end);
  out.report.missing_layers = (handshake.withheld | (missing & jail::launch_layers())).names();
  return out;
}

}  // namespace

Result<Precompiled> precompile(const RunRequest& request) {
  const auto start = Deadline::Clock::now();
  auto made = precompile_until(request, Deadline(start, request.timeout));
  if (!made) return made;
  made->report.wall_ns =
      static_cast<uint64_t>(std::chrono::nanoseconds(Deadline::Clock::now() - start).count());
  made->report.landlock_abi = landlock_abi();
  return made;
}

}  // namespace cordon::supervisor
