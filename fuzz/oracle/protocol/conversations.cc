// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/protocol/conversations.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <thread>

#include "fuzz/gen/wire.h"
#include "fuzz/oracle/finding.h"
#include "sandbox/path_broker/server.h"
#include "sandbox/protocol/codec.h"
#include "sandbox/supervisor/cache_use.h"
#include "sandbox/supervisor/code_supply.h"
#include "sandbox/supervisor/session.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::fuzz {

using namespace protocol;

namespace {

template <class Message>
void check_message(Choices& choices) {
  Wire wire(choices);
  constexpr bool kIsMessage = requires { Message::kId; };
  std::string name = "Config";
  if constexpr (kIsMessage) {
    name = row_of(Message::kId).name;
    wire.number(static_cast<uint64_t>(Message::kId), 1);
  }
  const Message none{};
  each_field(none, wire);
  wire.end();
  const bool is_good =
      !wire.is_wrong() && wire.bytes().size() <= (kIsMessage ? kMaxMessage : kMaxConfig);
  const Result<Message> decoded = decode<Message>(wire.bytes());
  expect(decoded.has_value() == is_good, (is_good ? "refused: " : "not refused: ") + name);
  if (!is_good) return;
  const auto again = encode(*decoded);
  expect(again && *again == wire.bytes(), "another encoding of " + name);
}

void check_numbers(Choices& choices) {
  const uint8_t number = choices.once_in(4)
                             ? choices.byte()
                             : static_cast<uint8_t>(choices.below(kMessageRows.size() + 2));
  const auto direction = static_cast<Direction>(choices.below(4));
  const uint8_t bytes[] = {number, 0};
  const bool is_one = number < kMessageRows.size() && kMessageRows[number].direction == direction;
  expect(identify(bytes, direction).has_value() == is_one, "the number or direction of a message");
}

template <class Message>
std::vector<uint8_t> encoded(const Message& message) {
  auto bytes = encode(message);
  expect(bytes.has_value(), "a message is too large");
  return std::move(*bytes);
}

Received received(const std::vector<uint8_t>& bytes) {
  Received made;
  made.id = static_cast<MessageId>(bytes[0]);
  made.bytes = bytes;
  return made;
}

// A request that has a reply.
std::vector<uint8_t> request(Choices& choices) {
  switch (choices.below(5)) {
    case 0: return encoded(PathStat{.path = "file"});
    case 1: return encoded(PathOpen{.path = "file", .follow = true, .read = true});
    case 2: return encoded(DirectoryRead{});
    case 3: return encoded(PathReadlink{.path = "x"});
    default: return encoded(PathUnlinkFile{.path = "x"});
  }
}

}  // namespace

void check_codec(Choices& choices) {
  check_numbers(choices);
  constexpr void (*kAll[])(Choices&) = {
      &check_message<Config>,
#define MESSAGE(name, direction, fields) &check_message<name>,
#include "sandbox/protocol/messages.def"
  };
  choices.of(kAll)(choices);
}

// Output where it is allowed, and one verdict, which is the last message.
void check_session(Choices& choices) {
  supervisor::RunRequest run;
  constexpr Action kActions[] = {Action::Run, Action::Validate, Action::Inspect, Action::Verify};
  run.action = choices.of(kActions);
  if (choices.below(2) == 0) run.invoke = "f";
  supervisor::Session session(run);
  const bool prints = run.action == Action::Inspect || (run.action == Action::Run && run.invoke);
  bool done = false;
  for (uint32_t i = choices.below(6); i > 0; --i) {
    std::vector<uint8_t> bytes;
    bool is_good = !done;
    switch (choices.below(5)) {
      case 0:
        bytes = encoded(Output{"text"});
        is_good &= prints;
        break;
      case 1: bytes = encoded(Verdict{}); break;
      case 2:
        bytes = encoded(Compiled{});
        is_good = false;
        break;
      case 3:
        bytes = encoded(CompileMore{});
        is_good = false;
        break;
      default: bytes = encoded(JailComplete{}); is_good = false;
    }
    const bool is_verdict = bytes[0] == static_cast<uint8_t>(MessageId::Verdict);
    const bool taken = session.handle(received(bytes)).has_value();
    expect(taken == is_good,
           "a run worker's message at the wrong time, or refused at the right one");
    if (!taken) return;
    done |= is_verdict;
  }
}

