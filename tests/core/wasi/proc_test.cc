// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

TEST(ProcExit, EndsTheRunWithItsCode) {
  for (uint64_t code : {uint64_t{0}, uint64_t{42}, uint64_t{0xffffffff}}) {
    WasiCaller guest;
    uint64_t result = 0;
    EXPECT_EQ(guest.enter("proc_exit", {code}, result), Trap::host_exit);
    EXPECT_EQ(guest.wasi->exit_code(), code);
  }
}

TEST(ProcRaise, IsThereAndRefuses) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("proc_raise", {6}), Errno::notsup);
  EXPECT_EQ(guest.call("proc_raise", {kSignalLast + 1}), Errno::inval);
  EXPECT_EQ(guest.call("proc_raise", {~0U}), Errno::inval);
}

TEST(SchedYield, Returns) { EXPECT_EQ(WasiCaller().call("sched_yield", {}), Errno::success); }

}  // namespace
}  // namespace cordon::wasi
