// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <unistd.h>

#include "core/wasi/clock.h"
#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

constexpr uint32_t kSubscriptions = 0x4000, kEvents = 0xa000;
constexpr uint64_t kMillisecond = 1'000'000;

Subscription on_clock(uint32_t clock, uint64_t timeout, uint16_t flags = 0, uint64_t userdata = 7) {
  Subscription s;
  s.userdata = userdata;
  s.clock_or_fd = clock;
  s.timeout = timeout;
  s.flags = flags;
  return s;
}

Subscription on_fd(EventType type, uint32_t fd, uint64_t userdata = 0) {
  Subscription s;
  s.userdata = userdata;
  s.tag = static_cast<uint8_t>(type);
  s.clock_or_fd = fd;
  return s;
}

Errno poll(WasiCaller& guest, const std::vector<Subscription>& list, std::vector<Event>& events) {
  for (size_t i = 0; i < list.size(); ++i) {
    guest.put(kSubscriptions + static_cast<uint32_t>(i * sizeof(Subscription)), list[i]);
  }
  Errno e = guest.call("poll_oneoff", {kSubscriptions, kEvents, list.size(), kScratch});
  events.clear();
  if (e != Errno::success) return e;
  for (uint32_t i = 0; i < guest.get<uint32_t>(kScratch); ++i) {
    events.push_back(guest.get<Event>(kEvents + static_cast<uint32_t>(i * sizeof(Event))));
  }
  return e;
}

uint64_t now(clockid_t clock) {
  uint64_t value = 0;
  EXPECT_EQ(read_clock(clock, value), Errno::success);
  return value;
}

TEST(Poll, SleepsForARelativeTime) {
  WasiCaller guest;
  std::vector<Event> events;
  for (uint32_t clock : {kClockRealtime, kClockMonotonic}) {
    uint64_t start = now(CLOCK_MONOTONIC);
    ASSERT_EQ(poll(guest, {on_clock(clock, 20 * kMillisecond)}, events), Errno::success);
    EXPECT_GE(now(CLOCK_MONOTONIC) - start, 20 * kMillisecond);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].userdata, 7U);
    EXPECT_EQ(events[0].error, Errno::success);
    EXPECT_EQ(events[0].type, EventType::clock);
  }
}

TEST(Poll, SleepsUntilAnAbsoluteTime) {
  WasiCaller guest;
  std::vector<Event> events;
  for (auto [clock, host] :
       {std::pair{kClockRealtime, CLOCK_REALTIME}, std::pair{kClockMonotonic, CLOCK_MONOTONIC}}) {
    uint64_t until = now(host) + 20 * kMillisecond;
    ASSERT_EQ(poll(guest, {on_clock(clock, until, kSubscriptionAbstime)}, events), Errno::success);
    EXPECT_GE(now(host), until);
    ASSERT_EQ(poll(guest, {on_clock(clock, 1, kSubscriptionAbstime)}, events), Errno::success);
    EXPECT_EQ(events.size(), 1U);
  }
}

TEST(Poll, TheNearestDeadlineAloneHappens) {
  WasiCaller guest;
  std::vector<Event> events;
  ASSERT_EQ(poll(guest,
                 {on_clock(kClockMonotonic, ~uint64_t{0}, 0, 1),
                  on_clock(kClockMonotonic, 5 * kMillisecond, 0, 2),
                  on_clock(kClockRealtime, ~uint64_t{0}, kSubscriptionAbstime, 3),
                  on_clock(kClockMonotonic, 3600 * kSecond, 0, 4)},
                 events),
            Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].userdata, 2U);
}

TEST(Poll, SeesWhatCanBeReadAndWritten) {
  WasiCaller guest;
  std::vector<Event> events;
  ASSERT_EQ(
      poll(guest, {on_fd(EventType::fd_read, 0, 1), on_fd(EventType::fd_write, 1, 2)}, events),
      Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].userdata, 2U);
  EXPECT_EQ(events[0].type, EventType::fd_write);
  EXPECT_GT(events[0].nbytes, 0U);
  ASSERT_EQ(write(guest.stdin_writer.get(), "x", 1), 1);
  ASSERT_EQ(
      poll(guest, {on_fd(EventType::fd_read, 0, 1), on_clock(kClockMonotonic, kSecond)}, events),
      Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].nbytes, 1U);
  EXPECT_EQ(events[0].flags, 0);
}