// One refusal, and nothing after it; where functions are requested, nothing before that. Pieces
// need a worker with a gate, and are refused without one.
void check_compilation(Choices& choices) {
  alignas(supervisor::Worker) std::byte nobody[sizeof(supervisor::Worker)];
  auto& worker = *reinterpret_cast<supervisor::Worker*>(nobody);  // never used
  const bool as_needed = choices.below(2) == 0;
  supervisor::Compilation compilation(worker, {.as_needed = as_needed, .most_code = kMaxCode});
  bool done = as_needed;
  for (uint32_t i = choices.below(4); i > 0; --i) {
    const uint32_t kind = choices.below(4);
    const std::vector<uint8_t> bytes = kind < 2    ? encoded(CompileFailed{"name", "text", false})
                                       : kind == 2 ? encoded(Verdict{})
                                                   : encoded(Compiled{.code_size = 1});
    const bool taken = compilation.handle(received(bytes)).has_value();
    expect(taken == (kind < 2 && !done), "a compile worker's message at the wrong time");
    if (!taken) return;
    done = true;
  }
}

// Requests for functions: of one engine alone, while the guest runs, and not for ever.
void check_requests(Choices& choices) {
  supervisor::RunRequest run;
  constexpr Engine kEngines[] = {Engine::Interp, Engine::Jit, Engine::Auto, Engine::Auto};
  run.engine = choices.of(kEngines);
  supervisor::Course course(run, supervisor::Deadline(supervisor::Deadline::Clock::now(), {}));
  supervisor::CacheUse cache(run, course);
  supervisor::CodeSupply supply(run, course, cache);
  const std::vector<uint8_t> good = encoded(CompileMore{choices.below(1000)});
  const std::vector<uint8_t> bad(good.begin(), good.end() - 1);
  const bool beyond = choices.once_in(64);
  uint32_t count = 0;
  for (uint32_t left = choices.below(4) + (beyond ? kMaxRequests : 0); left > 0; --left) {
    const bool is_short = choices.once_in(8) && !beyond, guest_runs = beyond || !choices.once_in(8);
    const bool is_good =
        run.engine == Engine::Auto && guest_runs && !is_short && count < kMaxRequests;
    const bool taken = supply.ask(received(is_short ? bad : good), guest_runs).has_value();
    expect(taken == is_good, "a request for code at the wrong time, or refused at the right one");
    if (!taken) return;
    ++count;
  }
}

// Each request is answered, unless it comes before the previous reply was received or is no
// request: then the broker ends with a message about it.
void check_server(Choices& choices) {
  static const testing::TemporaryDirectory directory;
  static const bool is_there = (directory.write("file", "content"), true);
  expect(is_there, "no directory");
  auto ends = Channel::make_pair();
  expect(ends.has_value(), "no socket");
  std::vector<path_broker::Grant> grants;
  grants.push_back(
      {Fd(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), false});
  path_broker::PathService service(std::move(grants), 50);
  Result<void> outcome;
  std::thread broker([&, end = std::move(ends->first)]() mutable {
    constexpr int kHandOver = 900;
    path_broker::Server server(Channel(std::move(end), Direction::ToBroker), std::move(service),
                               kHandOver);
    outcome = server.serve();
  });
  Channel guest(std::move(ends->second), Direction::FromBroker);
  bool breaks = false;
  for (uint32_t i = 1 + choices.below(4); i > 0 && !breaks; --i) {
    std::vector<uint8_t> bytes = request(choices);
    if (choices.once_in(8)) {
      bytes = choices.below(2) == 0 ? encoded(StatusReply{}) : encoded(Verdict{});
      breaks = true;
    }
    (void)!::send(guest.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (breaks) break;
    if (choices.once_in(4)) {
      (void)!::send(guest.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      breaks = true;
      break;
    }
    expect(guest.receive().has_value(), "a request without an answer");
  }
  ::shutdown(guest.fd(), SHUT_WR);
  broker.join();
  expect(outcome.has_value() == !breaks, "the broker goes on after what it must not take, or ends");
}

}  // namespace cordon::fuzz
