// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The policies without the kernel ([J2] [W1]): the bytes that the workers carry run in a software
// evaluator over every system call number, both architectures and the edges of every condition, and
// are held against a second reading of the table. Every instruction of a filter must be reached.
#include "sandbox/policy/policy.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "sandbox/policy/compile_bpf.h"
#include "sandbox/policy/filters.h"
#include "tests/sandbox/policy/bpf_evaluator.h"

namespace cordon::policy {
namespace {

constexpr uint32_t kX32Bit = 0x40000000;
constexpr uint32_t kNumbers = 1024;

seccomp_data call(uint32_t number, std::array<uint64_t, 6> arguments = {},
                  uint32_t arch = AUDIT_ARCH_X86_64) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = arch;
  data.instruction_pointer = 0x123456789abcdef0;
  std::copy(arguments.begin(), arguments.end(), data.args);
  return data;
}

// A worker in one of its phases: in the guest's the kernel runs both filters, and the stricter
// result counts (seccomp(2): the higher precedence, which is the lower value as a signed number).
struct PolicyTest : testing::TestWithParam<std::pair<Worker, Phase>> {
  PolicyTest()
      : set_up(filter_of(GetParam().first, Phase::SetUp)),
        guest(filter_of(GetParam().first, Phase::Guest)),
        rows(rows_of(GetParam().first)) {}

  uint32_t kernel_answers(const seccomp_data& data) {
    const uint32_t first = set_up.run(data);
    if (GetParam().second == Phase::SetUp) return first;
    const uint32_t second = guest.run(data);
    return static_cast<int32_t>(first) < static_cast<int32_t>(second) ? first : second;
  }
  static bool applies(const Row& row, const seccomp_data& data) {
    return row.number == static_cast<uint32_t>(data.nr) &&
           std::all_of(row.conditions.begin(), row.conditions.end(), [&](const Condition& c) {
             return (data.args[c.argument] & c.mask) == c.value;
           });
  }

  // The table read once more, without libseccomp.
  uint32_t table_answers(const seccomp_data& data) const {
    if (data.arch != AUDIT_ARCH_X86_64) return SECCOMP_RET_KILL_PROCESS;
    // x32's numbers, and all above but -1, which is no call in any form.
    if (static_cast<uint32_t>(data.nr) >= kX32Bit && data.nr != -1) return SECCOMP_RET_KILL_PROCESS;
    bool allowed_by_row = false, only_in_set_up = false, never = false;
    for (const Row& row : rows) {
      if (!applies(row, data)) continue;
      if (row.answer == Answer::Never) {
        never = true;
      } else {
        if (row.answer == Answer::Allow) allowed_by_row = true;
        if (row.phase == Phase::SetUp) only_in_set_up = true;
      }
    }
    if (GetParam().second == Phase::Guest && (never || only_in_set_up)) {
      return SECCOMP_RET_KILL_PROCESS;
    }
    return allowed_by_row ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF;
  }
  bool table_allows(const seccomp_data& data) const {
    return table_answers(data) == SECCOMP_RET_ALLOW;
  }
  void expect_same(const seccomp_data& data) {
    const uint32_t expected = table_answers(data);
    ASSERT_EQ(kernel_answers(data), expected)
        << "call " << data.nr << " arch " << data.arch << " args " << data.args[0] << " "
        << data.args[1] << " " << data.args[2] << " " << data.args[3];
    ++(expected == SECCOMP_RET_ALLOW ? allowed : denied);
  }

