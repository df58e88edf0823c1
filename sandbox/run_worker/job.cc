// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/job.h"

#include "core/base/os/memfd.h"

namespace cordon::run_worker {
namespace {

Result<Mapping> map_sealed(const Fd& fd, uint64_t expected_size, Mapping::Pages pages) {
  uint64_t size = TRY(size_of_sealed(fd.get()));
  if (size != expected_size) {
    return fail(protocol::diag::malformed_message, kNoOffset, "a memfd of another size");
  }
  return Mapping::read_only_file(fd.get(), size, pages);
}

}  // namespace

Result<Job> receive_job(protocol::Channel& channel) {
  protocol::Received received = TRY(channel.receive());
  auto start = TRY(received.as<protocol::Start>());
  Job job;
  using enum Mapping::Pages;
  const Mapping config = TRY(map_sealed(received.fds[1], start.config_size, AtOnce));
  job.config = TRY(protocol::decode<protocol::Config>(config.bytes()));
  // Measured with CPython: an interpreted start is 1.6 % faster so, one of native code, where two
  // workers read the module at once, slower.
  const bool interpreted = job.config.engine == protocol::Engine::Interp;
  job.module =
      TRY(map_sealed(received.fds[0], start.module_size, interpreted ? AsTouched : AtOnce));
  if (received.fds.size() > 2) job.perf_map = std::move(received.fds[2]);
  return job;
}

}  // namespace cordon::run_worker
