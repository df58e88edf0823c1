// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/trace_worker/trace.h"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "core/wasm/module.h"
#include "core/wasm/names.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/trace_worker/demangle.h"
#include "sandbox/trace_worker/source_lines.h"
#include "sandbox/worker/ask.h"
#include "sandbox/worker/enter.h"

namespace cordon::trace_worker {
namespace {

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Trace; }

struct Job {
  protocol::TraceStart start;
  Mapping module;
};

Result<Job> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(worker::receive_job(channel));
  auto start = TRY(received.as<protocol::TraceStart>());
  Mapping module = TRY(worker::map_sealed(protocol::Descriptor::Module, start.module_size,
                                          Mapping::Pages::AsTouched));
  return Job{std::move(start), std::move(module)};
}

std::string cut(std::string text) {
  text.resize(std::min<size_t>(text.size(), protocol::kMaxName));
  return text;
}

protocol::SourceLine to_message(const SourceLine& line) {
  return {cut(demangled(line.func)), cut(line.file), line.line, line.column};
}

Result<void> answer(const Job& job, protocol::Channel& channel) {
  const wasm::Module module = TRY(wasm::decode_module(job.module.bytes()));
  const wasm::Names names(module);
  SourceLines lines(module);
  for (uint32_t i = 0; i < job.start.frames.size(); ++i) {
    const protocol::FramePlace& place = job.start.frames[i];
    protocol::FrameNames answer;
    answer.frame = i;
    const std::string_view name = names.function_name(wasm::FuncIdx{place.func_index});
    answer.name = cut(demangled(std::string(name.substr(0, kMostMangled))));
    for (const SourceLine& line : lines.at(place.module_offset, protocol::kMaxInlined)) {
      answer.lines.push_back(to_message(line));
    }
    TRY_VOID(channel.send(answer));
  }
  return channel.send(protocol::TraceDone{static_cast<uint32_t>(job.start.frames.size())});
}

}  // namespace

void run() {
  // [L1] A module that needs more memory than RLIMIT_DATA allows ends here and not in a crash.
  std::set_new_handler([] { _exit(protocol::kExitNoMemory); });
  worker::Entered entered = worker::enter(policy_for);
  Result<Job> job = receive_job(entered.channel);
  if (!job) _exit(worker::kExitNoJob);
  worker::close_the_jail(entered.policy);  // [J1] [J2] The guest's bytes are read from here on.
  _exit(answer(*job, entered.channel) ? 0 : worker::kExitNoJob);
}

}  // namespace cordon::trace_worker
