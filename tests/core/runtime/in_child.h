// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a part of a test in a process of its own and reports how it ended, so that one test can ask
// for hundreds of ends that no process survives, and print them.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "core/base/check.h"
#include "core/runtime/trap_handler.h"

namespace cordon::testing {

// What `body` gives in the child (a string), or "died of: " and the runtime's reason if it ended as
// an escape attempt, or "signal N" or "exit N" for any other end.
template <class Body>
std::string end_in_child(Body body) {
  int said[2], told[2];
  CHECK(pipe(said) == 0 && pipe(told) == 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    dup2(told[1], STDERR_FILENO);
    const std::string result = body();
    (void)!write(said[1], result.data(), result.size());
    _exit(0);
  }
  close(said[1]);
  close(told[1]);
  const auto drain = [](int fd) {
    std::string text;
    char part[256];
    for (ssize_t n = 0; (n = read(fd, part, sizeof part)) > 0;) {
      text.append(part, static_cast<size_t>(n));
    }
    close(fd);
    return text;
  };
  const std::string result = drain(said[0]), error = drain(told[0]);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status)) + " " + error;
  const int code = WEXITSTATUS(status);
  if (code == 0) return result;
  if (code != runtime::kEscapeStatus) return "exit " + std::to_string(code) + " " + error;
  const std::string prefix = "cordon: escape attempt: ";
  const size_t at = error.find(prefix);
  if (at == std::string::npos) return "exit " + std::to_string(code) + " " + error;
  return "died of: " + error.substr(at + prefix.size(), error.find('\n', at) - at - prefix.size());
}

}  // namespace cordon::testing
