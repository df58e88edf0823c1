// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/identity_map.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "core/base/os/fd.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

Result<void> write_file(pid_t pid, const char* name, const std::string& text) {
  std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return fail_os("open " + path, errno);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail_os("write " + path, errno);
  }
  return {};
}

// Is there a nobody to become here? In a container with few ids there may be none.
bool nobody_exists(const char* map) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(map, "re"), std::fclose);
  if (file == nullptr) return false;
  unsigned long inside, outside, count;
  while (std::fscanf(file.get(), "%lu %lu %lu", &inside, &outside, &count) == 3) {
    if (kNobody >= inside && kNobody - inside < count) return true;
  }
  return false;
}

std::string map_line(unsigned outside) {
  return std::to_string(kNobody) + " " + std::to_string(outside) + " 1";
}

// All ids that there are here, each as itself.
Result<std::string> own_map(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) return fail_os("open " + path, errno);
  std::string map;
  unsigned long inside, outside, count;
  while (std::fscanf(file.get(), "%lu %lu %lu", &inside, &outside, &count) == 3) {
    map += std::to_string(inside) + " " + std::to_string(inside) + " " + std::to_string(count);
    map += "\n";
  }
  return map;
}

}  // namespace

Result<void> map_identity(pid_t pid, Identity identity) {
  if (identity == Identity::User && geteuid() == 0) {
    const std::string users = TRY(own_map("/proc/self/uid_map"));
    const std::string groups = TRY(own_map("/proc/self/gid_map"));
    TRY_VOID(write_file(pid, "uid_map", users));
    return write_file(pid, "gid_map", groups);
  }
  bool root =
      geteuid() == 0 && nobody_exists("/proc/self/uid_map") && nobody_exists("/proc/self/gid_map");
  // Whoever is not root may map a group only after this.
  if (!root) TRY_VOID(write_file(pid, "setgroups", "deny"));
  TRY_VOID(write_file(pid, "uid_map", map_line(root ? kNobody : geteuid())));
  return write_file(pid, "gid_map", map_line(root ? kNobody : getegid()));
}

}  // namespace cordon::jail
