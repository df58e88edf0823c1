// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// poll_oneoff: one ppoll(2) over the host descriptors asked about, until the nearest deadline. Each
// descriptor stands in it once, however often it is asked about: the kernel takes no more entries
// than the process may have files.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <limits>

#include "core/wasi/calls.h"
#include "core/wasi/clock.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi::calls {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

// One subscription: what it asks, and what is known of the answer.
struct Watch {
  Event event;
  bool happened = false;
  uint64_t deadline = kNever;  // on the monotonic clock
  FdEntry* fd = nullptr;
  size_t poll_index = 0;
};

struct Poll {
  std::vector<Watch> watches;
  std::vector<pollfd> fds;
};

uint64_t saturating_add(uint64_t a, uint64_t b) { return a > kNever - b ? kNever : a + b; }

Errno watch_clock(const Subscription& asked, uint64_t now, Watch& watch) {
  clockid_t clock;
  uint64_t clock_now;
  if (Errno e = host_clock(asked.clock_or_fd, clock); e != Errno::success) return e;
  // CPU time stands still while the guest sleeps.
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return Errno::notsup;
  if ((asked.flags & ~kSubscriptionAbstime) != 0) return Errno::inval;
  uint64_t wait = asked.timeout;
  if ((asked.flags & kSubscriptionAbstime) != 0) {
    if (Errno e = read_clock(clock, clock_now); e != Errno::success) return e;
    wait = asked.timeout > clock_now ? asked.timeout - clock_now : 0;
  }
  watch.deadline = saturating_add(now, wait);
  return Errno::success;
}

Errno watch_fd(Call& call, const Subscription& asked, Poll& poll, Watch& watch) {
  bool read = watch.event.type == EventType::fd_read;
  FdEntry* fd = call.wasi.fds().find(asked.clock_or_fd);
  if (fd == nullptr || fd->is_directory()) return Errno::badf;
  if (!fd->has(right::poll_fd_readwrite | (read ? right::fd_read : right::fd_write))) {
    return Errno::notcapable;
  }
  auto known = std::find_if(poll.fds.begin(), poll.fds.end(),
                            [&](const pollfd& p) { return p.fd == fd->host; });
  watch.fd = fd;
  watch.poll_index = static_cast<size_t>(known - poll.fds.begin());
  if (known == poll.fds.end()) poll.fds.push_back({fd->host, 0, 0});
  short wanted = read ? POLLIN : POLLOUT;
  poll.fds[watch.poll_index].events |= wanted;
  return Errno::success;
}

// inval for a subscription that is none; what is wrong with a sound one is its own event.
Errno add_watch(Call& call, const Subscription& asked, uint64_t now, Poll& poll) {
  if (asked.tag > static_cast<uint8_t>(EventType::fd_write)) return Errno::inval;
  Watch watch;
  watch.event.userdata = asked.userdata;
  watch.event.type = static_cast<EventType>(asked.tag);
  watch.event.error = watch.event.type == EventType::clock ? watch_clock(asked, now, watch)
                                                           : watch_fd(call, asked, poll, watch);
  watch.happened = watch.event.error != Errno::success;
  poll.watches.push_back(watch);
  return Errno::success;
}

// What is there to read: known of a regular file, of others at least a byte.
uint64_t readable_bytes(const FdEntry& fd) {
  FileStat stat;
  if (fd.type != FileType::regular_file || stat_host(fd.host, stat) != Errno::success) return 1;
  off_t position = lseek(fd.host, 0, SEEK_CUR);
  uint64_t at = position < 0 ? 0 : static_cast<uint64_t>(position);
  return stat.size > at ? stat.size - at : 0;
}

void note_ready(const pollfd& state, Watch& watch) {
  bool read = watch.event.type == EventType::fd_read;
  int asked = read ? POLLIN : POLLOUT;
  if ((state.revents & (asked | POLLHUP | POLLERR | POLLNVAL)) == 0) return;
  watch.happened = true;
  if ((state.revents & POLLNVAL) != 0) watch.event.error = Errno::badf;
  if ((state.revents & (POLLHUP | POLLERR)) != 0) watch.event.flags = kEventHangup;
  if ((state.revents & asked) == 0) return;
  watch.event.nbytes = read ? readable_bytes(*watch.fd) : uint64_t{PIPE_BUF};
}

// One look at everything, waiting for at most `wait` nanoseconds.
Errno look(Poll& poll, uint64_t wait) {
  timespec time{static_cast<time_t>(wait / kSecond), static_cast<long>(wait % kSecond)};
  int ready = ppoll(poll.fds.data(), poll.fds.size(), wait == kNever ? nullptr : &time, nullptr);
  if (ready < 0 && errno != EINTR) return from_result(-1);
  uint64_t now;
  if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
  for (Watch& watch : poll.watches) {
    if (watch.happened) continue;
    if (watch.fd == nullptr) {
      watch.happened = watch.deadline <= now;
    } else if (ready > 0) {
      note_ready(poll.fds[watch.poll_index], watch);
    }
  }
  return Errno::success;
}

Errno wait_for_one(Poll& poll) {
  auto happened = [](const Watch& watch) { return watch.happened; };
  bool done = std::any_of(poll.watches.begin(), poll.watches.end(), happened);
  if (done) return look(poll, 0);
  uint64_t deadline = kNever;
  for (const Watch& watch : poll.watches) deadline = std::min(deadline, watch.deadline);
  while (!done) {
    uint64_t now;
    if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
    uint64_t wait = deadline == kNever ? kNever : deadline > now ? deadline - now : 0;
    if (Errno e = look(poll, wait); e != Errno::success) return e;
    done = std::any_of(poll.watches.begin(), poll.watches.end(), happened);
  }
  return Errno::success;
}

}  // namespace

Errno poll_oneoff(Call& call, Pointer subscriptions, Pointer events, uint32_t count,
                  Out<uint32_t> happened) {
  if (count == 0 || count > call.wasi.limits().poll_subscriptions) return Errno::inval;  // [L1]
  const uint8_t* in = call.at(subscriptions.address, uint64_t{count} * sizeof(Subscription));
  uint8_t* out = call.at(events.address, uint64_t{count} * sizeof(Event));
  if (in == nullptr || out == nullptr) return Errno::fault;
  uint64_t now;
  if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
  Poll poll;
  poll.watches.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Subscription asked;
    std::memcpy(&asked, in + i * sizeof asked, sizeof asked);
    if (Errno e = add_watch(call, asked, now, poll); e != Errno::success) return e;
  }
  if (Errno e = wait_for_one(poll); e != Errno::success) return e;
  uint32_t written = 0;
  for (const Watch& watch : poll.watches) {
    if (!watch.happened) continue;
    std::memcpy(out + written++ * sizeof(Event), &watch.event, sizeof(Event));
  }
  happened.set(written);
  return Errno::success;
}

}  // namespace cordon::wasi::calls
