// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The channel against a hostile peer: messages that no row of messages.def allows are refused, and
// only the requested descriptor is accepted with one ([P1] [J4]).
#include "sandbox/protocol/channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cordon::protocol {
namespace {

int open_fds() {
  int count = 0;
  DIR* dir = opendir("/proc/self/fd");
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

struct ChannelTest : testing::Test {
  ChannelTest() {
    auto pair = Channel::make_pair();
    EXPECT_TRUE(pair);
    peer = std::move(pair->second);
    mine = std::move(pair->first);
  }
  Channel supervisor() { return Channel(std::move(mine), Direction::ToSupervisor); }
  Channel worker() { return Channel(std::move(mine), Direction::ToWorker); }

  // Raw bytes with any number of copies of `fd`.
  void send_raw(ByteSpan bytes, size_t fd_count = 0, int fd = STDIN_FILENO) {
    iovec part{const_cast<uint8_t*>(bytes.data()), bytes.size()};
    std::vector<char> control(CMSG_SPACE(fd_count * sizeof(int)));
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (fd_count > 0) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      cmsghdr* c = CMSG_FIRSTHDR(&header);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
      std::vector<int> fds(fd_count, fd);
      std::memcpy(CMSG_DATA(c), fds.data(), fd_count * sizeof(int));
    }
    ASSERT_EQ(sendmsg(peer.get(), &header, 0), static_cast<ssize_t>(bytes.size()));
  }

  Fd peer, mine;
};

TEST_F(ChannelTest, CarriesAMessage) {
  Channel receiver = worker();
  Channel sender(std::move(peer), Direction::ToSupervisor);
  ASSERT_TRUE(sender.send(Start{.module_size = 7, .config_size = 9}));
  auto received = receiver.receive();
  ASSERT_TRUE(received) << received.error().message();
  EXPECT_EQ(received->id, MessageId::Start);
  auto start = received->as<Start>();
  ASSERT_TRUE(start);
  EXPECT_EQ(start->module_size, 7U);
  EXPECT_EQ(start->config_size, 9U);
}

// The kernel drops what there is no room for: none of them enters this process.
TEST_F(ChannelTest, DescriptorsThatAPeerSendsNeverArrive) {  // [J4] [P1]
  auto bytes = encode(Output{.text = "text"});
  ASSERT_TRUE(bytes);
  Channel channel = supervisor();
  int before = open_fds();
  for (size_t count : {0U, 1U, 2U, 3U, 253U}) {
    send_raw(*bytes, count);
    EXPECT_TRUE(channel.receive()) << count;
    EXPECT_EQ(open_fds(), before) << count;
  }
}

TEST_F(ChannelTest, AFileComesWithAReply) {  // [J4] [K1]
  Channel receiver(std::move(mine), Direction::FromBroker);
  Channel sender(std::move(peer), Direction::ToBroker);
  ASSERT_TRUE(sender.send_with_file(OpenReply{.handle = 7}, STDIN_FILENO));
  EXPECT_FALSE(*sender.all_received());
  auto received = receiver.receive_with_file();
  ASSERT_TRUE(received) << received.error().message();
  EXPECT_TRUE(*sender.all_received());
  EXPECT_EQ(received->as<OpenReply>()->handle, 7U);
  EXPECT_FALSE(received->file_lost);
  ASSERT_TRUE(received->file.valid());
  EXPECT_EQ(fcntl(received->file.get(), F_GETFD), FD_CLOEXEC);
  struct stat sent{}, got{};
  ASSERT_EQ(fstat(STDIN_FILENO, &sent) | fstat(received->file.get(), &got), 0);
  EXPECT_EQ(got.st_ino, sent.st_ino);
  // One without.
  ASSERT_TRUE(sender.send(OpenReply{}));
  received = receiver.receive_with_file();
  ASSERT_TRUE(received);
  EXPECT_FALSE(received->file.valid() || received->file_lost);
}

// None of them stays in this process.
TEST_F(ChannelTest, MoreThanOneDescriptorIsRefused) {  // [J4] [P1]
  Channel receiver(std::move(mine), Direction::FromBroker);
  const auto bytes = encode(OpenReply{});
  const int before = open_fds();
  for (size_t count : {2U, 3U, 253U}) {
    send_raw(*bytes, count);
    auto received = receiver.receive_with_file();
    ASSERT_FALSE(received) << count;
    EXPECT_EQ(received.error().kind, &diag::malformed_message);
    EXPECT_EQ(open_fds(), before) << count;
  }
}

TEST_F(ChannelTest, ARefusedMessageLeavesNoFile) {  // [J4] [P1]
  Channel receiver(std::move(mine), Direction::FromBroker);
  const int before = open_fds();
  const std::vector<uint8_t> bad[] = {{200}, *encode(PathStat{}), {}, std::vector<uint8_t>(150000)};
  for (const auto& bytes : bad) {
    send_raw(bytes, 1);
    EXPECT_FALSE(receiver.receive_with_file());
    EXPECT_EQ(open_fds(), before);
  }
}

TEST_F(ChannelTest, AFileForWhichThereIsNoNumberIsLostAndSaidSo) {  // [L1]
  Channel receiver(std::move(mine), Direction::FromBroker);
  Channel sender(std::move(peer), Direction::ToBroker);
  ASSERT_TRUE(sender.send_with_file(OpenReply{}, STDIN_FILENO));
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const Fd lowest(dup(STDIN_FILENO));
  const rlimit none{static_cast<rlim_t>(lowest.get()) + 1, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  auto received = receiver.receive_with_file();
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(received) << received.error().message();
  EXPECT_TRUE(received->file_lost);
  EXPECT_FALSE(received->file.valid());
}

TEST_F(ChannelTest, OversizedMessagesAreRefused) {  // [P1] [L1]
  Channel channel = supervisor();
  std::vector<uint8_t> bytes(kMaxMessage + 1, 'x');
  bytes[0] = static_cast<uint8_t>(MessageId::Output);
  send_raw(bytes);
  auto received = channel.receive();
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().kind, &diag::malformed_message);
  bytes.resize(150000);
  bytes[0] = static_cast<uint8_t>(MessageId::Output);
  send_raw(bytes);
  EXPECT_FALSE(channel.receive());
}

TEST_F(ChannelTest, WrongDirectionAndUnknownNumbersAreRefused) {  // [P1]
  Channel channel = supervisor();
  auto reply = encode(StatusReply{});
  ASSERT_TRUE(reply);
  send_raw(*reply);
  EXPECT_FALSE(channel.receive());
  const uint8_t unknown[] = {200};
  send_raw(unknown);
  EXPECT_FALSE(channel.receive());
}

TEST_F(ChannelTest, ClosedAndEmptyAreTheEnd) {
  Channel channel = supervisor();
  send_raw({});
  auto empty = channel.receive();
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, &diag::peer_closed);
  peer.reset();
  auto closed = channel.receive();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().kind, &diag::peer_closed);
  EXPECT_FALSE(channel.send(StatusReply{}));  // and no SIGPIPE
}

