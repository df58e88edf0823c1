// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A session whose worker is this test: whatever it sends, the session ends with the right reason
// and in time ([P1], [L1]).
#include "sandbox/supervisor/session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

namespace cordon::supervisor {
namespace {

using namespace std::chrono_literals;
using protocol::Action;
using protocol::Channel;
using protocol::Direction;

struct SessionTest : testing::Test {
  ~SessionTest() override {
    if (server.joinable()) finish();
  }

  void start(Action action, std::chrono::nanoseconds timeout = 20s, std::string invoke = "") {
    request.action = action;
    request.invoke = std::move(invoke);
    auto ends = Channel::make_pair();
    ASSERT_TRUE(ends);
    std::vector<Grant> grants;
    grants.push_back({Fd(open("/usr", O_RDONLY | O_DIRECTORY)), false});
    session.emplace(Channel(std::move(ends->first), Direction::ToSupervisor), std::move(grants),
                    request);
    worker.emplace(std::move(ends->second), Direction::ToWorker);
    process = Fd(eventfd(0, EFD_CLOEXEC));
    server = std::thread([this, timeout] {
      Deadline deadline(Deadline::Clock::now(), timeout);
      auto served = session->serve(process.get(), deadline);
      ASSERT_TRUE(served);
      end = std::move(*served);
      session.reset();
    });
  }
  // As when the worker's process ends.
  SessionEnd& finish() {
    uint64_t one = 1;
    worker.reset();
    (void)!write(process.get(), &one, sizeof one);
    server.join();
    return end;
  }
  void send_raw(ByteSpan bytes) {
    (void)!::send(worker->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  template <class Message>
  void send(const Message& message) {
    (void)worker->send(message);
  }
  // The number of the next reply; nothing if the session hung up.
  std::optional<protocol::MessageId> reply() {
    auto received = worker->receive();
    if (!received) return std::nullopt;
    return received->id;
  }

  RunRequest request;
  std::optional<Session> session;
  std::optional<Channel> worker;
  Fd process;
  std::thread server;
  SessionEnd end;
};

TEST_F(SessionTest, AnswersEachRequestWithItsReply) {
  using protocol::MessageId;
  start(Action::Run);
  auto ask = [&](const auto& message) {
    send(message);
    return reply();
  };
  EXPECT_EQ(ask(protocol::PathOpen{.path = "bin", .follow = true, .read = true}),
            MessageId::OpenReply);
  EXPECT_EQ(ask(protocol::PathStat{.path = "bin"}), MessageId::StatReply);
  EXPECT_EQ(ask(protocol::PathSetTimes{.path = "bin"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathCreateDirectory{.path = "x"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathRemoveDirectory{.path = "x"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathUnlinkFile{.path = "x"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathRename{.from = "x", .to = "y"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathLink{.from = "x", .to = "y"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathSymlink{.target = "x", .path = "y"}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::PathReadlink{.path = "x"}), MessageId::ReadlinkReply);
  EXPECT_EQ(ask(protocol::DirectoryStat{}), MessageId::StatReply);
  EXPECT_EQ(ask(protocol::DirectoryRead{}), MessageId::DirectoryReply);
  EXPECT_EQ(ask(protocol::DirectorySync{}), MessageId::StatusReply);
  EXPECT_EQ(ask(protocol::DirectoryClose{}), MessageId::StatusReply);
  send(protocol::Verdict{.exit_code = 5});
  server.join();
  ASSERT_TRUE(end.verdict) << end.violation;
  EXPECT_EQ(end.verdict->exit_code, 5U);
}

TEST_F(SessionTest, FilesAreOnlyForARunningGuest) {  // [P1]
  for (Action action : {Action::Validate, Action::Inspect}) {
    start(action);
    send(protocol::PathStat{.path = "bin"});
    server.join();
    EXPECT_NE(end.violation.find("PathStat was not asked for"), std::string::npos) << end.violation;
  }
}

TEST_F(SessionTest, OutputIsOnlyTakenWhereItWasAskedFor) {  // [P1]
  start(Action::Inspect);
  send(protocol::Output{.text = "one "});
  send(protocol::Output{.text = "two"});
  send(protocol::Verdict{});
  server.join();
  EXPECT_EQ(end.output, "one two");
  for (Action action : {Action::Run, Action::Validate}) {
    start(action);
    send(protocol::Output{.text = "spoof"});
    server.join();
    EXPECT_NE(end.violation, "");
    EXPECT_EQ(end.output, "");
  }
  start(Action::Run, 20s, "add");
  send(protocol::Output{.text = "3"});
  EXPECT_EQ(finish().output, "3");
}

TEST_F(SessionTest, OutputIsBounded) {  // [L1]
  start(Action::Inspect);
  protocol::Output chunk{.text = std::string(protocol::kMaxChunk, 'x')};
  size_t sent = 0;
  while (worker->send(chunk) && sent <= 2 * kMaxOutput) sent += chunk.text.size();
  server.join();
  EXPECT_NE(end.violation.find("more output"), std::string::npos) << end.violation;
  EXPECT_LE(end.output.size(), kMaxOutput);
}

TEST_F(SessionTest, AFloodDoesNotPushTheDeadlineAway) {  // [L1]
  start(Action::Run, 300ms);
  auto begun = Deadline::Clock::now();
  uint64_t answered = 0;
  for (;; ++answered) {
    send(protocol::PathStat{.path = "bin"});
    if (!reply()) break;
  }
  server.join();
  auto took = Deadline::Clock::now() - begun;
  EXPECT_TRUE(end.timed_out) << end.violation;
  EXPECT_LE(took, 350ms);
  EXPECT_GT(answered, 100U);
}

TEST_F(SessionTest, RequestsWithoutReadingRepliesEndTheSession) {  // [P1]
  start(Action::Run);
  while (worker->send(protocol::DirectoryRead{})) {
  }
  server.join();
  EXPECT_EQ(end.violation, "does not read its replies");
}

TEST_F(SessionTest, AWorkerThatHangsUpAndLivesIsAViolation) {  // [P1]
  start(Action::Run);
  worker.reset();
  server.join();
  EXPECT_NE(end.violation.find("closed its end"), std::string::npos);
  start(Action::Run);
  finish();
  EXPECT_EQ(end.violation, "");
  EXPECT_TRUE(end.worker_ended);
}

TEST_F(SessionTest, WordsBeforeTheEndAreHeard) {
  start(Action::Run);
  send(protocol::Verdict{.exit_code = 9});
  finish();
  ASSERT_TRUE(end.verdict);
  EXPECT_EQ(end.verdict->exit_code, 9U);
}

// One honest request after the other, each damaged at random. A damaged one is answered or ends the
// session.
TEST_F(SessionTest, RandomlyDamagedRequestsAreAnsweredOrEndTheSession) {  // [P1]
  std::mt19937_64 random(20260102);
  std::vector<std::vector<uint8_t>> honest;
  auto add = [&](const auto& message) { honest.push_back(*protocol::encode(message)); };
  add(protocol::PathOpen{.path = "bin", .follow = true, .read = true});
  add(protocol::PathStat{.path = "bin/../lib", .follow = true});
  add(protocol::PathRename{.from = "bin", .to = "x"});
  add(protocol::PathSymlink{.target = "a", .path = "b"});
  add(protocol::DirectoryRead{.cookie = 1});
  add(protocol::DirectoryClose{.dir = 7});
  int ended = 0, answered = 0;
  for (int round = 0; round < 400; ++round) {
    start(Action::Run, 5s);
    for (bool alive = true; alive;) {
      auto bytes = honest[random() % honest.size()];
      for (uint64_t edits = random() % 3; edits > 0; --edits) {
        size_t at = random() % bytes.size();
        int flipped = bytes[at] ^ (1 << (random() % 8));
        bytes[at] = static_cast<uint8_t>(flipped);
      }
      if (random() % 8 == 0) bytes.resize(1 + random() % bytes.size());
      send_raw(bytes);
      alive = reply().has_value();
      answered += alive;
    }
    server.join();
    EXPECT_FALSE(end.timed_out);
    EXPECT_TRUE(end.verdict || !end.violation.empty());
    ++ended;
  }
  EXPECT_EQ(ended, 400);
  EXPECT_GT(answered, 400);
}

}  // namespace
}  // namespace cordon::supervisor
