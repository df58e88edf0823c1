// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run worker gone bad, and its requests for code while the guest runs ([P1] [J4] [W1]).
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "core/base/os/fd.h"
#include "sandbox/worker/ask.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;
using protocol::Descriptor;
using protocol::MessageId;

constexpr uint64_t kPage = 4096;
constexpr uint64_t kCodeRights = PROT_READ | PROT_EXEC, kCodeFlags = MAP_SHARED | MAP_FIXED;

void ask(Channel& channel, uint32_t body) {
  (void)channel.send(protocol::CompileMore{body}, Channel::Wait::DoNotWait);
}

// The next message of the supervisor, within a third of a second.
std::optional<protocol::Received> next(Channel& channel) {
  pollfd wait{channel.fd(), POLLIN, 0};
  timespec time{0, 333'000'000};
  if (raw(SYS_ppoll, address(&wait), 1, address(&time), 0, 0) <= 0) return std::nullopt;
  Result<protocol::Received> received = channel.receive(Channel::Wait::DoNotWait);
  return received ? std::optional(std::move(*received)) : std::nullopt;
}

// The descriptor of the next piece, or -1. It stays open.
int next_piece(Channel& channel) {
  const auto received = next(channel);
  if (!received || received->id != MessageId::Code) return -1;
  Result<Fd> file = worker::ask_for(Descriptor::NeededCode);
  return file ? file->release() : -1;
}

long map(int fd, uint64_t rights, uint64_t flags) {
  const long place = raw(SYS_mmap, 0, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0);
  return raw(SYS_mmap, static_cast<uint64_t>(place), kPage, rights, flags,
             static_cast<uint64_t>(fd), 0);
}

int piece_on_request(Channel& channel) {
  ask(channel, 0);
  return next_piece(channel);
}

std::string powerless_if(bool all_refused) {
  return all_refused ? "powerless" : "gained something";
}

}  // namespace

std::string asks_and_waits(Channel& channel) {
  ask(channel, 0);
  const auto received = next(channel);
  if (!received) return "powerless: nothing";
  if (received->id == MessageId::NoMoreCode) {
    const auto told = received->as<protocol::NoMoreCode>();
    return "powerless: no more code: " + (told ? told->why : "unreadable");
  }
  const auto code = received->as<protocol::Code>();
  return code && !code->last ? "powerless: a piece" : "another message";
}

// The compile worker has been ended meanwhile, where that is to be.
std::string asks_once_more_after_a_pause(Channel& channel) {
  std::string text = "powerless: pieces";
  for (uint32_t body = 0; body < 3; ++body) {
    ask(channel, body);
    char bytes[2] = {};
    iovec part{bytes, sizeof bytes};
    const int piece = next_piece(channel);
    (void)raw(SYS_preadv, static_cast<uint64_t>(piece), address(&part), 1, 0, 0);
    raw(SYS_close, static_cast<uint64_t>(piece));
    text += std::string(" ") + bytes[1];
    if (next(channel)) return "a piece that nobody requested";
  }
  return text;
}