  BpfEvaluator set_up, guest;
  std::span<const Row> rows;
  int allowed = 0, denied = 0;
};

// Arguments that meet all of the row's conditions, every bit that no condition looks at being set.
std::array<uint64_t, 6> meeting(const Row& row, uint64_t free_bits) {
  std::array<uint64_t, 6> arguments;
  arguments.fill(free_bits);
  for (const Condition& c : row.conditions) {
    arguments[c.argument] = (arguments[c.argument] & ~c.mask) | c.value;
  }
  return arguments;
}

TEST_P(PolicyTest, FilterAndTableAgreeOnEveryCallAndEveryEdge) {  // [J2]
  const std::array<uint64_t, 6> samples[] = {
      {}, {1, 1, 1, 1, 1, 1}, {3, 3, 3, 3, 3, 3}, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}};
  // On i386 the numbers mean other calls: 1 is exit there, 11 execve.
  for (uint32_t arch : std::initializer_list<uint32_t>{AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
                                                       AUDIT_ARCH_AARCH64, 0, ~0U}) {
    for (uint32_t number = 0; number < kNumbers; ++number) {
      for (const auto& arguments : samples) {
        expect_same(call(number, arguments, arch));
        expect_same(call(number | kX32Bit, arguments, arch));
      }
    }
    for (uint32_t number : {0x3fffffffU, 0x7fffffffU, 0x80000000U, 0xbfffffffU, 0xffffffffU}) {
      expect_same(call(number, {}, arch));
    }
  }
  for (const Row& row : rows) {
    for (uint64_t free_bits : {uint64_t{0}, ~uint64_t{0}, ~uint64_t{0} << 32}) {
      const std::array<uint64_t, 6> met = meeting(row, free_bits);
      if (row.answer == Answer::Allow && in_phase(row, GetParam().second)) {
        ASSERT_TRUE(free_bits != 0 || row.name == "fcntl" || table_allows(call(row.number, met)))
            << row.name;
      }
      expect_same(call(row.number, met));
      expect_same(call(row.number, met, AUDIT_ARCH_I386));
      expect_same(call(row.number | kX32Bit, met));
      // Each argument with each of its 64 bits turned, the next values up and down, all its upper
      // half set.
      for (size_t argument = 0; argument < 6; ++argument) {
        auto with = [&](uint64_t value) {
          auto changed = met;
          changed[argument] = value;
          expect_same(call(row.number, changed));
        };
        for (int bit = 0; bit < 64; ++bit) with(met[argument] ^ (uint64_t{1} << bit));
        with(met[argument] + 1);
        with(met[argument] - 1);
        with(met[argument] | 0xffffffff00000000);
        with(met[argument] & 0xffffffff);
      }
    }
  }
  EXPECT_GT(allowed, 1000);
  EXPECT_GT(denied, 10000);
  EXPECT_EQ(set_up.unreached(), std::vector<size_t>()) << "instructions no input has reached";
  if (GetParam().second == Phase::Guest) EXPECT_EQ(guest.unreached(), std::vector<size_t>());
}

TEST_P(PolicyTest, TheWorkersCarryWhatThePolicyCompilesTo) {  // [J2]
  auto [worker, phase] = GetParam();
  auto compiled = compile_bpf(worker, phase);
  ASSERT_TRUE(compiled) << compiled.error().message();
  std::span<const sock_filter> carried = filter_of(worker, phase);
  ASSERT_EQ(carried.size(), compiled->size());
  EXPECT_EQ(std::memcmp(carried.data(), compiled->data(), carried.size_bytes()), 0);
  EXPECT_LE(carried.size(), size_t{BPF_MAXINSNS});
}

TEST_P(PolicyTest, EveryRowSaysWhyAndIsWellFormed) {  // [J2]
  for (const Row& row : rows) {
    EXPECT_FALSE(row.reason.empty()) << row.name;
    for (const Condition& c : row.conditions) {
      EXPECT_LT(c.argument, 6) << row.name;
      EXPECT_EQ(c.value & ~c.mask, 0U) << row.name << ": can never hold: " << c.text;
      EXPECT_EQ(c.mask == 0, c.text.empty()) << row.name;
    }
  }
}

// A row of set-up and one of the guest that both apply would be killed after the guest filter.
TEST_P(PolicyTest, RowsOfThePhasesDoNotOverlap) {  // [J2]
  for (const Row& row : rows) {
    if (row.phase != Phase::SetUp) continue;
    for (uint64_t free_bits : {uint64_t{0}, ~uint64_t{0}}) {
      const seccomp_data data = call(row.number, meeting(row, free_bits));
      for (const Row& other : rows) {
        if (other.phase == Phase::Guest && other.answer != Answer::Never) {
          EXPECT_FALSE(applies(other, data)) << row.name << " and " << other.name;
        }
      }
    }
  }
}

