// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/clock.h"

#include "core/base/checked.h"
#include "core/wasi/calls.h"

namespace cordon::wasi {
namespace {

Errno to_nanoseconds(const timespec& time, uint64_t& out) {
  if (time.tv_sec < 0) return Errno::overflow;
  auto whole = checked_mul(static_cast<uint64_t>(time.tv_sec), kSecond);
  auto sum = whole ? checked_add(*whole, static_cast<uint64_t>(time.tv_nsec)) : std::nullopt;
  if (!sum) return Errno::overflow;
  out = *sum;
  return Errno::success;
}

}  // namespace

Errno host_clock(uint32_t clock, clockid_t& out) {
  switch (clock) {
    case kClockRealtime: out = CLOCK_REALTIME; return Errno::success;
    case kClockMonotonic: out = CLOCK_MONOTONIC; return Errno::success;
    case kClockProcessCpu: out = CLOCK_PROCESS_CPUTIME_ID; return Errno::success;
    case kClockThreadCpu: out = CLOCK_THREAD_CPUTIME_ID; return Errno::success;
    default: return Errno::inval;
  }
}

Errno read_clock(clockid_t clock, uint64_t& out) {
  timespec time;
  if (clock_gettime(clock, &time) != 0) return from_result(-1);
  return to_nanoseconds(time, out);
}

namespace calls {

Errno clock_res_get(Call&, uint32_t clock, Out<uint64_t> resolution) {
  clockid_t host;
  timespec time;
  uint64_t value;
  if (Errno e = host_clock(clock, host); e != Errno::success) return e;
  if (clock_getres(host, &time) != 0) return from_result(-1);
  if (Errno e = to_nanoseconds(time, value); e != Errno::success) return e;
  resolution.set(value);
  return Errno::success;
}

Errno clock_time_get(Call&, uint32_t clock, uint64_t, Out<uint64_t> time) {
  clockid_t host;
  uint64_t value;
  if (Errno e = host_clock(clock, host); e != Errno::success) return e;
  if (Errno e = read_clock(host, value); e != Errno::success) return e;
  time.set(value);
  return Errno::success;
}

}  // namespace calls
}  // namespace cordon::wasi
