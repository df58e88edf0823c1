// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// landlock(7): every right that this kernel's Landlock knows is handled. No rule grants any of
// them, except in the path broker: there one rule a granted directory grants reading, and writing
// if it is writable ([F1]).
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "core/base/os/fd.h"
#include "sandbox/jail/landlock_abi.h"
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

constexpr uint64_t kTruncate = uint64_t{1} << 14;  // ABI 3, newer than the oldest kernel headers
constexpr uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// Neither devices, sockets and fifos can be made nor programs executed.
constexpr uint64_t kWriting = kReading | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate |
                              LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                              LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                              LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER;

StepResult add_grants(int ruleset, const Settings& settings, uint64_t handled) {
  const int end = kInheritedFd + static_cast<int>(settings.inherited);
  for (int fd = kFirstGrantFd; fd < end; ++fd) {
    const bool writable = (settings.writable_grants >> (fd - kFirstGrantFd) & 1) != 0;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = (writable ? kWriting : kReading) & handled;
    rule.parent_fd = fd;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
      return failed("landlock_add_rule");
    }
  }
  return {};
}

}  // namespace

int landlock_abi() {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

StepResult step::landlock(const Settings& settings) {
  const int abi = landlock_abi();
  if (abi == 0) return failed("landlock_create_ruleset");
  const Version* version = kVersions;
  while (version->abi > abi) ++version;
  Fd ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &version->handled, version->size, 0)));
  if (!ruleset.valid()) return failed("landlock_create_ruleset");
  if (settings.worker == policy::Worker::Paths) {
    StepResult added = add_grants(ruleset.get(), settings, version->handled.files);
    if (!added.done()) return added;
  }
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return failed("landlock_restrict_self");
  }
  return {};
}

}  // namespace cordon::jail