std::string asks_a_million_times(Channel& channel) {
  for (uint32_t i = 0; i < 1'000'000; ++i) {
    if (!channel.send(protocol::CompileMore{i})) break;
  }
  return "a million requests were taken";
}
std::string asks_the_same_again(Channel& channel) {
  for (int i = 0; i < 10'000; ++i) (void)channel.send(protocol::CompileMore{0});
  return powerless_if(!next(channel));
}
std::string asks_out_of_range(Channel& channel) {
  ask(channel, ~uint32_t{0});
  return asks_and_waits(channel);
}
// One piece waits for this process, and the supervisor keeps few more.
std::string asks_and_never_takes(Channel& channel) {
  for (uint32_t i = 0; i < 2000; ++i) (void)channel.send(protocol::CompileMore{i});
  const bool came = next(channel).has_value();
  return powerless_if(came && !next(channel));
}
std::string takes_more_than_there_may_be(Channel& channel) {
  for (uint32_t i = 0; i < 5000; ++i) {
    ask(channel, i);
    close(next_piece(channel));
  }
  return "five thousand pieces came";
}
std::string answers_for_the_compiler(Channel& channel) {
  (void)channel.send(protocol::Compiled{.code_size = 0});
  return asks_and_waits(channel);
}
std::string asks_like_the_supervisor(Channel& channel) {
  (void)channel.send(protocol::CompileBody{0});
  return asks_and_waits(channel);
}
std::string asks_half_a_number(Channel& channel) {
  const uint8_t bytes[] = {static_cast<uint8_t>(MessageId::CompileMore), 0, 0};
  (void)!write(channel.fd(), bytes, sizeof bytes);
  return asks_and_waits(channel);
}

std::string takes_code_before_it_asks([[maybe_unused]] Channel& channel) {
  return returned(raw(SYS_pidfd_getfd, static_cast<uint64_t>(Descriptor::NeededCode), 0, 0));
}
std::string takes_code_before_the_guest_runs(Channel& channel) {
  return takes_code_before_it_asks(channel);
}
std::string takes_code_of_the_other_phase(Channel& channel) {
  ask(channel, 0);
  (void)next(channel);
  return returned(raw(SYS_pidfd_getfd, static_cast<uint64_t>(Descriptor::Code), 0, 0));
}
std::string takes_code_twice(Channel& channel) {
  (void)piece_on_request(channel);
  return takes_code_before_it_asks(channel);
}

std::string maps_code(Channel& channel) {
  const long at = map(piece_on_request(channel), kCodeRights, kCodeFlags);
  return at < 0 ? "no mapping: " + returned(at) : "powerless: mapped";
}
std::string maps_code_twice(Channel& channel) {
  const int piece = piece_on_request(channel);
  (void)map(piece, kCodeRights, kCodeFlags);
  return returned(map(piece, kCodeRights, kCodeFlags));
}
std::string maps_the_code_before(Channel& channel) {
  const int first = piece_on_request(channel);
  ask(channel, 1);
  (void)next_piece(channel);
  return returned(map(first, kCodeRights, kCodeFlags));
}
// The supervisor's own file comes back under the number, and that is what is mapped.
std::string maps_code_it_has_closed(Channel& channel) {
  const int piece = piece_on_request(channel);
  raw(SYS_close, static_cast<uint64_t>(piece));
  const long at = map(piece, kCodeRights, kCodeFlags);
  if (at < 0) return returned(at);
  const bool is_code = *reinterpret_cast<const volatile char*>(at) == 'c';
  return powerless_if(is_code);
}
std::string maps_a_stream_as_code([[maybe_unused]] Channel& channel) {
  return returned(map(STDOUT_FILENO, kCodeRights, kCodeFlags));
}
std::string maps_the_channel_as_code(Channel& channel) {
  (void)piece_on_request(channel);
  return returned(map(channel.fd(), kCodeRights, kCodeFlags));
}
std::string maps_nothing_as_code([[maybe_unused]] Channel& channel) {
  return returned(map(-1, kCodeRights, kCodeFlags));
}
std::string maps_code_privately(Channel& channel) {
  return returned(map(piece_on_request(channel), kCodeRights, MAP_PRIVATE | MAP_FIXED));
}
std::string maps_code_writable(Channel& channel) {
  return returned(map(piece_on_request(channel), kCodeRights | PROT_WRITE, kCodeFlags));
}
std::string maps_code_without_a_place(Channel& channel) {
  return returned(map(piece_on_request(channel), kCodeRights, MAP_SHARED));
}
// What a guest's jail allows of files is to read them, not to map them.
std::string maps_code_for_reading(Channel& channel) {
  return returned(map(piece_on_request(channel), PROT_READ, MAP_PRIVATE | MAP_FIXED));
}
std::string makes_code_writable(Channel& channel) {
  const auto at = static_cast<uint64_t>(map(piece_on_request(channel), kCodeRights, kCodeFlags));
  return powerless_if(raw(SYS_mprotect, at, kPage, PROT_READ | PROT_WRITE) < 0);
}
std::string makes_memory_executable(Channel& channel) {
  (void)piece_on_request(channel);
  const long at =
      raw(SYS_mmap, 0, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0);
  return returned(raw(SYS_mprotect, static_cast<uint64_t>(at), kPage, kCodeRights));
}
std::string writes_to_the_file_of_code(Channel& channel) {
  const auto piece = static_cast<uint64_t>(piece_on_request(channel));
  char byte = 0;
  iovec part{&byte, 1};
  const long results[] = {raw(SYS_write, piece, address(&byte), 1),
                          raw(SYS_pwritev, piece, address(&part), 1, 0, 0),
                          raw(SYS_ftruncate, piece, 0), raw(SYS_fallocate, piece, 0, 0, kPage)};
  return powerless_if(std::ranges::all_of(results, [](long result) { return result < 0; }));
}

}  // namespace cordon::escape
