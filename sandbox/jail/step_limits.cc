// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] The kernel's limits on a worker that has gone wrong. The guest's own limits are lower and
// give better messages.
#include <sys/resource.h>

#include <algorithm>

#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

constexpr rlim_t kMiB = rlim_t{1} << 20;
// The descriptors of a run worker or a path broker besides the guest's files: channels and memfds,
// granted directories, and handles that are closed soon.
constexpr rlim_t kOwnFiles = 512;

struct Limit {
  __rlimit_resource resource;
  rlim_t most;
};

}  // namespace

StepResult step::limits([[maybe_unused]] const Settings& settings) {
#ifdef CORDON_SANITIZED
  const rlim_t data = RLIM_INFINITY;  // a sanitizer's shadow memory counts as data
  const rlim_t address_space = RLIM_INFINITY;
#else
  const rlim_t data = settings.data_limit;
  // Page tables are charged to no account: 8 bytes for each page that was touched once. A limit on
  // the address space limits them to a 512th of it.
  const rlim_t address_space = settings.address_limit;
#endif
  // A compile worker has the channel, the listener at first, the module, and one file for code.
  const bool compiles =
      settings.worker == policy::Worker::Compile || settings.worker == policy::Worker::CompileAuto;
  const bool runs = !compiles && settings.worker != policy::Worker::Paths &&
                    settings.worker != policy::Worker::Trace;
  const rlim_t files = compiles ? kChannelFd + 4 : kOwnFiles + settings.max_files;
  // The soft limit sends SIGXCPU, which the first process of a pid namespace does not get; the hard
  // one sends SIGKILL, which nothing delays.
  const rlim_t cpu = settings.cpu_limit;
  const Limit limits[] = {
      {RLIMIT_DATA, data},
      {RLIMIT_AS, address_space},
      {RLIMIT_STACK, runs ? kRunStack : 8 * kMiB},
      {RLIMIT_NOFILE, files},
      {RLIMIT_FSIZE, settings.file_limit},
      {RLIMIT_CPU, cpu},
      {RLIMIT_CORE, 0},
      {RLIMIT_NPROC, 0},
      {RLIMIT_MEMLOCK, 0},
      {RLIMIT_MSGQUEUE, 0},
      {RLIMIT_NICE, 0},
      {RLIMIT_RTPRIO, 0},
      {RLIMIT_SIGPENDING, 64},
  };
  for (const Limit& limit : limits) {
    rlimit now{};
    if (getrlimit(limit.resource, &now) != 0) return failed("getrlimit");
    rlim_t most = std::min(limit.most, now.rlim_max);  // never raised
    rlimit lower{most, most};
    if (setrlimit(limit.resource, &lower) != 0) return failed("setrlimit");
  }
  return {};
}

}  // namespace cordon::jail
