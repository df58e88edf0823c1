// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Many runs of one user at once, by every engine, without a grant and with a file that they open,
// alone and beside a hostile process of the same user ([K1]): none fails, and nothing is left of
// them. The long form,
// by CORDON_MANY_RUNS=1000, has a hundred at a time and is not for CI.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <iostream>

#include "tests/kit/descriptors_in_flight.h"
#include "tests/kit/file_module.h"
#include "tests/tools/program.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using namespace std::chrono_literals;

int descriptors_of_this_process() {
  int count = 0;
  DIR* all = opendir("/proc/self/fd");
  while (readdir(all) != nullptr) ++count;
  closedir(all);
  return count;
}

// As far as the hard limit goes.
void may_have_open(rlim_t most) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min(files.rlim_max, most);
  setrlimit(RLIMIT_NOFILE, &files);
}

// Uses up every account that the kernel keeps for its user and not for one process: descriptors in
// flight, as many as permitted and never received; memory of pipes; unread messages. And it
// continues to take what becomes free. It writes to `ready` when it has all.
[[noreturn]] void be_hostile(int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const testing::Bundle bundle;
  const std::vector<char> block(size_t{1} << 16);
  may_have_open(1024);
  for (;;) {
    int ends[2], pipes[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0) {
      may_have_open(RLIM_INFINITY);  // it may have as many in flight as it may have open
      while (bundle.send(ends[0])) {
      }
      may_have_open(1024);
      while (send(ends[1], block.data(), block.size(), MSG_NOSIGNAL) > 0) {
      }
    }
    if (pipe2(pipes, O_NONBLOCK) == 0) {
      fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
      while (write(pipes[1], block.data(), block.size()) > 0) {
      }
    } else if (ready >= 0) {  // it has as many descriptors as it may have
      (void)!write(ready, "", 1);
      close(ready);
      ready = -1;
    } else {
      std::this_thread::sleep_for(1ms);
    }
  }
}

class HostileNeighbour {
 public:
  HostileNeighbour() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) be_hostile(ends[1]);
    close(ends[1]);
    char word;
    ready_ = read(ends[0], &word, 1) == 1;
    close(ends[0]);
  }
  ~HostileNeighbour() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  bool ready() const { return ready_; }

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

struct ManyRuns : ::testing::Test {
  ManyRuns() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // what a run leaves becomes this process's child
    testing::ModuleBuilder module;
    module.export_("f", wasm::ExternKind::Func, module.func({{}, {}}, testing::WasmBytes()));
    directory.write("fine.wasm", module.build());
    directory.write("files.wasm", testing::file_module());
    directory.write("granted/file", "content");
  }
  std::vector<std::string> words(int number) const {
    std::vector<std::string> words = {"run", "--jail=degraded", "--timeout", "600s"};
    words.push_back(number % 2 == 0 ? "--engine=jit" : "--engine=interp");
    const bool granted = number % 4 >= 2;
    if (granted) words.insert(words.end(), {"--dir", (directory / "granted").string() + "::/::rw"});
    words.insert(words.end(),
                 {"--invoke", "f", (directory / (granted ? "files.wasm" : "fine.wasm")).string()});
    return words;
  }
  // How many of them do not end as they should.
  int failures() const {
    const char* wanted = std::getenv("CORDON_MANY_RUNS");
    const int total = wanted == nullptr ? 100 : std::atoi(wanted);
    const int at_once = wanted == nullptr ? 25 : 100;
    int failed = 0;
    const auto start = Clock::now();
    for (int done = 0; done < total; done += at_once) {
      std::vector<std::unique_ptr<Program>> programs;
      for (int i = 0; i < at_once; ++i) programs.push_back(std::make_unique<Program>(words(i)));
      for (auto& program : programs) failed += program->wait() != 0;
    }
    std::cout << total << " runs, " << at_once << " at a time, by user " << geteuid() << ": "
              << failed << " failed, "
              << std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count()
              << " s\n";
    return failed;
  }
  testing::TemporaryDirectory directory;
};

TEST_F(ManyRuns, AtOnceAllEnd) {  // [K1]
  const int before = descriptors_of_this_process();
  EXPECT_EQ(failures(), 0);
  EXPECT_EQ(descriptors_of_this_process(), before);
  EXPECT_TRUE(children_end_within(std::chrono::seconds(2))) << "a process is left";
}

TEST_F(ManyRuns, BesideAHostileNeighbourAllEnd) {  // [K1]
  const int before = descriptors_of_this_process();
  {
    HostileNeighbour neighbour;
    ASSERT_TRUE(neighbour.ready());
    EXPECT_EQ(failures(), 0);
  }
  EXPECT_EQ(descriptors_of_this_process(), before);
  EXPECT_TRUE(children_end_within(std::chrono::seconds(2))) << "a process is left";
}

}  // namespace
}  // namespace cordon::tests
