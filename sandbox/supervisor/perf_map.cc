// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/perf_map.h"

#include <fcntl.h>

#include <cerrno>
#include <fstream>

namespace cordon::supervisor {
namespace {

// The process's number in this process's namespace, which perf uses too; 0 if it is gone.
int pid_of(int pidfd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(pidfd));
  for (std::string key; info >> key;) {
    int pid = 0;
    if (key == "Pid:" && info >> pid) return pid > 0 ? pid : 0;
  }
  return 0;
}

}  // namespace

Result<PerfMap> create_perf_map(int pidfd, const std::string& directory) {
  const int pid = pid_of(pidfd);
  if (pid == 0) return fail_os("perf map: the worker's pid", ESRCH);
  PerfMap map{directory + "/perf-" + std::to_string(pid) + ".map", {}};
  map.file = Fd(open(map.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!map.file.valid()) return fail_os("open " + map.path, errno);
  return map;
}

}  // namespace cordon::supervisor
