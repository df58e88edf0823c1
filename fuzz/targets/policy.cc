// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// policy: system calls similar to what the tables allow, decided by the filters in a software
// evaluator and by the tables ([J2]), and calls that no table may ever allow ([W1] [J3]).
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <string>

#include "fuzz/gen/choices.h"
#include "fuzz/oracle/finding.h"
#include "sandbox/policy/compile_bpf.h"
#include "sandbox/policy/file_systems.h"
#include "sandbox/policy/filters.h"
#include "tests/sandbox/policy/bpf_evaluator.h"

namespace {

using namespace cordon;
using namespace cordon::policy;

constexpr uint32_t kX32Bit = 0x40000000;

const std::vector<sock_filter>& program(Worker worker, Phase phase) {
  static std::vector<sock_filter> made[kWorkers.size()][kPhases.size()];
  auto& out = made[static_cast<size_t>(worker)][static_cast<size_t>(phase)];
  if (!out.empty()) return out;
  auto compiled = compile_bpf(worker, phase);
  fuzz::expect(compiled.has_value(), "a policy that libseccomp refuses");
  return out = std::move(*compiled);
}

bool applies(const Row& row, const seccomp_data& call) {
  return row.number == static_cast<uint32_t>(call.nr) &&
         std::ranges::all_of(row.conditions, [&](const Condition& c) {
           return (call.args[c.argument] & c.mask) == c.value;
         });
}

// The table's decision, computed without libseccomp.
uint32_t table_answers(Worker worker, Phase phase, const seccomp_data& call) {
  const auto number = static_cast<uint32_t>(call.nr);
  const bool is_other = number >= kX32Bit && call.nr != -1;
  if (call.arch != AUDIT_ARCH_X86_64 || is_other) return SECCOMP_RET_KILL_PROCESS;
  bool allowed = false, ended = false;
  for (const Row& row : rows_of(worker)) {
    if (!applies(row, call)) continue;
    allowed |= row.answer == Answer::Allow;
    ended |= phase == Phase::Guest && (row.answer == Answer::Never || row.phase == Phase::SetUp);
  }
  if (ended) return SECCOMP_RET_KILL_PROCESS;
  return allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF;
}

uint32_t kernel_answers(Worker worker, Phase phase, const seccomp_data& call) {
  const auto set_up = static_cast<int32_t>(BpfEvaluator(program(worker, Phase::SetUp)).run(call));
  if (phase == Phase::SetUp) return static_cast<uint32_t>(set_up);
  const auto guest = static_cast<int32_t>(BpfEvaluator(program(worker, Phase::Guest)).run(call));
  return static_cast<uint32_t>(std::min(set_up, guest));
}

seccomp_data draw_call(fuzz::Choices& choices, Worker worker) {
  const std::span<const Row> rows = rows_of(worker);
  const Row& row = rows[choices.below(static_cast<uint32_t>(rows.size()))];
  constexpr uint32_t kArchitectures[] = {AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0};
  seccomp_data call{};
  call.nr = static_cast<int>(choices.once_in(16) ? choices.below(1024) : row.number);
  if (choices.once_in(32)) call.nr |= static_cast<int>(kX32Bit);
  call.arch = choices.once_in(32) ? choices.of(kArchitectures) : AUDIT_ARCH_X86_64;
  constexpr uint64_t kFree[] = {0, 1, 3, ~uint64_t{0}, ~uint64_t{0} << 32};
  for (auto& argument : call.args) argument = choices.of(kFree);
  for (const Condition& c : row.conditions) {
    call.args[c.argument] = (call.args[c.argument] & ~c.mask) | c.value;
  }
  if (choices.below(4) != 0) call.args[choices.below(6)] ^= uint64_t{1} << choices.below(64);
  return call;
}

// What must hold whatever the tables contain.
void check_never(Worker worker, const seccomp_data& call, uint32_t answer) {
  if (answer != SECCOMP_RET_ALLOW) return;
  constexpr uint32_t kNever[] = {SYS_execve, SYS_execveat, SYS_ptrace,
                                 SYS_fork,   SYS_vfork,    SYS_process_vm_writev,
                                 SYS_bpf,    SYS_socket,   SYS_sendmmsg};
  const auto number = static_cast<uint32_t>(call.nr);
  const bool maps = number == SYS_mmap || number == SYS_mprotect || number == SYS_pkey_mprotect;
  fuzz::expect(!maps || (call.args[2] & PROT_EXEC) == 0, "[W1] executable memory is allowed");
  fuzz::expect(std::ranges::find(kNever, number) == std::end(kNever),
               "[J3] a call that makes processes, looks into others or leaves the machine");
  const bool sends = number == SYS_sendmsg && worker != Worker::Paths;
  fuzz::expect(!sends, "[J4] a descriptor may be sent");
  // [T1] Without native code there is no handler that returns.
  const bool returns = number == SYS_rt_sigreturn && worker == Worker::Run;
  fuzz::expect(!returns, "[J2] a row of the worker that runs native code");
}

void check_file_system(uint64_t type) {
  std::string_view wanted;
#define KERNEL_INTERFACE(name, number) \
  if (type == uint64_t{number}) wanted = name;
#include "sandbox/policy/file_systems.def"
  fuzz::expect(kernel_interface(type) == wanted, "[F1] another kind of file system");
}

constexpr uint64_t kTypes[] = {
#define KERNEL_INTERFACE(name, number) number,
#define LOCAL_FILES(name, number) number,
#include "sandbox/policy/file_systems.def"
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Choices choices({data, size});
  while (!choices.spent()) {
    const Worker worker = choices.of(kWorkers);
    const Phase phase = choices.of(kPhases);
    const seccomp_data call = draw_call(choices, worker);
    const uint32_t answer = kernel_answers(worker, phase, call);
    if (answer != table_answers(worker, phase, call)) {
      fuzz::finding(std::string(name_of(worker)) + ", " + std::string(name_of(phase)) +
                    ": filter and table differ on call " + std::to_string(call.nr));
    }
    check_never(worker, call, answer);
    const uint64_t type = choices.of(kTypes);
    check_file_system(choices.below(2) == 0 ? type : type ^ uint64_t{1} << choices.below(64));
  }
  return 0;
}
