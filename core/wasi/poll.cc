// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// poll_oneoff: one ppoll(2) over the host descriptors of the subscriptions, until the earliest
// deadline, with a pass over the subscriptions before it, which gathers both, and one after it,
// which writes the events. Nothing about a subscription is kept in between, so that any number of
// them takes no more memory than the guest's open descriptors do ([L1]). Each descriptor is in the
// ppoll once, however many subscriptions name it: the kernel takes no more entries than the process
// may have files.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <limits>
#include <optional>

#include "core/wasi/calls.h"
#include "core/wasi/clock.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi::calls {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

uint64_t saturating_add(uint64_t a, uint64_t b) { return a > kNever - b ? kNever : a + b; }

// The monotonic time at which a clock subscription is due; `start` is that of the call.
Errno due_time(const Subscription& asked, uint64_t start, uint64_t& due) {
  clockid_t clock;
  if (Errno e = host_clock(asked.clock_or_fd, clock); e != Errno::success) return e;
  // CPU time does not pass while the guest sleeps.
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return Errno::notsup;
  if ((asked.flags & ~kSubscriptionAbstime) != 0) return Errno::inval;
  if ((asked.flags & kSubscriptionAbstime) == 0) {
    due = saturating_add(start, asked.timeout);
    return Errno::success;
  }
  uint64_t now, clock_now;
  if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
  if (Errno e = read_clock(clock, clock_now); e != Errno::success) return e;
  due = asked.timeout > clock_now ? saturating_add(now, asked.timeout - clock_now) : 0;
  return Errno::success;
}

bool is_read(const Subscription& asked) {
  return asked.tag == static_cast<uint8_t>(EventType::fd_read);
}

Errno find_fd(Call& call, const Subscription& asked, FdEntry*& fd) {
  fd = call.wasi.fds().find(asked.clock_or_fd);
  if (fd == nullptr || fd->is_directory()) return Errno::badf;
  const Rights needed =
      right::poll_fd_readwrite | (is_read(asked) ? right::fd_read : right::fd_write);
  return fd->has(needed) ? Errno::success : Errno::notcapable;
}

// How many bytes can be read: exact for a regular file, at least one for others.
uint64_t readable_bytes(const FdEntry& fd) {
  FileStat stat;
  if (fd.type != FileType::regular_file || stat_host(fd.host, stat) != Errno::success) return 1;
  off_t position = lseek(fd.host, 0, SEEK_CUR);
  uint64_t at = position < 0 ? 0 : static_cast<uint64_t>(position);
  return stat.size > at ? stat.size - at : 0;
}

// The subscriptions of one call, and the arguments and results of its ppoll(2).
class Poll {
 public:
  Poll(Call& call, const uint8_t* subscriptions, uint32_t count, uint64_t start)
      : call_(call), subscriptions_(subscriptions), count_(count), start_(start) {}

  // inval for a malformed subscription. Any other error becomes the subscription's event.
  Errno gather() {
    for (uint32_t i = 0; i < count_; ++i) {
      const Subscription asked = at(i);
      if (asked.tag > static_cast<uint8_t>(EventType::fd_write)) return Errno::inval;
      uint64_t due = 0;  // an error is due at once
      FdEntry* fd = nullptr;
      if (asked.tag == static_cast<uint8_t>(EventType::clock)) {
        if (due_time(asked, start_, due) != Errno::success) due = 0;
      } else if (find_fd(call_, asked, fd) == Errno::success) {
        watch(asked, *fd);
        continue;
      }
      due_ = std::min(due_, due);
    }
    return Errno::success;
  }