// No filter ever allows it. Before the guest runs natively the supervisor may let one form proceed
// ([W1], supervisor/gate.h); after the guest filter it is killed.
TEST_P(PolicyTest, NoCallMakesMemoryExecutable) {  // [W1] [W2]
  for (uint32_t number : {SYS_mmap, SYS_mprotect, SYS_pkey_mprotect}) {
    for (uint64_t prot = 0; prot < 16; ++prot) {
      for (uint64_t flags = 0; flags < 0x80000; flags += 1 + flags / 4096) {
        uint64_t upper = flags % 2 == 0 ? 0 : 0xffffffff00000000;
        const seccomp_data data = call(number, {0, 4096, (prot | PROT_EXEC) | upper, flags, 3, 0});
        ASSERT_NE(kernel_answers(data), SECCOMP_RET_ALLOW) << number << " " << flags;
        if (number != SYS_mmap) break;
      }
    }
  }
}

// [J4] The path broker alone sends one, to the run worker, which alone receives one.
TEST_P(PolicyTest, DescriptorsGoFromTheBrokerToTheRunWorkerAlone) {
  const Worker worker = GetParam().first;
  const bool sends = worker == Worker::Paths;
  const bool receives =
      worker == Worker::Run || worker == Worker::RunNative || worker == Worker::RunAuto;
  constexpr uint64_t kSend = MSG_NOSIGNAL | MSG_DONTWAIT, kReceive = MSG_CMSG_CLOEXEC;
  int met = 0;
  for (uint64_t fd = 0; fd < 16; ++fd) {
    for (uint64_t flags : {uint64_t{0}, kSend, kSend | MSG_OOB, uint64_t{MSG_NOSIGNAL}, kReceive,
                           kReceive | MSG_PEEK, kReceive | MSG_DONTWAIT}) {
      const bool sent = sends && fd == 5 && flags == kSend;
      const bool received = receives && fd == 4 && flags == kReceive;
      ASSERT_EQ(table_allows(call(SYS_sendmsg, {fd, 1, flags})), sent) << fd << " " << flags;
      ASSERT_EQ(table_allows(call(SYS_recvmsg, {fd, 1, flags})), received) << fd << " " << flags;
      expect_same(call(SYS_sendmsg, {fd, 1, flags}));
      expect_same(call(SYS_recvmsg, {fd, 1, flags}));
      met += sent || received;
    }
  }
  EXPECT_EQ(met, sends || receives ? 1 : 0);
}
TEST_P(PolicyTest, NoOtherCallCarriesADescriptor) {  // [J4]
  for (uint32_t number : {SYS_sendmsg, SYS_sendmmsg, SYS_recvmsg, SYS_recvmmsg, SYS_pidfd_getfd,
                          SYS_dup, SYS_dup2, SYS_dup3, SYS_socketpair, SYS_memfd_create}) {
    for (uint64_t bits : {uint64_t{0}, uint64_t{3}, ~uint64_t{0}}) {
      ASSERT_NE(kernel_answers(call(number, {bits, bits, bits, bits, bits, bits})),
                SECCOMP_RET_ALLOW)
          << number;
    }
  }
}

// And what the supervisor answers is these, and no others.
TEST(Policies, TheSupervisorAnswersTheseCalls) {  // [J2] [J4] [W1]
  std::set<std::string> asked;
  for (Worker worker : kWorkers) {
    for (const Row& row : rows_of(worker)) {
      if (row.answer != Answer::Ask) continue;
      asked.insert(std::string(name_of(worker)) + " " + std::string(name_of(row.phase)) + " " +
                   std::string(row.name));
    }
  }
  EXPECT_EQ(asked,
            (std::set<std::string>{
                "run set-up seccomp", "run guest pidfd_getfd", "run_native set-up mmap",
                "run_native set-up seccomp", "run_native guest pidfd_getfd", "run_auto guest mmap",
                "run_auto set-up seccomp", "run_auto guest pidfd_getfd", "compile set-up seccomp",
                "compile guest pidfd_getfd", "compile_auto set-up seccomp",
                "compile_auto guest pidfd_getfd", "paths set-up seccomp",
                "trace set-up pidfd_getfd", "trace set-up seccomp"}));
}

