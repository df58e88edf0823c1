// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "sandbox/jail/launch.h"

namespace cordon::jail {
namespace {

constexpr std::string_view kPrefix = "cordon-";
// The workers of a run, of which none may start a process.
constexpr const char* kMostProcesses = "4";
// How often a group may be lost, because another run took it for an abandoned one.
constexpr int kMostTries = 8;

Failure step_failed(const std::string& what, int error) {
  return Failure(Diagnostic{&diag::step_failed, kNoOffset, error, "cgroup: " + what});
}

std::string read_all(int directory, const char* name) {
  const Fd file(openat(directory, name, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t got; file.valid() && (got = read(file.get(), part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<size_t>(got));
  }
  return text;
}

// Cuts off and returns the next piece; empty at the end.
std::string_view next_piece(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

bool has_word(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    std::string_view line = next_piece(text, '\n');
    while (!line.empty()) {
      if (next_piece(line, ' ') == word) return true;
    }
  }
  return false;
}

struct Mount {
  std::string_view root, point;
};

// The first of type cgroup2 (proc_pid_mountinfo(5)).
std::optional<Mount> cgroup2_of(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    std::string_view line = next_piece(mountinfo, '\n');
    const size_t type = line.find(" - ");
    if (type == std::string_view::npos || !line.substr(type).starts_with(" - cgroup2 ")) continue;
    for (int field = 0; field < 3; ++field) next_piece(line, ' ');
    const std::string_view root = next_piece(line, ' ');
    return Mount{root, next_piece(line, ' ')};
  }
  return std::nullopt;
}

// Returns an empty text, with the directory open, if groups may be made there; else the reason.
std::string look_at_place(const std::string& path, Fd& directory) {
  Fd opened(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return "cannot open " + path + ": " + std::strerror(errno);
  const std::string controllers = read_all(opened.get(), "cgroup.subtree_control");
  for (const char* needed : {"memory", "pids"}) {
    if (has_word(controllers, needed)) continue;
    return "in " + path + " the controller " + needed + " is not enabled (cgroup.subtree_control)";
  }
  // Starting a process in another group requires the right to move one there.
  for (const char* needed : {".", "cgroup.procs"}) {
    if (faccessat(opened.get(), needed, W_OK, AT_EACCESS) != 0) {
      return path + " is not this user's to change: " + std::strerror(errno);
    }
  }
  directory = std::move(opened);
  return "";
}

std::string random_name() {
  uint64_t chance = 0;
  (void)!getrandom(&chance, sizeof chance, 0);
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), chance, 16).ptr;
  return std::string(kPrefix).append(digits.data(), end);
}

// Removes groups whose supervisor is gone. One that still has a process cannot be removed.
void remove_left_behind(int place) {
  const Fd copy(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(dup(copy.get())), closedir);
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries.get())) {
    if (!std::string_view(entry->d_name).starts_with(kPrefix)) continue;
    const Fd group(openat(place, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!group.valid() || flock(group.get(), LOCK_EX | LOCK_NB) != 0) continue;
    (void)unlinkat(place, entry->d_name, AT_REMOVEDIR);
  }
}

}  // namespace

std::string path_of_cgroup(std::string_view cgroup, std::string_view mountinfo) {
  std::string_view own;
  while (!cgroup.empty() && own.empty()) {
    const std::string_view line = next_piece(cgroup, '\n');
    if (line.starts_with("0::/")) own = line.substr(3);
  }
  const std::optional<Mount> mount = cgroup2_of(mountinfo);
  // Outside of the mount (".."), removed, or with characters that the table escapes.
  const bool strange = own.starts_with("/..") || own.ends_with(" (deleted)");
  if (own.empty() || !mount || strange || mount->point.find('\\') != std::string_view::npos)
    return "";
  const std::string_view root = mount->root == "/" ? "" : mount->root;
  if (!own.starts_with(root)) return "";
  own.remove_prefix(root.size());
  if (!own.empty() && own.front() != '/') return "";
  return std::string(mount->point).append(own == "/" ? "" : own);
}

CgroupPlace find_cgroup_place() {
  CgroupPlace place;
  // EINVAL means that the kernel has the call; an outer filter may not know it.
  if (syscall(SYS_clone3, nullptr, 0) != -1 || errno != EINVAL) {
    place.why_not = "no clone3";
    return place;
  }
  const std::string own = read_all(AT_FDCWD, "/proc/self/cgroup");
  const std::string mounts = read_all(AT_FDCWD, "/proc/self/mountinfo");
  place.path = path_of_cgroup(own, mounts);
  if (place.path.empty()) {
    place.why_not = "no hierarchy of version 2 is mounted that shows this process";
    return place;
  }
  place.why_not = look_at_place(place.path, place.directory);
  if (place.directory.valid() || own.find("0::/\n") != std::string::npos) return place;
  place.path.resize(place.path.rfind('/'));
  const std::string beside = look_at_place(place.path, place.directory);
  place.why_not = beside.empty() ? "" : place.why_not + "; " + beside;
  return place;
}

Result<std::optional<Cgroup>> Cgroup::make() {
  CgroupPlace place = find_cgroup_place();
  if (!place.directory.valid()) return std::optional<Cgroup>();
  remove_left_behind(place.directory.get());
  for (int tries = 0; tries < kMostTries; ++tries) {
    const std::string name = random_name();
    // The limit on groups may be reached, or we may lack the right.
    if (mkdirat(place.directory.get(), name.c_str(), 0755) != 0) return std::optional<Cgroup>();
    Cgroup made(Fd(fcntl(place.directory.get(), F_DUPFD_CLOEXEC, 0)), name,
                place.path + "/" + name);
    if (!made.lock()) continue;
    TRY_VOID(made.write("pids.max", kMostProcesses));
    TRY_VOID(made.write("memory.oom.group", "1"));
    return std::optional<Cgroup>(std::move(made));
  }
  return std::optional<Cgroup>();  // [K1] so many runs start here that each loses its own
}

// False if another run has taken it for an abandoned one, before it was locked.
bool Cgroup::lock() {
  directory_ = Fd(openat(place_.get(), name_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_.valid() || flock(directory_.get(), LOCK_EX | LOCK_NB) != 0) return false;
  return faccessat(place_.get(), name_.c_str(), F_OK, 0) == 0;
}

Cgroup::~Cgroup() {
  if (place_.valid()) (void)unlinkat(place_.get(), name_.c_str(), AT_REMOVEDIR);
}

Result<void> Cgroup::write(const char* file, const std::string& text) {
  const Fd opened(openat(directory_.get(), file, O_WRONLY | O_CLOEXEC));
  const bool written = opened.valid() && ::write(opened.get(), text.data(), text.size()) ==
                                             static_cast<ssize_t>(text.size());
  if (!written) return step_failed(path_ + "/" + file, errno);
  return {};
}

Result<void> Cgroup::limit_memory(uint64_t most) {
  return write("memory.max", std::to_string(most));
}

bool Cgroup::was_out_of_memory() const {
  const std::string events = read_all(directory_.get(), "memory.events");
  for (std::string_view left = events; !left.empty();) {
    std::string_view line = next_piece(left, '\n');
    if (next_piece(line, ' ') == "oom_kill") return line != "0";
  }
  return false;
}

}  // namespace cordon::jail
