// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The worker's side of the path calls against a scripted path broker.
#include "sandbox/run_worker/rpc_broker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace cordon::run_worker {
namespace {

using protocol::Channel;
using protocol::Direction;
using protocol::Received;

wasi::OpenRequest ask(std::string_view path) {
  wasi::OpenRequest request{};
  request.path = path;
  return request;
}

struct RpcBrokerTest : testing::Test {
  RpcBrokerTest() : RpcBrokerTest(*Channel::make_pair()) {}
  explicit RpcBrokerTest(std::pair<Fd, Fd> ends)
      : paths(std::move(ends.first), Direction::ToBroker),
        broker(Channel(std::move(ends.second), Direction::FromBroker),
               {{"/data", true}, {"/lib", false}}) {}

  // Answers one request while `call` runs, with a descriptor if there is one.
  template <class Reply>
  int with_reply(const Reply& reply, const std::function<int()>& call, int file = -1) {
    std::thread answer([&, file] {
      auto received = paths.receive();
      ASSERT_TRUE(received);
      last = received->id;
      ASSERT_TRUE(file < 0 ? paths.send(reply) : paths.send_with_file(reply, file));
    });
    int result = call();
    answer.join();
    return result;
  }

  Channel paths;
  RpcBroker broker;
  protocol::MessageId last{};
};

TEST_F(RpcBrokerTest, TellsItsPreopens) {
  ASSERT_EQ(broker.preopens().size(), 2U);
  EXPECT_EQ(broker.preopens()[0].guest_path, "/data");
  EXPECT_TRUE(broker.preopens()[0].writable);
  EXPECT_FALSE(broker.preopens()[1].writable);
}

TEST_F(RpcBrokerTest, OpensFilesAndDirectories) {
  wasi::Opened opened, not_there;
  protocol::OpenReply file{.handle = 4, .stat = {.size = 12, .mode_type = S_IFREG}};
  const Fd null(open("/dev/null", O_RDWR));
  EXPECT_EQ(with_reply(file, [&] { return broker.open(ask("f"), opened); }, null.get()), 0);
  EXPECT_TRUE(opened.file.valid());
  EXPECT_EQ(opened.file_handle, 4U);
  EXPECT_EQ(opened.stat.size, 12U);
  // Here no supervisor inserts a descriptor (tests/escape has one that does): the call's own error.
  file.handle = protocol::kNoHandle;
  EXPECT_EQ(with_reply(file, [&] { return broker.open(ask("f"), not_there); }), EIO);
  EXPECT_FALSE(not_there.file.valid());
  wasi::Opened sub;
  protocol::OpenReply directory{.is_directory = true, .handle = 9};
  EXPECT_EQ(with_reply(directory, [&] { return broker.open(ask("d"), sub); }), 0);
  EXPECT_TRUE(sub.is_directory);
  EXPECT_EQ(sub.dir, 9U);
  wasi::Opened none;
  protocol::OpenReply refused{.error = EPERM};
  EXPECT_EQ(with_reply(refused, [&] { return broker.open(ask(".."), none); }), EPERM);
  EXPECT_FALSE(none.file.valid());
}

// [L1] And the broker is notified that it is closed.
TEST_F(RpcBrokerTest, AFileForWhichThereIsNoNumberIsAnErrorOfThatCall) {
  const Fd null(open("/dev/null", O_RDWR));
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const Fd lowest(dup(null.get()));
  const rlimit none{static_cast<rlim_t>(lowest.get()) + 1, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  wasi::Opened opened;
  const protocol::OpenReply reply{.handle = 4};
  const int error = with_reply(reply, [&] { return broker.open(ask("f"), opened); }, null.get());
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(error, EMFILE);
  EXPECT_FALSE(opened.file.valid());
  std::thread answer([&] {
    EXPECT_EQ(paths.receive()->as<protocol::Release>()->handles, std::vector<uint32_t>{4});
    EXPECT_TRUE(paths.receive());
    EXPECT_TRUE(paths.send(protocol::StatusReply{}));
  });
  EXPECT_EQ(broker.sync_directory(0), 0);
  answer.join();
}

TEST_F(RpcBrokerTest, PassesErrorsOn) {
  protocol::StatusReply refused{.error = EROFS};
  EXPECT_EQ(with_reply(refused, [&] { return broker.create_directory(1, "x"); }), EROFS);
  EXPECT_EQ(last, protocol::MessageId::PathCreateDirectory);
  EXPECT_EQ(with_reply(refused, [&] { return broker.rename(0, "a", 1, "b"); }), EROFS);
  EXPECT_EQ(last, protocol::MessageId::PathRename);
}

TEST_F(RpcBrokerTest, TellsOfClosedHandlesBeforeTheNextRequest) {
  auto released = [&] {
    auto received = paths.receive(Channel::Wait::DoNotWait);
    if (!received) return std::vector<uint32_t>();
    auto message = received->as<protocol::Release>();
    return message ? message->handles : std::vector<uint32_t>{~0U};
  };
  broker.close_directory(5);
  broker.close_file(6, false);
  EXPECT_EQ(released(), std::vector<uint32_t>());
  wasi::FileStat stat;
  int seen = 0;
  std::thread answer([&] {
    auto first = paths.receive();
    ASSERT_TRUE(first);
    auto message = first->as<protocol::Release>();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->handles, (std::vector<uint32_t>{5, 6}));
    auto second = paths.receive();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, protocol::MessageId::PathStat);
    ASSERT_TRUE(paths.send(protocol::StatReply{}));
    ++seen;
  });
  EXPECT_EQ(broker.stat(0, "x", true, stat), 0);
  answer.join();
  EXPECT_EQ(seen, 1);
  // At once if its room on the disk hangs by it, or if there are many.
  broker.close_file(7, true);
  EXPECT_EQ(released(), std::vector<uint32_t>{7});
  for (uint32_t i = 0; i < protocol::kMaxReleased; ++i) broker.close_directory(i);
  EXPECT_EQ(released().size(), protocol::kMaxReleased);
}

