// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path broker's conversation, the run worker being this test ([P1]): whatever it sends, the
// broker answers it or says what was wrong, and in time.
#include "sandbox/path_broker/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/kit/descriptors_in_flight.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::path_broker {
namespace {

using protocol::Channel;
using protocol::Direction;
using protocol::MessageId;

constexpr int kHandOver = 900;

struct ServerTest : ::testing::Test {
  ServerTest() { directory.write("file", "content"); }
  ~ServerTest() override { (void)finish(); }

  void start() {
    auto ends = Channel::make_pair();
    ASSERT_TRUE(ends);
    std::vector<Grant> grants;
    grants.push_back({Fd(open(directory.path().c_str(), O_RDONLY | O_DIRECTORY)), true});
    PathService service(std::move(grants), 50);
    server = std::thread([this, end = std::move(ends->first), kept = std::move(service)]() mutable {
      outcome =
          Server(Channel(std::move(end), Direction::ToBroker), std::move(kept), kHandOver).serve();
      ended = true;
    });
    ended = false;
    worker.emplace(std::move(ends->second), Direction::FromBroker);
  }
  // The server's last word: empty if it only saw us go.
  std::string finish() {
    if (!server.joinable()) return {};
    if (worker) shutdown(worker->fd(), SHUT_WR);
    server.join();
    worker.reset();
    return outcome ? "" : outcome.error().message();
  }
  void send_raw(ByteSpan bytes) {
    (void)!::send(worker->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  std::optional<MessageId> reply() {
    auto received = worker->receive();
    if (!received) return std::nullopt;
    return received->id;
  }
  template <class Message>
  std::optional<MessageId> ask(const Message& message) {
    (void)worker->send(message);
    return reply();
  }

  cordon::testing::TemporaryDirectory directory;
  std::optional<Channel> worker;
  std::thread server;
  std::atomic<bool> ended = false;
  Result<void> outcome;
};

// One honest message of each kind, and its reply.
std::vector<std::pair<std::vector<uint8_t>, std::optional<MessageId>>> requests() {
  std::vector<std::pair<std::vector<uint8_t>, std::optional<MessageId>>> all;
  auto add = [&](const auto& message, std::optional<MessageId> answer) {
    all.emplace_back(*protocol::encode(message), answer);
  };
  add(protocol::PathOpen{.path = "file", .follow = true, .read = true}, MessageId::OpenReply);
  add(protocol::PathStat{.path = "file"}, MessageId::StatReply);
  add(protocol::PathSetTimes{.path = "file"}, MessageId::StatusReply);
  add(protocol::FileSetTimes{.file = 1}, MessageId::StatusReply);
  add(protocol::PathCreateDirectory{.path = "x"}, MessageId::StatusReply);
  add(protocol::PathRemoveDirectory{.path = "x"}, MessageId::StatusReply);
  add(protocol::PathUnlinkFile{.path = "x"}, MessageId::StatusReply);
  add(protocol::PathRename{.from = "x", .to = "y"}, MessageId::StatusReply);
  add(protocol::PathLink{.from = "x", .to = "y"}, MessageId::StatusReply);
  add(protocol::PathSymlink{.target = "x", .path = "y"}, MessageId::StatusReply);
  add(protocol::PathReadlink{.path = "x"}, MessageId::ReadlinkReply);
  add(protocol::DirectoryStat{}, MessageId::StatReply);
  add(protocol::DirectoryRead{}, MessageId::DirectoryReply);
  add(protocol::DirectorySync{}, MessageId::StatusReply);
  add(protocol::Release{.handles = {1}}, std::nullopt);
  return all;
}

TEST_F(ServerTest, AnswersEachRequestWithItsReply) {
  start();
  size_t kinds = 0;
  for (const auto& row : protocol::kMessageRows) kinds += row.direction == Direction::ToBroker;
  EXPECT_EQ(requests().size(), kinds) << "a request without a test";
  for (const auto& [bytes, answer] : requests()) {
    send_raw(bytes);
    if (answer) EXPECT_EQ(reply(), answer);
  }
  EXPECT_EQ(finish(), "");
}

// [P1] Every cut and a byte too many.
TEST_F(ServerTest, EachRequestAbusedIsTheEnd) {
  for (const auto& [bytes, answer] : requests()) {
    for (size_t size = 1; size < bytes.size(); ++size) {
      start();
      send_raw(ByteSpan(bytes).first(size));
      EXPECT_EQ(reply(), std::nullopt) << size;
      EXPECT_NE(finish(), "") << size;
    }
    auto longer = bytes;
    longer.push_back(0);
    start();
    send_raw(longer);
    EXPECT_NE(finish(), "");
  }
}

TEST_F(ServerTest, WhatIsNoRequestIsTheEnd) {  // [P1]
  for (size_t id = 0; id < 256; ++id) {
    if (id < protocol::kMessageRows.size() &&
        protocol::kMessageRows[id].direction == Direction::ToBroker) {
      continue;
    }
    start();
    const std::vector<uint8_t> bytes(20, static_cast<uint8_t>(id));
    send_raw(bytes);
    EXPECT_EQ(reply(), std::nullopt) << id;
    EXPECT_NE(finish(), "") << id;
  }
  start();
  send_raw(std::vector<uint8_t>(protocol::kMaxMessage + 1, 0));
  EXPECT_NE(finish(), "");
}

// [P1] [K1] Each before the reply to the one before was taken, together with it or after a while.
TEST_F(ServerTest, OneRequestAtATime) {
  const auto together = *protocol::encode(protocol::DirectoryRead{});
  start();
  for (int i = 0; i < 2; ++i) send_raw(together);
  EXPECT_NE(finish().find("before the last reply"), std::string::npos);
  const auto open = *protocol::encode(protocol::PathOpen{.path = "file", .read = true});
  start();
  send_raw(open);
  char byte;
  ASSERT_EQ(recv(worker->fd(), &byte, 1, MSG_PEEK), 1);
  send_raw(open);
  EXPECT_NE(finish().find("before the last reply"), std::string::npos);
}

TEST_F(ServerTest, FloodsWithoutReadingAreTheEnd) {  // [P1] [L1]
  start();
  const auto bytes = *protocol::encode(protocol::DirectoryRead{});
  while (::send(worker->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
  }
  EXPECT_NE(finish(), "");
  // Releases have no reply, and cost nothing.
  start();
  for (int i = 0; i < 20'000; ++i) {
    (void)worker->send(protocol::Release{.handles = std::vector<uint32_t>(64, 7)});
  }
  EXPECT_EQ(ask(protocol::DirectoryStat{}), MessageId::StatReply);
  EXPECT_EQ(finish(), "");
}

TEST_F(ServerTest, RandomlyDamagedRequestsAreAnsweredOrTheEnd) {  // [P1]
  std::mt19937_64 random(20260102);
  const auto honest = requests();
  int ends = 0, answered = 0;
  for (int round = 0; round < 400; ++round) {
    start();
    for (bool alive = true; alive;) {
      auto [bytes, answer] = honest[random() % honest.size()];
      for (uint64_t edits = random() % 3; edits > 0; --edits) {
        bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1 << (random() % 8));
      }
      if (random() % 8 == 0) bytes.resize(1 + random() % bytes.size());
      send_raw(bytes);
      if (bytes[0] == static_cast<uint8_t>(MessageId::Release)) {
        alive = !ended && random() % 4 != 0;
      } else {
        alive = reply().has_value();
        answered += alive;
      }
    }
    (void)finish();
    ++ends;
  }
  EXPECT_EQ(ends, 400);
  EXPECT_GT(answered, 400);
}

unsigned kind_of(int fd) {
  struct stat s{};
  return fstat(fd, &s) == 0 ? s.st_mode & unsigned{S_IFMT} : 0U;
}

// [J4] With its reply, and with no other; the number from which the supervisor could take one holds
// the channel.
TEST_F(ServerTest, AnOpenedFileComesWithItsReply) {
  start();
  auto file_of = [&](const auto& request) {
    (void)worker->send(request);
    auto received = worker->receive_with_file();
    EXPECT_TRUE(received && !received->file_lost);
    EXPECT_EQ(kind_of(kHandOver), unsigned{S_IFSOCK});
    return received ? std::move(received->file) : Fd();
  };
  EXPECT_FALSE(file_of(protocol::DirectoryStat{}).valid());
  const Fd file = file_of(protocol::PathOpen{.path = "file", .read = true});
  char text[8] = {};
  EXPECT_EQ(read(file.get(), text, sizeof text), 7);
  EXPECT_STREQ(text, "content");
  EXPECT_FALSE(file_of(protocol::PathOpen{.path = ".", .read = true}).valid());
  EXPECT_FALSE(file_of(protocol::PathOpen{.path = "../x", .read = true}).valid());
  EXPECT_EQ(finish(), "");
  EXPECT_EQ(kind_of(kHandOver), 0U);
}

// A process with CAP_SYS_RESOURCE is not limited.
void become_ordinary() {
  constexpr uid_t kNobodysId = 61234;
  if (geteuid() == 0 && setresuid(kNobodysId, kNobodysId, kNobodysId) != 0) _exit(1);
}

// [K1] Where other processes of the user leave it nothing to send, what was opened is at the one
// number until the next message; at all other times that is the channel, so that a request to take
// it then finds no file.
TEST_F(ServerTest, AFileThatCannotBeSentIsThereUntilTheNextMessage) {
  auto check = [this] {
    become_ordinary();
    const rlimit few{1000, 1000};
    setrlimit(RLIMIT_NOFILE, &few);
    start();
    const auto full = Channel::make_pair();
    const cordon::testing::Bundle bundle;
    while (bundle.send(full->first.get())) {
    }
    auto open_gives = [this](const char* path, unsigned kind) {
      (void)worker->send(protocol::PathOpen{.path = path, .read = true});
      const auto received = worker->receive_with_file();
      return received && received->id == MessageId::OpenReply && !received->file.valid() &&
             kind_of(kHandOver) == kind;
    };
    if (!open_gives("file", S_IFREG) || !open_gives(".", S_IFSOCK)) _exit(2);
    if (!open_gives("file", S_IFREG) || !open_gives("../x", S_IFSOCK)) _exit(3);
    if (!open_gives("file", S_IFREG) || ask(protocol::DirectoryStat{}) != MessageId::StatReply ||
        kind_of(kHandOver) != S_IFSOCK) {
      _exit(4);
    }
    _exit(0);
  };
  EXPECT_EXIT(check(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace cordon::path_broker
