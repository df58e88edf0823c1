// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every known way to memory that is executable, or to code that is writable ([W1], [W2]).
#include <fcntl.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

#define UNUSED_CHANNEL [[maybe_unused]] protocol::Channel& channel

namespace cordon::escape {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kNoFd = ~uint64_t{0};
constexpr uint64_t kAll = PROT_READ | PROT_WRITE | PROT_EXEC;

alignas(kPage) char g_data_page[kPage];

uint64_t code_page() { return reinterpret_cast<uint64_t>(&returned) & ~(kPage - 1); }

std::string map(uint64_t prot, uint64_t flags, uint64_t fd = kNoFd) {
  return returned(raw(SYS_mmap, 0, kPage, prot, flags, fd, 0));
}

std::string map_as_code(uint64_t fd) {
  const long room = raw(SYS_mmap, 0, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, kNoFd, 0);
  return returned(raw(SYS_mmap, static_cast<uint64_t>(room), kPage, PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED, fd, 0));
}

std::string refused(long result) {
  return (result < 0 ? "powerless: " : "gained something: ") + returned(result);
}

}  // namespace

std::string map_executable(UNUSED_CHANNEL) {
  return map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
}
std::string map_writable_executable(UNUSED_CHANNEL) {
  return map(kAll, MAP_PRIVATE | MAP_ANONYMOUS);
}
std::string map_shared_executable(UNUSED_CHANNEL) { return map(kAll, MAP_SHARED | MAP_ANONYMOUS); }
std::string map_file_executable(UNUSED_CHANNEL) {
  return map(PROT_READ | PROT_EXEC, MAP_PRIVATE, STDIN_FILENO);
}
std::string map_growsdown_executable(UNUSED_CHANNEL) {
  return map(kAll, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK);
}
std::string map_memfd_executable(UNUSED_CHANNEL) {
  long fd = raw(SYS_memfd_create, address("code"), 0);
  return map(PROT_READ | PROT_EXEC, MAP_SHARED, static_cast<uint64_t>(fd));
}
std::string mprotect_executable(UNUSED_CHANNEL) {
  return returned(raw(SYS_mprotect, address(g_data_page), kPage, PROT_READ | PROT_EXEC));
}
std::string mprotect_stack_executable(UNUSED_CHANNEL) {
  char here;
  return returned(raw(SYS_mprotect, address(&here) & ~(kPage - 1), kPage, kAll | PROT_GROWSDOWN));
}
std::string mprotect_code_writable(UNUSED_CHANNEL) {
  return returned(raw(SYS_mprotect, code_page(), kPage, kAll));
}
std::string pkey_mprotect_executable(UNUSED_CHANNEL) {
  return returned(raw(SYS_pkey_mprotect, address(g_data_page), kPage, kAll, kNoFd));
}
std::string shmat_executable(UNUSED_CHANNEL) {
  long id = raw(SYS_shmget, IPC_PRIVATE, kPage, IPC_CREAT | 0700);
  return returned(raw(SYS_shmat, static_cast<uint64_t>(id), 0, SHM_EXEC));
}
std::string remap_code_pages(UNUSED_CHANNEL) {
  return returned(raw(SYS_remap_file_pages, code_page(), kPage, 0, 0, 0));
}
std::string read_implies_exec(UNUSED_CHANNEL) {
  return returned(raw(SYS_personality, READ_IMPLIES_EXEC));
}
std::string execve_program(UNUSED_CHANNEL) {
  return returned(raw(SYS_execve, address("/bin/sh"), 0, 0));
}
std::string execveat_memfd(UNUSED_CHANNEL) {
  return returned(raw(SYS_execveat, STDIN_FILENO, address(""), 0, 0, AT_EMPTY_PATH));
}
std::string move_code_pages(UNUSED_CHANNEL) {
  return returned(raw(SYS_mremap, code_page(), kPage, kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
}
std::string map_over_code(UNUSED_CHANNEL) {
  return returned(
      raw(SYS_mmap, code_page(), kPage, kAll, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, kNoFd, 0));
}
std::string discard_code_pages(UNUSED_CHANNEL) {
  return returned(raw(SYS_madvise, code_page(), kPage, MADV_REMOVE));
}

// The gate of [W1], by its own flags: what is mapped is not for the worker to choose.
std::string map_null_as_code(UNUSED_CHANNEL) { return map_as_code(STDIN_FILENO); }
std::string map_the_channel_as_code(protocol::Channel& channel) {
  return map_as_code(static_cast<uint64_t>(channel.fd()));
}
std::string map_nothing_as_code(UNUSED_CHANNEL) { return map_as_code(100); }
std::string map_as_code_with_upper_bits(UNUSED_CHANNEL) {
  return returned(raw(SYS_mmap, code_page(), kPage, (uint64_t{1} << 32) | PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED, STDIN_FILENO, 0));
}
// Its own text, by calls that are allowed: sealed where the kernel has mseal (Linux 6.10).
std::string make_own_text_writable(UNUSED_CHANNEL) {
  return refused(raw(SYS_mprotect, code_page(), kPage, PROT_READ | PROT_WRITE));
}
std::string unmap_own_text(UNUSED_CHANNEL) { return refused(raw(SYS_munmap, code_page(), kPage)); }
// Page tables are charged to no account ([L1]): a page of zeros in each table of 2 MiB.
std::string fill_page_tables(UNUSED_CHANNEL) {
  constexpr uint64_t kStep = uint64_t{1} << 30, kTable = uint64_t{2} << 20;
  uint64_t tables = 0;
  for (;;) {
    const long at = raw(SYS_mmap, 0, kStep, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, kNoFd, 0);
    if (at < 0) break;
    for (uint64_t page = 0; page < kStep; page += kTable) {
      (void)*reinterpret_cast<const volatile char*>(static_cast<uint64_t>(at) + page);
      ++tables;
    }
    if (tables > (uint64_t{1} << 17)) return "as many page tables as it likes";
  }
  return "powerless: " + std::to_string(tables * 4 >> 10) + " MiB of page tables";
}

// [L1] RLIMIT_DATA, by the two ways to memory. The run's limit is 4 GiB; what is reserved is no
// memory.
std::string take_all_memory(UNUSED_CHANNEL) {
  constexpr uint64_t kStep = uint64_t{64} << 20, kEnough = uint64_t{8} << 30;
  constexpr uint64_t kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  uint64_t taken = 0;
  while (taken < kEnough && raw(SYS_mmap, 0, kStep, PROT_READ | PROT_WRITE, kFlags, kNoFd, 0) > 0) {
    taken += kStep;
  }
  long reserved = raw(SYS_mmap, 0, kEnough, PROT_NONE, kFlags, kNoFd, 0);
  for (uint64_t at = 0; at < kEnough; at += kStep) {
    long changed =
        raw(SYS_mprotect, static_cast<uint64_t>(reserved) + at, kStep, PROT_READ | PROT_WRITE);
    if (changed != 0) break;
    taken += kStep;
  }
  bool capped = taken >= (uint64_t{4} << 30) && taken < (uint64_t{5} << 30);
  return (capped ? "powerless: " : "took ") + std::to_string(taken >> 20) + " MiB";
}

std::string jump_into_data(UNUSED_CHANNEL) {
  g_data_page[0] = static_cast<char>(0xc3);  // ret
  reinterpret_cast<void (*)()>(g_data_page)();
  return "data ran as code";
}
std::string write_own_code(UNUSED_CHANNEL) {
  *reinterpret_cast<volatile char*>(&returned) = 0;
  return "code was written to";
}

}  // namespace cordon::escape