// A policy may only become wider on purpose: an added call must be added to this list too.
TEST(RunWorkerPolicy, TheGuestHasTheseCallsAndNoOthers) {  // [J2]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {
      "brk",         "clock_getres", "clock_gettime", "close",     "exit_group",
      "fadvise64",   "fallocate",    "fcntl",         "fdatasync", "fstat",
      "fsync",       "ftruncate",    "getrandom",     "lseek",     "mmap",
      "mprotect",    "munmap",       "pidfd_getfd",   "ppoll",     "prctl",
      "preadv",      "pwritev",      "readv",         "recvmsg",   "restart_syscall",
      "sched_yield", "sendto",       "write",         "writev"};
  const std::set<std::string_view> set_up = {"fcntl", "mmap", "recvfrom", "seccomp"};
  std::set<std::string_view> in_guest, in_set_up;
  for (const Row& row : rows_of(Worker::Run)) {
    (row.phase == Phase::Guest ? in_guest : in_set_up).insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
  EXPECT_EQ(in_set_up, set_up);
}

TEST(PathBrokerPolicy, TheServingBrokerHasTheseCallsAndNoOthers) {  // [J2] [F1]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {
      "brk",      "close",           "dup3",    "exit_group", "fcntl",
      "fstat",    "fstatfs",         "fsync",   "getdents64", "ioctl",
      "linkat",   "lseek",           "mkdirat", "mmap",       "mprotect",
      "mremap",   "munmap",          "openat2", "readlinkat", "recvfrom",
      "renameat", "restart_syscall", "sendmsg", "sendto",     "symlinkat",
      "unlinkat", "utimensat",       "write"};
  std::set<std::string_view> in_guest;
  for (const Row& row : rows_of(Worker::Paths)) {
    if (row.phase == Phase::Guest) in_guest.insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
}

std::set<std::string> texts(std::span<const Row> rows) {
  std::set<std::string> out;
  for (const Row& row : rows) {
    out.insert(std::string(name_of(row.phase)) + " " + std::string(row.name) + ": " +
               conditions_text(row));
  }
  return out;
}

TEST(RunWorkerPolicy, NativeCodeAddsTwoRows) {  // [J2]
  const std::span<const Row> plain = rows_of(Worker::Run), native = rows_of(Worker::RunNative);
  ASSERT_EQ(native.size(), plain.size() + 2);
  EXPECT_EQ(texts(rows_beyond(Worker::RunNative, Worker::Run)),
            (std::set<std::string>{
                "set-up mmap: prot == PROT_READ | PROT_EXEC, flags == MAP_SHARED | MAP_FIXED",
                "guest rt_sigreturn: "}));
  EXPECT_EQ(rows_beyond(Worker::Run, Worker::RunNative).size(), 0u);
}

