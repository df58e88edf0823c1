// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/job.h"

#include "sandbox/worker/ask.h"
#include "sandbox/worker/enter.h"

namespace cordon::run_worker {

namespace {

Result<protocol::Config> receive_config(const protocol::Start& start) {
  if (!start.config.empty()) {
    return protocol::decode<protocol::Config>(as_bytes(start.config));
  }
  const Mapping bytes = TRY(worker::map_sealed(protocol::Descriptor::Config, start.config_size));
  return protocol::decode<protocol::Config>(bytes.bytes());
}

}  // namespace

Result<Job> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(worker::receive_job(channel));
  auto start = TRY(received.as<protocol::Start>());
  using protocol::Descriptor;
  using enum Mapping::Pages;
  Job job;
  job.config = TRY(receive_config(start));
  // Measured with CPython: an interpreted start is 1.6 % faster so, one of native code, where two
  // workers read the module at once, slower.
  const bool interpreted = job.config.engine != protocol::Engine::Jit;
  job.module = TRY(
      worker::map_sealed(Descriptor::Module, start.module_size, interpreted ? AsTouched : AtOnce));
  if (start.perf_map) job.perf_map = TRY(worker::ask_for(Descriptor::PerfMap));
  return job;
}

}  // namespace cordon::run_worker
