// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] What the kernel itself holds against a worker that has gone wrong. The guest's own limits
// are lower and give better messages.
#include <sys/resource.h>

#include <algorithm>

#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

constexpr rlim_t kMiB = rlim_t{1} << 20;
constexpr rlim_t kMaxCode = 1024 * kMiB;

struct Limit {
  __rlimit_resource resource;
  rlim_t most;
};

}  // namespace

StepResult step::limits([[maybe_unused]] const Settings& settings) {
#ifdef CORDON_SANITIZED
  const rlim_t data = RLIM_INFINITY;  // a sanitizer's shadow memory counts as data
#else
  const rlim_t data = settings.data_limit;
#endif
  // A memfd's pages are charged to nobody: the compile worker has one, of this size at most.
  const bool compiles = settings.worker == policy::Worker::Compile;
  const rlim_t file_size = compiles ? kMaxCode : 1024 * 1024 * kMiB;
  const rlim_t files = compiles ? kChannelFd + 3 : 2048;
  const Limit limits[] = {
      {RLIMIT_DATA, data},       {RLIMIT_STACK, 8 * kMiB}, {RLIMIT_NOFILE, files},
      {RLIMIT_FSIZE, file_size}, {RLIMIT_CORE, 0},         {RLIMIT_NPROC, 0},
      {RLIMIT_MEMLOCK, 0},       {RLIMIT_MSGQUEUE, 0},     {RLIMIT_NICE, 0},
      {RLIMIT_RTPRIO, 0},        {RLIMIT_SIGPENDING, 64},
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