// Code that comes while the guest runs: requests, a look for what has come, the seals of it, and
// the gate of [W1], which is open for longer.
TEST(RunWorkerPolicy, CodeThatComesLaterAddsFourRows) {  // [J2]
  EXPECT_EQ(texts(rows_beyond(Worker::RunAuto, Worker::RunNative)),
            (std::set<std::string>{
                "guest mmap: prot == PROT_READ | PROT_EXEC, flags == MAP_SHARED | MAP_FIXED",
                "guest sendto: fd == 3, flags == MSG_NOSIGNAL | MSG_DONTWAIT, address == NULL",
                "guest recvfrom: fd == 3, flags == MSG_DONTWAIT, address == NULL",
                "guest fcntl: command == F_GET_SEALS"}));
  EXPECT_EQ(texts(rows_beyond(Worker::RunNative, Worker::RunAuto)),
            (std::set<std::string>{
                "set-up mmap: prot == PROT_READ | PROT_EXEC, flags == MAP_SHARED | MAP_FIXED",
                "set-up fcntl: command == F_GET_SEALS"}));
}
TEST(CompileWorkerPolicy, CodeAsItIsNeededAddsItsRequests) {  // [J2]
  EXPECT_EQ(texts(rows_beyond(Worker::CompileAuto, Worker::Compile)),
            (std::set<std::string>{"guest recvfrom: fd == 3, flags == 0, address == NULL"}));
  EXPECT_EQ(texts(rows_beyond(Worker::Compile, Worker::CompileAuto)),
            (std::set<std::string>{"set-up recvfrom: fd == 3, flags == 0, address == NULL"}));
}

TEST(CompileWorkerPolicy, ItHasTheseCallsAndNoOthers) {  // [J2]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {"brk",   "clock_gettime",   "close",  "exit_group",
                                            "mmap",  "mprotect",        "munmap", "pidfd_getfd",
                                            "prctl", "restart_syscall", "sendto", "write"};
  const std::set<std::string_view> set_up_only = {"fcntl", "fstat", "mmap", "recvfrom", "seccomp"};
  std::set<std::string_view> in_guest, in_set_up;
  for (const Row& row : rows_of(Worker::Compile)) {
    (row.phase == Phase::Guest ? in_guest : in_set_up).insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
  EXPECT_EQ(in_set_up, set_up_only);
}

TEST(TraceWorkerPolicy, ItHasTheseCallsAndNoOthers) {  // [J2]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {
      "brk",   "exit_group", "futex",           "mmap",   "mprotect", "mremap",
      "prctl", "munmap",     "restart_syscall", "sendto", "write"};
  std::set<std::string_view> in_guest;
  for (const Row& row : rows_of(Worker::Trace)) {
    if (row.phase == Phase::Guest) in_guest.insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
}

TEST(RunWorkerPolicy, ConditionsReadAsText) {
  std::set<std::string> texts;
  for (const Row& row : rows_of(Worker::Run)) {
    texts.insert(std::string(row.name) + ": " + conditions_text(row));
  }
  EXPECT_TRUE(texts.contains("sendto: fd == 3, flags == MSG_NOSIGNAL, address == NULL"));
  EXPECT_TRUE(texts.contains("mprotect: prot within PROT_READ | PROT_WRITE"));
  EXPECT_TRUE(texts.contains("ppoll: sigmask == NULL"));
  EXPECT_TRUE(texts.contains("readv: "));
}

std::vector<std::pair<Worker, Phase>> all_filters() {
  std::vector<std::pair<Worker, Phase>> out;
  for (Worker worker : kWorkers) {
    for (Phase phase : kPhases) out.emplace_back(worker, phase);
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Filters, PolicyTest, testing::ValuesIn(all_filters()),
                         [](const auto& info) {
                           std::string name(name_of(info.param.first));
                           return name + (info.param.second == Phase::SetUp ? "SetUp" : "Guest");
                         });

// The evaluator itself: what it cannot run it must not pass over.
TEST(BpfEvaluator, RefusesWhatSeccompWouldNotLoad) {
  const sock_filter bad[][2] = {
      {{BPF_LD | BPF_W | BPF_IND, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 2}, {BPF_RET | BPF_K, 0, 0, 0}},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64}, {BPF_RET | BPF_K, 0, 0, 0}},
      {{BPF_JMP | BPF_JA, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0}},
      {{BPF_JMP | BPF_JEQ | BPF_K, 9, 9, 0}, {BPF_RET | BPF_K, 0, 0, 0}},
  };
  for (const auto& program : bad) {
    EXPECT_THROW(BpfEvaluator(program).run(call(0)), std::runtime_error);
  }
}

}  // namespace
}  // namespace cordon::policy
