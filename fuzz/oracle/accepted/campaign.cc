// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The child counts in memory shared with its parent, and records there which program it runs; so
// when it dies, the parent knows the program, and forks another child for the next.
#include "fuzz/oracle/accepted/campaign.h"

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <memory>

#include "core/base/check.h"
#include "core/runtime/trap_handler.h"
#include "fuzz/oracle/accepted/breach.h"

namespace cordon::fuzz::accepted {
namespace {

constexpr uint64_t kBatch = 500;        // programs of one child, so that it does not grow
constexpr suseconds_t kTime = 300'000;  // of one program, microseconds
constexpr uint64_t kStackBytes = 65536;
constexpr size_t kMostFaults = 20;
constexpr size_t kTextSize = 400;

struct Shared {
  uint64_t next;  // the program that runs now or is next
  uint64_t ends[std::size(kEndNames)];
  Tally tally;
  char refusal[kTextSize];  // of the first one
};

using InputOf = std::function<std::vector<uint8_t>(uint64_t index)>;

uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

[[noreturn]] void child(Shared& shared, const InputOf& input, uint64_t end) {
  (void)runtime::install_trap_handler(runtime::OtherFaults::End);
  // On the heap: the stack of this function is watched.
  auto created = runtime::Execution::create(kStackBytes);
  CHECK(created);
  const auto execution = std::make_unique<runtime::Execution>(std::move(*created));
  for (; shared.next < end; ++shared.next) {
    const itimerval time{{0, 0}, {0, kTime}};
    setitimer(ITIMER_REAL, &time, nullptr);
    std::string why;
    const End how = run_program(input(shared.next), *execution, shared.tally, why);
    ++shared.ends[static_cast<size_t>(how)];
    if (how == End::Refused && shared.refusal[0] == 0) why.copy(shared.refusal, kTextSize - 1);
  }
  _exit(0);
}

std::string read_all(int fd) {
  std::string text;
  char buffer[512];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

// Judges a program that ended its child.
End judge(int status, const std::string& said, bool honest) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return End::Endless;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != runtime::kEscapeStatus) return End::Breach;
  // A fault comes from the code; all other ends with this status are the runtime's checks.
  if (said.find("a fault") != std::string::npos) return End::Breach;
  return honest ? End::FalseAlarm : End::Caught;
}

class Campaign {
 public:
  explicit Campaign(InputOf input) : input_(std::move(input)) {
    void* const memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    shared_ = static_cast<Shared*>(memory);
  }
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;
  ~Campaign() { munmap(shared_, sizeof(Shared)); }

  Report run(uint64_t programs, bool until_breach) {
    while (shared_->next < programs && !(until_breach && report_.first_breach != 0)) {
      batch(std::min(programs, shared_->next + kBatch));
    }
    report_.programs = shared_->next;
    for (size_t i = 0; i < std::size(kEndNames); ++i) report_.ends[i] += shared_->ends[i];
    report_.tally = shared_->tally;
    if (shared_->refusal[0] != 0) report_.faults.push_back(shared_->refusal);
    return report_;
  }

 private:
  void batch(uint64_t end) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      child(*shared_, input_, end);
    }
    close(ends[1]);
    const std::string said = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const uint64_t program = shared_->next++;
    const End how = judge(status, said, is_honest(input_(program)));
    ++report_.ends[static_cast<size_t>(how)];
    if (how == End::Caught) ++report_.caught[said];
    if (how == End::Breach && report_.first_breach == 0) report_.first_breach = program + 1;
    const bool is_fault = how == End::Breach || how == End::FalseAlarm;
    if (is_fault && report_.faults.size() < kMostFaults) {
      report_.faults.push_back("program " + std::to_string(program) + ", status " +
                               std::to_string(status) + ": " + said);
    }
  }

  InputOf input_;
  Shared* shared_;
  Report report_;
};

}  // namespace

// SplitMix64.
std::vector<uint8_t> input_of(uint64_t seed, uint64_t index) {
  uint64_t state = mix(seed) + index * 0xd1342543de82ef95u;
  const auto next = [&state] { return mix(state += 0x9e3779b97f4a7c15u); };
  std::vector<uint8_t> bytes(512 + next() % 3072);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(next() >> 56);
  return bytes;
}

Report run_campaign(uint64_t programs, uint64_t seed, bool until_breach) {
  return Campaign([seed](uint64_t index) { return input_of(seed, index); })
      .run(programs, until_breach);
}

Report run_one(ByteSpan input) {
  return Campaign([input](uint64_t) { return std::vector<uint8_t>(input.begin(), input.end()); })
      .run(1, false);
}

}  // namespace cordon::fuzz::accepted
