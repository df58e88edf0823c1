// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/escape/makers.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "core/base/monotonic.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/worker/ask.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

uint32_t g_body;  // of the last request

// A page of what is no code blob.
std::string page() {
  std::string text(4096, 'c');
  text[1] = static_cast<char>('0' + g_body % 10);
  return text;
}

bool is_asked(Channel& channel) {
  const Result<protocol::Received> received = channel.receive();
  if (!received) return false;
  const auto wanted = received->as<protocol::CompileBody>();
  if (wanted) g_body = wanted->body;
  return wanted.has_value();
}
void answer(Channel& channel, bool last = false) {
  (void)send_piece(channel, as_bytes(page()), last, page().size());
}

}  // namespace

Fd send_piece(Channel& channel, ByteSpan bytes, bool last, uint64_t claimed) {
  Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
  if (!room) _exit(1);
  while (!bytes.empty()) {
    const ssize_t written = write(room->get(), bytes.data(), bytes.size());
    if (written < 0) break;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  (void)channel.send(protocol::Compiled{claimed, 1, last});
  return std::move(*room);
}

void answers_with_code(Channel& channel) {
  while (is_asked(channel)) answer(channel);
}
void answers_nothing(Channel& channel) {
  while (is_asked(channel)) (void)channel.send(protocol::Compiled{.code_size = 0});
}
void answers_twice(Channel& channel) {
  if (!is_asked(channel)) return;
  answer(channel);
  answer(channel);
}
void floods(Channel& channel) {
  if (!is_asked(channel)) return;
  for (int i = 0; i < 100'000; ++i) {
    if (!channel.send(protocol::Compiled{.code_size = 0})) return;
  }
}
void answers_with_all(Channel& channel) {
  if (is_asked(channel)) answer(channel, true);
}
void answers_of_another_size(Channel& channel) {
  if (is_asked(channel)) (void)send_piece(channel, as_bytes(page()), false, page().size() + 1);
}
void answers_without_room(Channel& channel) {
  if (is_asked(channel)) (void)channel.send(protocol::Compiled{.code_size = 4096});
}
void asks_back(Channel& channel) {
  if (is_asked(channel)) (void)channel.send(protocol::CompileBody{0});
}
void refuses_the_function(Channel& channel) {
  if (!is_asked(channel)) return;
  (void)channel.send(protocol::CompileFailed{"why", "not today", false});
}
void refuses_twice(Channel& channel) {
  refuses_the_function(channel);
  (void)channel.send(protocol::CompileFailed{"why", "not today", false});
}
void answers_too_late(Channel& channel) {
  if (!is_asked(channel)) return;
  const uint64_t start = monotonic_ns();
  while (monotonic_ns() - start < 2'000'000'000) {
  }
  answer(channel);
}

void ends_by_itself(Channel& channel) { (void)is_asked(channel); }
void ends_for_lack_of_memory(Channel& channel) {
  (void)is_asked(channel);
  _exit(protocol::kExitNoMemory);
}
void ends_like_an_escape(Channel& channel) {
  (void)is_asked(channel);
  _exit(protocol::kExitEscape);
}

void crashes_on_request(Channel& channel) {
  (void)is_asked(channel);
  __builtin_trap();
}
void makes_a_socket_on_request(Channel& channel) {
  (void)is_asked(channel);
  (void)raw(SYS_socket, 1, 1, 0);
}
void maps_executable_on_request(Channel& channel) {
  (void)is_asked(channel);
  (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~uint64_t{0}, 0);
}
void takes_two_rooms(Channel& channel) {
  (void)is_asked(channel);
  (void)worker::ask_for(protocol::Descriptor::CodeRoom);
  (void)worker::ask_for(protocol::Descriptor::CodeRoom);
}
void receives_with_control_data(Channel& channel) {
  msghdr header{};
  (void)raw(SYS_recvmsg, static_cast<uint64_t>(channel.fd()), address(&header), 0);
}

}  // namespace cordon::escape
