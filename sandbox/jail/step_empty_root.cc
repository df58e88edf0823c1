// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The namespace is made in the step that works in it: whatever was withheld before, the mounts
// below can only be this process's own.
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/jail/steps.h"

namespace cordon::jail {

StepResult step::empty_root(const Settings&) {
  // A directory that exists wherever a worker can be launched, since launching uses it.
  const char* const kPlace = "/proc";
  if (unshare(CLONE_NEWNS) != 0) return failed("unshare CLONE_NEWNS");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return failed("mount private");
  if (mount("none", kPlace, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
            "size=4k,nr_inodes=1,mode=0111") != 0) {
    return failed("mount tmpfs");
  }
  if (chdir(kPlace) != 0) return failed("chdir");
  // pivot_root(2), NOTES: with "." twice the old root ends up on top of the new one, and umount
  // removes it from there, with all that is mounted beneath.
  if (syscall(SYS_pivot_root, ".", ".") != 0) return failed("pivot_root");
  if (umount2(".", MNT_DETACH) != 0) return failed("umount of the old root");
  if (chdir("/") != 0) return failed("chdir /");
  return {};
}

}  // namespace cordon::jail
