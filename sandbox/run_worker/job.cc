// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/job.h"

#include "sandbox/worker/ask.h"
#include "sandbox/worker/enter.h"

namespace cordon::run_worker {

Result<Job> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(worker::receive_job(channel));
  auto start = TRY(received.as<protocol::Start>());
  using protocol::Descriptor;
  using enum Mapping::Pages;
  Job job;
  const Mapping config = TRY(worker::map_sealed(Descriptor::Config, start.config_size, AtOnce));
  job.config = TRY(protocol::decode<protocol::Config>(config.bytes()));
  // Measured with CPython: an interpreted start is 1.6 % faster so, one of native code, where two
  // workers read the module at once, slower.
  const bool interpreted = job.config.engine == protocol::Engine::Interp;
  job.module = TRY(worker::map_sealed(Descriptor::Module, start.module_size,
                                      interpreted ? AsTouched : AtOnce));
  if (start.perf_map) job.perf_map = TRY(worker::ask_for(Descriptor::PerfMap));
  return job;
}

}  // namespace cordon::run_worker
