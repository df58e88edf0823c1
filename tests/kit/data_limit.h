// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// limit_data_growth: limits this process to little more memory, for tests of shortage.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace cordon::testing {

// Lets this process have `bytes` of private memory more than now, by RLIMIT_DATA. This cannot be
// undone: for children, as in EXPECT_EXIT.
inline bool limit_data_growth(uint64_t bytes) {
  std::ifstream statm("/proc/self/statm");
  uint64_t total = 0, resident = 0, shared = 0, text = 0, lib = 0, data = 0;
  statm >> total >> resident >> shared >> text >> lib >> data;
  rlim_t allowed = data * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + bytes;
  rlimit limit{allowed, allowed};
  return statm.good() && setrlimit(RLIMIT_DATA, &limit) == 0;
}

}  // namespace cordon::testing
