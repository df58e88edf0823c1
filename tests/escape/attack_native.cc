// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attacks on machine code that was published ([W1], [W2]): by the mapping, by its file, by other
// memory. The worker has kept what the honest one gives up: the code's descriptor.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>

#include "core/abi/code_blob.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/worker/ask.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

#define UNUSED_CHANNEL [[maybe_unused]] protocol::Channel& channel

namespace cordon::escape {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kNoFd = ~uint64_t{0};
constexpr uint64_t kReadWrite = PROT_READ | PROT_WRITE;

uint64_t g_code, g_fd;

// Every one of `results` is an error.
std::string all_refused(std::initializer_list<long> results) {
  std::string text = "powerless:";
  for (long result : results) {
    if (result >= 0) text = "gained something:";
  }
  for (long result : results) text += " " + std::to_string(result);
  return text;
}

// The file stays open.
void map_piece(Result<SealedFile> piece) {
  static Result<SealedFile> file = std::move(piece);
  if (!file) _exit(1);
  auto blob = abi::decode_blob(file->bytes());
  if (!blob) _exit(1);
  g_fd = static_cast<uint64_t>(file->fd());
  long room = raw(SYS_mmap, 0, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, ~uint64_t{0}, 0);
  if (room < 0) _exit(1);
  long at = raw(SYS_mmap, static_cast<uint64_t>(room), kPage, PROT_READ | PROT_EXEC,
                MAP_SHARED | MAP_FIXED, g_fd, blob->code_at);
  if (at < 0) _exit(1);
  g_code = static_cast<uint64_t>(at);
}

}  // namespace

void publish_code(protocol::Channel& channel) {
  auto received = channel.receive();
  if (!received) _exit(1);
  auto code = received->as<protocol::Code>();
  if (!code) _exit(1);
  auto taken = worker::ask_for(protocol::Descriptor::Code);
  if (!taken) _exit(1);
  map_piece(SealedFile::adopt(std::move(*taken), code->code_size));
}

void publish_requested_code(protocol::Channel& channel) {
  if (!channel.send(protocol::CompileMore{0}, protocol::Channel::Wait::DoNotWait)) _exit(1);
  pollfd wait{channel.fd(), POLLIN, 0};
  raw(SYS_ppoll, address(&wait), 1, 0, 0, 0);
  auto received = channel.receive(protocol::Channel::Wait::DoNotWait);
  if (!received || !received->as<protocol::Code>()) _exit(1);
  auto taken = worker::ask_for(protocol::Descriptor::NeededCode);
  if (!taken) _exit(1);
  map_piece(SealedFile::adopt_copy(std::move(*taken), protocol::kMaxCode));
}

std::string native_code_made_writable(UNUSED_CHANNEL) {
  return all_refused(
      {raw(SYS_mprotect, g_code, kPage, kReadWrite), raw(SYS_mprotect, g_code, kPage, PROT_WRITE)});
}
std::string native_code_made_writable_and_executable(UNUSED_CHANNEL) {
  return returned(raw(SYS_mprotect, g_code, kPage, kReadWrite | PROT_EXEC));
}
std::string native_code_written_to(UNUSED_CHANNEL) {
  *reinterpret_cast<volatile char*>(g_code) = 0;
  return "code was written to";
}
std::string native_code_file_written_to(UNUSED_CHANNEL) {
  char byte = 0;
  iovec part{&byte, 1};
  return all_refused({raw(SYS_write, g_fd, address(&byte), 1),
                      raw(SYS_writev, g_fd, address(&part), 1),
                      raw(SYS_pwritev, g_fd, address(&part), 1, kPage, 0)});
}
std::string native_code_file_resized(UNUSED_CHANNEL) {
  return all_refused({raw(SYS_ftruncate, g_fd, 0), raw(SYS_ftruncate, g_fd, 16 * kPage),
                      raw(SYS_fallocate, g_fd, 0, 0, 16 * kPage)});
}
std::string native_code_file_punched(UNUSED_CHANNEL) {
  constexpr uint64_t kPunchHole = 3;  // FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
  return returned(raw(SYS_fallocate, g_fd, kPunchHole, 0, kPage));
}
std::string native_code_file_mapped_writable(UNUSED_CHANNEL) {
  return returned(raw(SYS_mmap, 0, kPage, kReadWrite, MAP_SHARED, g_fd, 0));
}
std::string native_code_file_mapped_again(UNUSED_CHANNEL) {
  return returned(
      raw(SYS_mmap, g_code, kPage, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, g_fd, 0));
}
std::string native_code_replaced(UNUSED_CHANNEL) {
  raw(SYS_munmap, g_code, kPage);
  return returned(
      raw(SYS_mmap, g_code, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, kNoFd, 0));
}
std::string native_code_discarded(UNUSED_CHANNEL) {
  return returned(raw(SYS_madvise, g_code, kPage, MADV_REMOVE));
}
std::string native_data_made_executable(UNUSED_CHANNEL) {
  raw(SYS_mprotect, g_code, kPage, PROT_READ);
  return returned(raw(SYS_mprotect, g_code, kPage, PROT_READ | PROT_EXEC));
}
std::string native_memory_made_executable(UNUSED_CHANNEL) {
  long at = raw(SYS_mmap, 0, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, kNoFd, 0);
  *reinterpret_cast<volatile char*>(at) = static_cast<char>(0xc3);
  return returned(raw(SYS_mprotect, static_cast<uint64_t>(at), kPage, PROT_READ | PROT_EXEC));
}

}  // namespace cordon::escape