TEST_F(RpcBrokerTest, PathsTooLongForAMessageNeverLeave) {  // [P1]
  std::string path(protocol::kMaxPath + 1, 'p');
  wasi::Opened opened;
  wasi::FileStat stat;
  std::string text;
  EXPECT_EQ(broker.open(ask(path), opened), ENAMETOOLONG);
  EXPECT_EQ(broker.stat(0, path, true, stat), ENAMETOOLONG);
  EXPECT_EQ(broker.set_times(0, path, true, {}), ENAMETOOLONG);
  EXPECT_EQ(broker.create_directory(0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.remove_directory(0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.unlink_file(0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.rename(0, path, 0, "x"), ENAMETOOLONG);
  EXPECT_EQ(broker.rename(0, "x", 0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.link(0, path, false, 0, "x"), ENAMETOOLONG);
  EXPECT_EQ(broker.link(0, "x", false, 0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.symlink(path, 0, "x"), ENAMETOOLONG);
  EXPECT_EQ(broker.symlink("x", 0, path), ENAMETOOLONG);
  EXPECT_EQ(broker.readlink(0, path, text), ENAMETOOLONG);
  auto nothing = paths.receive(Channel::Wait::DoNotWait);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().os_error, EAGAIN);
}

TEST_F(RpcBrokerTest, EndsItsProcessWhenTheBrokerIsGoneOrStrange) {  // [J3]
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  wasi::FileStat stat;
  wasi::Opened opened;
  EXPECT_EXIT(
      {
        Channel gone = std::move(paths);
        gone = Channel(Fd(), Direction::ToBroker);
        broker.stat(0, "x", true, stat);
      },
      testing::ExitedWithCode(70), "");
  EXPECT_EXIT(
      {
        (void)paths.send(protocol::StatusReply{});  // the reply to another request
        broker.stat(0, "x", true, stat);
      },
      testing::ExitedWithCode(70), "");
}

// [F1] [P1] A descriptor of a path broker that was taken over: with a reply that has none, or one
// that is no file.
TEST_F(RpcBrokerTest, EndsItsProcessForADescriptorThatIsNone) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Fd null(open("/dev/null", O_RDWR)), root(open("/", O_RDONLY | O_DIRECTORY));
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const Fd pipe(pipe_ends[0]), other(pipe_ends[1]);
  wasi::Opened opened;
  wasi::FileStat stat;
  auto opens = [&](const protocol::OpenReply& reply, int fd) {
    (void)paths.send_with_file(reply, fd);
    (void)broker.open(ask("f"), opened);
    _exit(0);
  };
  const auto broken = testing::ExitedWithCode(70);
  for (int fd : {root.get(), pipe.get(), paths.fd()}) EXPECT_EXIT(opens({}, fd), broken, "");
  EXPECT_EXIT(opens({.error = EPERM}, null.get()), broken, "");
  EXPECT_EXIT(opens({.is_directory = true}, null.get()), broken, "");
  EXPECT_EXIT(opens({}, null.get()), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        (void)paths.send_with_file(protocol::StatReply{}, null.get());
        (void)broker.stat(0, "x", true, stat);
        _exit(0);
      },
      broken, "");
}

}  // namespace
}  // namespace cordon::run_worker
