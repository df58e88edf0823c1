// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [W1] Keeps the program's own text unchanged: sealed (mseal(2), Linux 6.10), it cannot be made
// writable, unmapped or mapped over; and nothing that is or was writable becomes executable
// (PR_SET_MDWE, Linux 6.3). On kernels without them only the filters protect text, as far as they
// can see: no call makes memory executable, but text can be made writable (`cordon doctor`).
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

// Newer than the oldest kernel headers that build this.
constexpr int kSetMdwe = 65;                  // PR_SET_MDWE
constexpr unsigned long kRefuseExecGain = 1;  // PR_MDWE_REFUSE_EXEC_GAIN
constexpr long kMseal = 462;                  // SYS_mseal

bool seal(uint64_t base, const ElfW(Phdr) * headers, size_t count) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  for (size_t i = 0; i < count; ++i) {
    const ElfW(Phdr)& header = headers[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const uint64_t start = (base + header.p_vaddr) & ~(page - 1);
    const uint64_t end = (base + header.p_vaddr + header.p_memsz + page - 1) & ~(page - 1);
    if (syscall(kMseal, start, end - start, 0) != 0) return false;
  }
  return true;
}

int seal_object(dl_phdr_info* object, size_t, void*) {
  return seal(object->dlpi_addr, object->dlpi_phdr, object->dlpi_phnum) ? 0 : 1;
}

// The kernel's own page of code, which is missing in a static program's list.
bool seal_vdso() {
  const unsigned long at = getauxval(AT_SYSINFO_EHDR);
  if (at == 0) return true;
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(at);
  return seal(at, reinterpret_cast<const ElfW(Phdr)*>(at + header->e_phoff), header->e_phnum);
}

}  // namespace

StepResult step::seal_text(const Settings&) {
  if (prctl(kSetMdwe, kRefuseExecGain, 0, 0, 0) != 0 && errno != EINVAL) {
    return failed("prctl PR_SET_MDWE");
  }
  if (dl_iterate_phdr(seal_object, nullptr) == 0 && seal_vdso()) return {};
  return errno == ENOSYS ? StepResult{} : failed("mseal");
}

}  // namespace cordon::jail
