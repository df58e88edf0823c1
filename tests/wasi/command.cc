// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/wasi/command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

namespace cordon::tests {
namespace {

std::vector<char*> c_strings(const std::vector<std::string>& list) {
  std::vector<char*> pointers;
  for (const std::string& text : list) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_end = ends[0];
    write_end = ends[1];
  }
};

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t size;
  while ((size = read(fd, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  close(fd);
  return text;
}

// The reader may close its end before all is written.
void write_all(int fd, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t size = write(fd, text.data() + at, text.size() - at);
    if (size <= 0) break;
    at += static_cast<size_t>(size);
  }
}

int exit_status(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

}  // namespace

Finished run_cordon(const std::vector<std::string>& args, const std::string& input, Input kind,
                    const std::vector<std::string>& environment) {
  std::vector<std::string> all = args;
  if (all[0] == "run") all.insert(all.begin() + 1, "--engine=" CORDON_ENGINE);
  return run_program(CORDON_PROGRAM, all, input, kind, environment);
}

Finished run_program(const std::string& program, const std::vector<std::string>& args,
                     const std::string& input, Input kind,
                     const std::vector<std::string>& environment) {
  signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> all = {program};
  all.insert(all.end(), args.begin(), args.end());
  std::vector<char*> argv = c_strings(all), envp = c_strings(environment);
  Pipe in, out, err;
  pid_t child = fork();
  EXPECT_GE(child, 0);
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    dup2(in.read_end, 0);
    dup2(out.write_end, 1);
    dup2(err.write_end, 2);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  for (int fd : {in.read_end, out.write_end, err.write_end}) close(fd);
  Finished finished;
  std::thread feed([&] {
    write_all(in.write_end, input);
    if (kind == Input::Text) close(in.write_end);
  });
  std::thread errors([&] { finished.err = read_all(err.read_end); });
  finished.out = read_all(out.read_end);
  errors.join();
  feed.join();
  finished.status = exit_status(child);
  if (kind == Input::Silent) close(in.write_end);
  return finished;
}

std::string guest(const std::string& name) {
  return std::string(CORDON_GUESTS) + "/" + name + ".wasm";
}

bool children_end_within(std::chrono::milliseconds time) {
  using Clock = std::chrono::steady_clock;
  for (const auto end = Clock::now() + time; Clock::now() < end;) {
    const pid_t ended = waitpid(-1, nullptr, WNOHANG);
    if (ended < 0 && errno == ECHILD) return true;
    if (ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

}  // namespace cordon::tests
