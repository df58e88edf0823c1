// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// landlock(7): every right that this kernel's Landlock knows is handled and no rule grants any.
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "core/base/os/fd.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

// landlock_ruleset_attr, which has grown since the oldest kernel headers that build this.
struct Ruleset {
  uint64_t files, network, scoped;
};

struct Version {
  int abi;
  Ruleset handled;
  size_t size;
};
// Each row with all rights up to its ABI.
constexpr Version kVersions[] = {
    {6, {0xffff, 0x3, 0x3}, sizeof(Ruleset)},          // scoped: abstract sockets, signals
    {5, {0xffff, 0x3, 0}, offsetof(Ruleset, scoped)},  // ioctl on devices
    {4, {0x7fff, 0x3, 0}, offsetof(Ruleset, scoped)},  // network: bind and connect
    {3, {0x7fff, 0, 0}, offsetof(Ruleset, network)},   // truncate
    {2, {0x3fff, 0, 0}, offsetof(Ruleset, network)},   // refer
    {1, {0x1fff, 0, 0}, offsetof(Ruleset, network)},
};

}  // namespace

StepResult step::landlock(const Settings&) {
  long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0) return failed("landlock_create_ruleset");
  const Version* version = kVersions;
  while (version->abi > abi) ++version;
  Fd ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &version->handled, version->size, 0)));
  if (!ruleset.valid()) return failed("landlock_create_ruleset");
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return failed("landlock_restrict_self");
  }
  return {};
}

}  // namespace cordon::jail