TEST_F(ChannelTest, APeerThatDoesNotReadIsNotWaitedFor) {  // [P1]
  Channel channel = supervisor();
  Result<void> sent;
  int count = 0;
  while ((sent = channel.send(StatusReply{}, Channel::Wait::DoNotWait)) && count < 1000000) ++count;
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().os_error, EAGAIN);
}

TEST_F(ChannelTest, MessagesBeyondALimitAreNotSent) {  // [L1]
  Channel channel = supervisor();
  EXPECT_FALSE(channel.send(ReadlinkReply{.error = 0, .target = std::string(kMaxPath + 1, 'x')}));
  DirectoryReply many;
  many.entries.resize(kMaxEntries, DirEntry{.name = std::string(255, 'n')});
  EXPECT_FALSE(channel.send(many));  // each entry fits, the whole does not
}

// A worker that ends while a message for it is still unread has said its verdict all the same.
TEST_F(ChannelTest, LastWordsOutliveWhatWasNotRead) {
  Channel channel = supervisor();
  ASSERT_TRUE(channel.send(StatusReply{}));
  Channel other(std::move(peer), Direction::ToWorker);
  ASSERT_TRUE(other.send(Verdict{.exit_code = 7}));
  {
    const Channel closed = std::move(other);
  }
  auto received = channel.receive(Channel::Wait::DoNotWait);
  ASSERT_TRUE(received) << received.error().message();
  EXPECT_EQ(received->as<Verdict>()->exit_code, 7u);
  auto end = channel.receive(Channel::Wait::DoNotWait);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, &diag::peer_closed);
}

}  // namespace
}  // namespace cordon::protocol
