// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/file_times.h"

namespace cordon::wasi {
namespace {

Errno choose(uint64_t value, bool set, bool now, uint64_t& out) {
  if (set && (now || value >= FileTimes::kOmit)) return Errno::inval;
  out = set ? value : now ? FileTimes::kNow : FileTimes::kOmit;
  return Errno::success;
}

}  // namespace

Errno to_file_times(uint64_t atim, uint64_t mtim, uint32_t fstflags, FileTimes& out) {
  auto has = [&](uint32_t flag) { return (fstflags & flag) != 0; };
  Errno e = choose(atim, has(fstflag::kAtim), has(fstflag::kAtimNow), out.atim_ns);
  if (e != Errno::success) return e;
  return choose(mtim, has(fstflag::kMtim), has(fstflag::kMtimNow), out.mtim_ns);
}

}  // namespace cordon::wasi