  // Waits until an event has occurred or is due, or a signal has come.
  Errno wait() {
    uint64_t now;
    if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
    const uint64_t left = due_ > now ? due_ - now : 0;
    const timespec time{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
    const int ready = ppoll(fds_.data(), fds_.size(), due_ == kNever ? nullptr : &time, nullptr);
    if (ready < 0 && errno != EINTR) return from_result(-1);
    if (ready < 0) {
      for (pollfd& fd : fds_) fd.revents = 0;
    }
    return Errno::success;
  }

  // Writes the events that have occurred, and their number.
  Errno report(uint8_t* events, uint32_t& written) const {
    uint64_t now;
    if (Errno e = read_clock(CLOCK_MONOTONIC, now); e != Errno::success) return e;
    for (uint32_t i = 0; i < count_; ++i) {
      const std::optional<Event> event = event_of(at(i), now);
      if (event) std::memcpy(events + written++ * sizeof(Event), &*event, sizeof(Event));
    }
    return Errno::success;
  }

 private:
  Subscription at(uint32_t index) const {
    Subscription asked;
    std::memcpy(&asked, subscriptions_ + index * sizeof asked, sizeof asked);
    return asked;
  }

  void watch(const Subscription& asked, const FdEntry& fd) {
    const uint32_t number = asked.clock_or_fd;
    if (number >= slots_.size()) slots_.resize(number + 1, kNoSlot);
    if (slots_[number] == kNoSlot) {
      slots_[number] = static_cast<uint32_t>(fds_.size());
      fds_.push_back({fd.host, 0, 0});
    }
    short& events = fds_[slots_[number]].events;
    events = static_cast<short>(events | (is_read(asked) ? POLLIN : POLLOUT));
  }

  // The guest's events may overlap its subscriptions: what is read here may differ from what
  // gather() has read.
  std::optional<Event> event_of(const Subscription& asked, uint64_t now) const {
    Event event;
    event.userdata = asked.userdata;
    if (asked.tag > static_cast<uint8_t>(EventType::fd_write)) return std::nullopt;
    event.type = static_cast<EventType>(asked.tag);
    if (event.type == EventType::clock) {
      uint64_t due = 0;
      event.error = due_time(asked, start_, due);
      return event.error != Errno::success || due <= now ? std::optional(event) : std::nullopt;
    }
    FdEntry* fd = nullptr;
    event.error = find_fd(call_, asked, fd);
    if (event.error != Errno::success) return event;
    const uint32_t number = asked.clock_or_fd;
    if (number >= slots_.size() || slots_[number] == kNoSlot) return std::nullopt;
    return note_ready(fds_[slots_[number]], asked, *fd, event) ? std::optional(event)
                                                               : std::nullopt;
  }

  static bool note_ready(const pollfd& state, const Subscription& asked, const FdEntry& fd,
                         Event& event) {
    const int wanted = is_read(asked) ? POLLIN : POLLOUT;
    if ((state.revents & (wanted | POLLHUP | POLLERR | POLLNVAL)) == 0) return false;
    if ((state.revents & POLLNVAL) != 0) event.error = Errno::badf;
    if ((state.revents & (POLLHUP | POLLERR)) != 0) event.flags = kEventHangup;
    if ((state.revents & wanted) != 0) {
      event.nbytes = is_read(asked) ? readable_bytes(fd) : uint64_t{PIPE_BUF};
    }
    return true;
  }

  static constexpr uint32_t kNoSlot = ~uint32_t{0};

  Call& call_;
  const uint8_t* subscriptions_;
  uint32_t count_;
  uint64_t start_;
  uint64_t due_ = kNever;  // the earliest
  std::vector<pollfd> fds_;
  std::vector<uint32_t> slots_;  // in fds_, by the guest's number
};

}  // namespace

Errno poll_oneoff(Call& call, Pointer subscriptions, Pointer events, uint32_t count,
                  Out<uint32_t> happened) {
  if (count == 0) return Errno::inval;
  const uint8_t* in = call.at(subscriptions.address, uint64_t{count} * sizeof(Subscription));
  uint8_t* out = call.at(events.address, uint64_t{count} * sizeof(Event));
  if (in == nullptr || out == nullptr) return Errno::fault;
  uint64_t start;
  if (Errno e = read_clock(CLOCK_MONOTONIC, start); e != Errno::success) return e;
  Poll poll(call, in, count, start);
  if (Errno e = poll.gather(); e != Errno::success) return e;
  uint32_t written = 0;
  while (written == 0) {
    if (Errno e = poll.wait(); e != Errno::success) return e;
    if (Errno e = poll.report(out, written); e != Errno::success) return e;
  }
  happened.set(written);
  return Errno::success;
}

}  // namespace cordon::wasi::calls
