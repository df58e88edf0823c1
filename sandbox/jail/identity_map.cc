// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/identity_map.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

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

// Whether this id exists here. A container may have only a few ids.
bool exists(unsigned id, const char* map) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(map, "re"), std::fclose);
  if (file == nullptr) return false;
  unsigned long inside, outside, count;
  while (std::fscanf(file.get(), "%lu %lu %lu", &inside, &outside, &count) == 3) {
    if (id >= inside && id - inside < count) return true;
  }
  return false;
}

bool exists_as_user_and_group(unsigned id) {
  return exists(id, "/proc/self/uid_map") && exists(id, "/proc/self/gid_map");
}

// [K1] The outside identity of root's worker: an id that nothing else on the machine uses, so that
// no account that the kernel keeps per user is shared with another run. A random id from a range
// that systemd's list (UIDS-GIDS.md) leaves unused, since runs do not know of each other. If the
// range is not mapped, nobody; if that is not mapped either, nothing.
std::optional<unsigned> identity_of_a_run() {
  constexpr unsigned kFirst = 0x70000000, kMask = 0x03ffffff;
  unsigned chance = 0;
  if (getrandom(&chance, sizeof chance, 0) != sizeof chance) return std::nullopt;
  for (unsigned id : {kFirst + (chance & kMask), kNobody}) {
    if (exists_as_user_and_group(id)) return id;
  }
  return std::nullopt;
}

std::string map_line(unsigned outside) {
  return std::to_string(kNobody) + " " + std::to_string(outside) + " 1";
}

// All ids that exist here, each mapped to itself.
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
  std::optional<unsigned> own;
  if (geteuid() == 0) own = identity_of_a_run();
  // An unprivileged user may map a group only after this.
  if (!own) TRY_VOID(write_file(pid, "setgroups", "deny"));
  TRY_VOID(write_file(pid, "uid_map", map_line(own.value_or(geteuid()))));
  return write_file(pid, "gid_map", map_line(own.value_or(getegid())));
}

Result<void> go_first_without_memory(pid_t pid) { return write_file(pid, "oom_score_adj", "1000"); }

}  // namespace cordon::jail
