// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "tests/core/wasi/caller.h"

namespace cordon::wasi {
namespace {

TEST(Io, WritesAndReadsBackInPieces) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  guest.put_text(kDataAt, "hello, world");
  guest.put_iovecs(kIovecAt, {{kDataAt, 5}, {kEnd, 0}, {kDataAt + 5, 7}});
  ASSERT_EQ(guest.call("fd_write", {fd, kIovecAt, 3, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 12U);
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, 0}), Errno::success);
  guest.put_iovecs(kIovecAt, {{kEnd - 4, 4}, {0, 100}});
  ASSERT_EQ(guest.call("fd_read", {fd, kIovecAt, 2, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 12U);
  EXPECT_EQ(guest.text(kEnd - 4, 4), "hell");
  EXPECT_EQ(guest.text(0, 8), "o, world");
}

TEST(Io, PositionedCallsLeaveThePosition) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, "0123456789"), Errno::success);
  guest.put_text(kDataAt, "ab");
  guest.put_iovecs(kIovecAt, {{kDataAt, 2}});
  EXPECT_EQ(guest.call("fd_pwrite", {fd, kIovecAt, 1, 3, kScratch}), Errno::success);
  EXPECT_EQ(guest.call("fd_pread", {fd, kIovecAt, 1, 4, kScratch}), Errno::success);
  EXPECT_EQ(guest.text(kDataAt, 2), "b5");
  EXPECT_EQ(guest.call("fd_pread", {fd, kIovecAt, 1, 100, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 0U);
  EXPECT_EQ(guest.call("fd_pread", {fd, kIovecAt, 1, ~uint64_t{0}, kScratch}), Errno::inval);
  EXPECT_EQ(guest.call("fd_pwrite", {fd, kIovecAt, 1, uint64_t{1} << 63, kScratch}), Errno::inval);
  ASSERT_EQ(guest.call("fd_tell", {fd, 0}), Errno::success);
  EXPECT_EQ(guest.get<uint64_t>(0), 10U);
}

TEST(Io, PositionedCallsNeedTheRightToSeek) {
  WasiCaller guest;
  EXPECT_EQ(guest.call("fd_pwrite", {1, kIovecAt, 0, 0, kScratch}), Errno::spipe);
  EXPECT_EQ(guest.call("fd_pread", {0, kIovecAt, 0, 0, kScratch}), Errno::spipe);
}

TEST(Io, MoreBuffersThanTheKernelTakesAreAPartialTransfer) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  std::vector<GuestIovec> list(kMaxIovecs + 500, GuestIovec{kDataAt, 1});
  guest.put_iovecs(kIovecAt, list);
  ASSERT_EQ(guest.call("fd_write", {fd, kIovecAt, list.size(), 0}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(0), kMaxIovecs);
}

TEST(Io, BuffersMayOverlapEachOtherTheirListAndTheResult) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, std::string(64, '\xff')), Errno::success);
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, 0}), Errno::success);
  guest.put_iovecs(kIovecAt, {{kIovecAt, 16}, {kIovecAt + 4, 16}, {kIovecAt, 32}});
  ASSERT_EQ(guest.call("fd_read", {fd, kIovecAt, 3, kIovecAt + 8}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kIovecAt + 8), 64U);
  EXPECT_EQ(guest.get<uint64_t>(kIovecAt), ~uint64_t{0});
}

