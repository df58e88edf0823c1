// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The policies without the kernel ([J2] [W1]): the bytes that the workers carry run in a software
// evaluator over every system call number, both architectures and the edges of every condition, and
// are held against a second reading of the table. Every instruction of a filter must be reached.
#include "sandbox/policy/policy.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/mman.h>
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

struct PolicyTest : testing::TestWithParam<std::pair<Worker, Phase>> {
  PolicyTest() : evaluator(filter_of(GetParam().first, GetParam().second)) {
    for (const Row& row : rows_of(GetParam().first)) {
      if (in_filter(row, GetParam().second)) rows.push_back(row);
    }
  }

  // The table read once more, without libseccomp.
  bool table_allows(const seccomp_data& data) const {
    if (data.arch != AUDIT_ARCH_X86_64) return false;
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.number == static_cast<uint32_t>(data.nr) &&
             std::all_of(row.conditions.begin(), row.conditions.end(), [&](const Condition& c) {
               return (data.args[c.argument] & c.mask) == c.value;
             });
    });
  }
  void expect_same(const seccomp_data& data) {
    uint32_t expected = table_allows(data) ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS;
    ASSERT_EQ(evaluator.run(data), expected)
        << "call " << data.nr << " arch " << data.arch << " args " << data.args[0] << " "
        << data.args[1] << " " << data.args[2] << " " << data.args[3];
    ++(expected == SECCOMP_RET_ALLOW ? allowed : killed);
  }

  std::vector<Row> rows;
  BpfEvaluator evaluator;
  int allowed = 0, killed = 0;
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
      ASSERT_TRUE(table_allows(call(row.number, met))) << row.name;
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
  EXPECT_GT(killed, 10000);
  EXPECT_EQ(evaluator.unreached(), std::vector<size_t>()) << "instructions no input has reached";
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

// The one exception: before the guest runs natively, a file may be mapped to be read and executed,
// shared, so that it is the sealed file itself.
TEST_P(PolicyTest, NoCallMakesMemoryExecutable) {  // [W1] [W2]
  const bool maps_code = GetParam() == std::pair{Worker::RunNative, Phase::SetUp};
  int allowed_maps = 0;
  for (uint32_t number : {SYS_mmap, SYS_mprotect, SYS_pkey_mprotect}) {
    for (uint64_t prot = 0; prot < 16; ++prot) {
      for (uint64_t flags = 0; flags < 0x80000; flags += 1 + flags / 4096) {
        uint64_t upper = flags % 2 == 0 ? 0 : 0xffffffff00000000;
        seccomp_data data = call(number, {0, 4096, (prot | PROT_EXEC) | upper, flags, 3, 0});
        if (maps_code && number == SYS_mmap && (prot | PROT_EXEC) == (PROT_READ | PROT_EXEC) &&
            flags == (MAP_SHARED | MAP_FIXED)) {
          ++allowed_maps;
          continue;
        }
        ASSERT_EQ(evaluator.run(data), SECCOMP_RET_KILL_PROCESS) << number << " " << flags;
        if (number != SYS_mmap) break;
      }
    }
  }
  EXPECT_EQ(allowed_maps, maps_code ? 2 : 0) << "with and without PROT_EXEC in prot";
}

// A policy may only become wider on purpose: whoever adds a call changes this list too.
TEST(RunWorkerPolicy, TheGuestHasTheseCallsAndNoOthers) {  // [J2]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {
      "brk",       "clock_getres", "clock_gettime", "close",    "exit_group",      "fadvise64",
      "fallocate", "fcntl",        "fdatasync",     "fstat",    "fsync",           "ftruncate",
      "getrandom", "lseek",        "mmap",          "mprotect", "munmap",          "ppoll",
      "preadv",    "pwritev",      "readv",         "recvmsg",  "restart_syscall", "sched_yield",
      "sendmsg",   "write",        "writev"};
  const std::set<std::string_view> set_up_only = {"fcntl", "mmap", "seccomp"};
  std::set<std::string_view> in_guest, in_set_up;
  for (const Row& row : rows_of(Worker::Run)) {
    (row.phase == Phase::Guest ? in_guest : in_set_up).insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
  EXPECT_EQ(in_set_up, set_up_only);
}

TEST(RunWorkerPolicy, NativeCodeAddsTwoRows) {  // [J2]
  const std::span<const Row> plain = rows_of(Worker::Run), native = rows_of(Worker::RunNative);
  ASSERT_EQ(native.size(), plain.size() + 2);
  std::set<std::string> added;
  for (const Row& row : native.first(2)) {
    added.insert(std::string(name_of(row.phase)) + " " + std::string(row.name) + ": " +
                 conditions_text(row));
  }
  EXPECT_EQ(added,
            (std::set<std::string>{
                "set-up mmap: prot == PROT_READ | PROT_EXEC, flags == MAP_SHARED | MAP_FIXED",
                "guest rt_sigreturn: "}));
}

TEST(CompileWorkerPolicy, ItHasTheseCallsAndNoOthers) {  // [J2]
#ifdef CORDON_SANITIZED
  GTEST_SKIP() << "builds with a sanitizer allow more";
#endif
  const std::set<std::string_view> guest = {"brk",    "clock_gettime",   "close",   "exit_group",
                                            "fcntl",  "memfd_create",    "mmap",    "mprotect",
                                            "munmap", "restart_syscall", "sendmsg", "write"};
  const std::set<std::string_view> set_up_only = {"fcntl", "fstat", "mmap", "recvmsg", "seccomp"};
  std::set<std::string_view> in_guest, in_set_up;
  for (const Row& row : rows_of(Worker::Compile)) {
    (row.phase == Phase::Guest ? in_guest : in_set_up).insert(row.name);
  }
  EXPECT_EQ(in_guest, guest);
  EXPECT_EQ(in_set_up, set_up_only);
}

TEST(RunWorkerPolicy, ConditionsReadAsText) {
  std::set<std::string> texts;
  for (const Row& row : rows_of(Worker::Run)) {
    texts.insert(std::string(row.name) + ": " + conditions_text(row));
  }
  EXPECT_TRUE(texts.contains("sendmsg: fd == 3, flags == MSG_NOSIGNAL"));
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

// The evaluator itself: what it can not run it must not pass over.
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
