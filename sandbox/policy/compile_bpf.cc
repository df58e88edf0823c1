// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/policy/compile_bpf.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "core/base/os/fd.h"

namespace cordon::policy {
namespace {

using Context = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

// libseccomp returns 0 or -errno.
Result<void> check(int answer, std::string call) {
  if (answer != 0) return fail_os("libseccomp: " + std::move(call), -answer);
  return {};
}

Result<void> add_row(scmp_filter_ctx context, const Row& row, uint32_t action) {
  std::vector<scmp_arg_cmp> comparisons;
  for (const Condition& c : row.conditions) {
    if (c.mask == 0) continue;
    comparisons.push_back({c.argument, SCMP_CMP_MASKED_EQ, c.mask, c.value});
  }
  int answer =
      seccomp_rule_add_exact_array(context, action, static_cast<int>(row.number),
                                   static_cast<unsigned>(comparisons.size()), comparisons.data());
  return check(answer, "row " + std::string(row.name) + " (" + conditions_text(row) + ")");
}

// libseccomp can only write to a descriptor.
Result<std::vector<sock_filter>> export_bytes(scmp_filter_ctx context) {
  Fd file(memfd_create("filter", MFD_CLOEXEC));
  if (!file.valid()) return fail_os("memfd_create", errno);
  TRY_VOID(check(seccomp_export_bpf(context, file.get()), "export"));
  off_t size = lseek(file.get(), 0, SEEK_END);
  std::vector<sock_filter> program(static_cast<size_t>(size) / sizeof(sock_filter));
  if (pread(file.get(), program.data(), static_cast<size_t>(size), 0) != size) {
    return fail_os("read of the exported filter", errno);
  }
  return program;
}

}  // namespace

Result<std::vector<sock_filter>> compile_bpf(Worker worker, Phase phase) {
  // [J2] A call that no row allows is held and notified; another architecture is killed at once.
  const bool set_up = phase == Phase::SetUp;
  Context context(seccomp_init(set_up ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW), seccomp_release);
  if (context == nullptr) return fail_os("libseccomp: init", ENOMEM);
  TRY_VOID(check(seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                 "action for other architectures"));
  if (seccomp_arch_native() != SCMP_ARCH_X86_64) return fail_os("libseccomp: x86-64 only", ENOTSUP);
  for (const Row& row : rows_of(worker)) {
    if (set_up && row.answer == Answer::Allow) {
      TRY_VOID(add_row(context.get(), row, SCMP_ACT_ALLOW));
    } else if (!set_up && (row.phase == Phase::SetUp || row.answer == Answer::Never)) {
      TRY_VOID(add_row(context.get(), row, SCMP_ACT_KILL_PROCESS));
    }
  }
  return export_bytes(context.get());
}

}  // namespace cordon::policy