TEST(Io, TheWholeMemoryManyTimesOver) {
  WasiCaller guest;
  uint32_t fd = guest.must_open(kRw, "f");
  guest.put_iovecs(0, std::vector<GuestIovec>(64, GuestIovec{0, kEnd}));
  ASSERT_EQ(guest.call("fd_write", {fd, 0, 64, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 64 * kEnd);
}

TEST(Io, StandardStreamsReachTheHost) {
  WasiCaller guest;
  ASSERT_EQ(guest.write(1, "out"), Errno::success);
  char text[8];
  ASSERT_EQ(read(guest.stdout_reader.get(), text, sizeof text), 3);
  EXPECT_EQ(std::string(text, 3), "out");
  ASSERT_EQ(write(guest.stdin_writer.get(), "in", 2), 2);
  std::string got;
  ASSERT_EQ(guest.read(0, 100, got), Errno::success);
  EXPECT_EQ(got, "in");
  guest.stdin_writer.reset();
  ASSERT_EQ(guest.read(0, 100, got), Errno::success);
  EXPECT_EQ(got, "");
}

TEST(Io, AReaderThatIsGoneIsAnError) {
  WasiCaller guest;
  guest.stdout_reader.reset();
  EXPECT_EQ(guest.write(1, "x"), Errno::pipe);
}

TEST(Io, NonblockOnASharedStreamDoesNotWait) {
  WasiCaller guest;
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {0, fdflag::kNonblock}), Errno::success);
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {1, fdflag::kNonblock}), Errno::success);
  std::string got;
  EXPECT_EQ(guest.read(0, 10, got), Errno::again);
  ASSERT_EQ(write(guest.stdin_writer.get(), "in", 2), 2);
  EXPECT_EQ(guest.read(0, 10, got), Errno::success);
  EXPECT_EQ(got, "in");
  // Until the pipe is full, in parts that fit.
  size_t written = 0;
  guest.put_iovecs(kIovecAt, {{kDataAt, 100}, {kDataAt, 60'000}});
  Errno e;
  while ((e = guest.call("fd_write", {1, kIovecAt, 2, kScratch})) == Errno::success) {
    written += guest.get<uint32_t>(kScratch);
    ASSERT_LE(written, size_t{1} << 20);
  }
  EXPECT_EQ(e, Errno::again);
  EXPECT_EQ(written, 65536U);
}

// Another user of the stream may have made it non-blocking; a guest that did not do so waits.
TEST(Io, AStreamThatOthersMadeNonblockingStillWaits) {
  WasiCaller guest;
  int in = guest.wasi->config().stdio[0], out = guest.wasi->config().stdio[1];
  ASSERT_EQ(fcntl(in, F_SETFL, O_NONBLOCK), 0);
  ASSERT_EQ(fcntl(out, F_SETFL, O_NONBLOCK), 0);
  ASSERT_EQ(guest.call("fd_fdstat_get", {0, 0}), Errno::success);
  EXPECT_EQ(guest.get<Fdstat>(0).flags, 0);
  size_t received = 0;
  std::thread other([&] {
    usleep(20'000);
    EXPECT_EQ(write(guest.stdin_writer.get(), "late", 4), 4);
    char buffer[4096];
    while (received < 200'000) {
      received += static_cast<size_t>(read(guest.stdout_reader.get(), buffer, sizeof buffer));
    }
  });
  std::string got;
  EXPECT_EQ(guest.read(0, 10, got), Errno::success);
  EXPECT_EQ(got, "late");
  guest.put_iovecs(kIovecAt, {{kDataAt, 50'000}});
  for (size_t sent = 0; sent < 200'000;) {
    ASSERT_EQ(guest.call("fd_write", {1, kIovecAt, 1, kScratch}), Errno::success);
    sent += guest.get<uint32_t>(kScratch);
  }
  other.join();
}

TEST(Io, SyncFlagsWriteThrough) {
  WasiCaller guest;
  for (uint32_t flag : {fdflag::kDsync, fdflag::kSync, fdflag::kRsync}) {
    uint32_t fd = guest.must_open(kRw, "f", oflag::kCreat, flag);
    EXPECT_EQ(guest.write(fd, "x"), Errno::success);
    guest.put_iovecs(kIovecAt, {{kDataAt, 1}});
    EXPECT_EQ(guest.call("fd_pwrite", {fd, kIovecAt, 1, 0, kScratch}), Errno::success);
  }
}

TEST(Io, AnErrorWritesNoCount) {
  WasiCaller guest;
  guest.put<uint32_t>(kScratch, 77);
  guest.stdout_reader.reset();
  guest.put_iovecs(kIovecAt, {{kDataAt, 1}});
  EXPECT_EQ(guest.call("fd_write", {1, kIovecAt, 1, kScratch}), Errno::pipe);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 77U);
}

// [L1] All that is written counts, to whatever descriptor; the limit is met to the byte, and what
// comes after it ends the run.
TEST(Io, TheLimitOfOutputIsMetExactlyAndThenEndsTheRun) {
  WasiConfig config;
  config.limits.output_bytes = 20;
  WasiCaller guest(config);
  const uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.write(fd, "0123456789"), Errno::success);
  ASSERT_EQ(guest.write(1, "abcdef"), Errno::success);
  EXPECT_EQ(guest.wasi->output_left(), 4u);
  guest.put_text(kDataAt, "vwxyz");
  guest.put_iovecs(kIovecAt, {{kDataAt, 3}, {kDataAt + 3, 2}});
  ASSERT_EQ(guest.call("fd_pwrite", {fd, kIovecAt, 2, 0, kScratch}), Errno::success);
  EXPECT_EQ(guest.get<uint32_t>(kScratch), 4u) << "as much as may still be written";
  uint64_t result = 0;
  EXPECT_EQ(guest.enter("fd_pwrite", {fd, kIovecAt, 2, 0, kScratch}, result), Trap::output_limit);
  EXPECT_EQ(guest.enter("fd_write", {1, kIovecAt, 2, kScratch}, result), Trap::output_limit);
  EXPECT_EQ(guest.enter("fd_write", {fd, kIovecAt, 2, kScratch}, result), Trap::output_limit);
  guest.put_iovecs(kIovecAt, {{kDataAt, 0}});
  EXPECT_EQ(guest.call("fd_write", {fd, kIovecAt, 1, kScratch}), Errno::success) << "nothing";
  ASSERT_EQ(guest.call("fd_seek", {fd, 0, kWhenceSet, 0}), Errno::success);
  std::string text;
  ASSERT_EQ(guest.read(fd, 100, text), Errno::success);
  EXPECT_EQ(text, "vwxy456789");
}

TEST(Io, RoomOnTheDiskIsOutputToo) {  // [L1]
  WasiConfig config;
  config.limits.output_bytes = 10'000;
  WasiCaller guest(config);
  const uint32_t fd = guest.must_open(kRw, "f");
  ASSERT_EQ(guest.call("fd_allocate", {fd, 0, 8'000}), Errno::success);
  uint64_t result = 0;
  EXPECT_EQ(guest.enter("fd_allocate", {fd, 0, 2'001}, result), Trap::output_limit);
  EXPECT_EQ(guest.call("fd_allocate", {fd, uint64_t{1} << 63, 1}), Errno::fbig);
  EXPECT_EQ(guest.wasi->output_left(), 2'000u);
  EXPECT_EQ(guest.call("fd_write", {99, kIovecAt, 1, kScratch}), Errno::badf);
}

}  // namespace
}  // namespace cordon::wasi