TEST(Poll, TimesOutWhenNothingComes) {
  WasiCaller guest;
  std::vector<Event> events;
  ASSERT_EQ(
      poll(guest, {on_fd(EventType::fd_read, 0), on_clock(kClockMonotonic, kMillisecond)}, events),
      Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, EventType::clock);
}

TEST(Poll, AHangupIsAnEvent) {
  WasiCaller guest;
  guest.stdin_writer.reset();
  std::vector<Event> events;
  ASSERT_EQ(poll(guest, {on_fd(EventType::fd_read, 0)}, events), Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].flags, kEventHangup);
}

TEST(Poll, ARegularFileIsReadyAndTellsWhatIsLeft) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, "0123456789"), Errno::success);
  ASSERT_EQ(guest.call("fd_seek", {fd, 4, kWhenceSet, 0}), Errno::success);
  std::vector<Event> events;
  ASSERT_EQ(poll(guest, {on_fd(EventType::fd_read, fd)}, events), Errno::success);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].nbytes, 6U);
}

TEST(Poll, WhatIsWrongWithOneIsItsOwnEvent) {
  WasiCaller guest;
  uint32_t fd;
  ASSERT_EQ(guest.open(kRw, "f", oflag::kCreat, right::fd_read, fd), Errno::success);
  std::vector<Event> events;
  ASSERT_EQ(poll(guest,
                 {on_fd(EventType::fd_read, 99, 1), on_fd(EventType::fd_read, kRw, 2),
                  on_fd(EventType::fd_read, fd, 3), on_fd(EventType::fd_read, 1, 4),
                  on_clock(99, 0, 0, 5), on_clock(kClockProcessCpu, 0, 0, 6),
                  on_clock(kClockMonotonic, 0, 2, 7), on_clock(kClockMonotonic, kSecond, 0, 8)},
                 events),
            Errno::success);
  std::vector<Errno> errors;
  for (const Event& event : events) errors.push_back(event.error);
  EXPECT_EQ(errors, (std::vector{Errno::badf, Errno::badf, Errno::notcapable, Errno::notcapable,
                                 Errno::inval, Errno::notsup, Errno::inval}));
}

TEST(Poll, RefusesWhatIsNoSubscription) {
  WasiCaller guest;
  std::vector<Event> events;
  Subscription s = on_clock(kClockMonotonic, 0);
  s.tag = 3;
  EXPECT_EQ(poll(guest, {s}, events), Errno::inval);
  EXPECT_EQ(poll(guest, {}, events), Errno::inval);
}

TEST(Poll, TakesAsManySubscriptionsAsMemoryHolds) {  // [L1]
  WasiCaller guest;
  std::vector<Event> events;
  std::vector<Subscription> list(500, on_fd(EventType::fd_write, 1));
  ASSERT_EQ(poll(guest, list, events), Errno::success);
  EXPECT_EQ(events.size(), 500U);
  // The events lie over subscriptions that have been read.
  constexpr uint32_t kMost = kEnd / sizeof(Subscription);
  for (uint32_t i = 0; i < kMost; ++i) {
    guest.put(i * sizeof(Subscription), on_clock(kClockMonotonic, 0, 0, i));
  }
  ASSERT_EQ(guest.call("poll_oneoff", {0, 0, kMost, kEnd - 4}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kEnd - 4), kMost);
  EXPECT_EQ(guest.get<Event>((kMost - 1) * sizeof(Event)).userdata, kMost - 1);
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, kMost + 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, ~0U, kScratch}), Errno::fault);
}

TEST(Poll, ATimeThatHasPassedIsDueAtOnce) {
  WasiCaller guest;
  std::vector<Event> events;
  for (uint32_t clock : {kClockRealtime, kClockMonotonic}) {
    ASSERT_EQ(poll(guest, {on_clock(clock, 1, kSubscriptionAbstime, 9)}, events), Errno::success);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].userdata, 9U);
  }
}

TEST(Poll, ListsMustLieInMemoryAndMayOverlap) {
  WasiCaller guest;
  guest.put(kEnd - 48, on_clock(kClockMonotonic, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {kEnd - 48, kEnd - 32, 1, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<Event>(kEnd - 32).userdata, 7U);
  EXPECT_EQ(guest.call("poll_oneoff", {kEnd - 47, 0, 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", {0, kEnd - 31, 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", {0xfffffff0, 0, 1, kScratch}), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 1, kEnd - 3}), Errno::fault);
}

}  // namespace
}  // namespace cordon::wasi
