// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <sstream>

namespace cordon::testing {

std::string proc_file(pid_t pid, const std::string& name) {
  const int fd = open(("/proc/" + std::to_string(pid) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::string text;
  char part[4096];
  for (ssize_t got; (got = read(fd, part, sizeof(part))) > 0;) {
    text.append(part, static_cast<size_t>(got));
  }
  close(fd);
  return text;
}

std::optional<Process> look_at(pid_t pid) {
  // pid (name) state parent: the name may hold anything, so the fields are read after its last
  // parenthesis.
  const std::string line = proc_file(pid, "stat");
  const size_t open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  Process process{pid, line.substr(open + 1, close - open - 1), '?', 0};
  std::istringstream rest(line.substr(close + 1));
  if (!(rest >> process.state >> process.parent)) return std::nullopt;
  return process;
}

std::vector<Process> all_processes() {
  std::vector<Process> found;
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
  while (directory != nullptr) {
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    if (auto process = look_at(std::atoi(entry->d_name))) found.push_back(*process);
  }
  return found;
}

std::vector<Process> children_of(pid_t parent) {
  std::vector<Process> found = all_processes();
  std::erase_if(found, [&](const Process& process) { return process.parent != parent; });
  return found;
}

}  // namespace cordon::testing
