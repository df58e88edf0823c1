// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-TARGET: a target of fuzz/targets without libFuzzer, over seeds that are numbers.
//
//     cordon-fuzz-TARGET [FIRST [COUNT [DIRECTORY]]]     seeds FIRST ... FIRST + COUNT - 1
//     cordon-fuzz-TARGET FILE ...                        inputs as libFuzzer keeps them
//
// A finding is printed with its seed, and the process ends as the target did. The input is then in
// DIRECTORY (by default the current one) as finding-SEED.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/campaign/watchdog.h"
#include "fuzz/gen/module_gen.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// Data for the handler of a crash: made before each run, since the handler cannot allocate.
struct {
  char path[32];
  std::vector<uint8_t> input;
} now;

void on_crash(int signal) {
  const int file = ::open(now.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file >= 0) (void)!::write(file, now.input.data(), now.input.size());
  (void)!::write(STDERR_FILENO, "  input is in ", 14);
  (void)!::write(STDERR_FILENO, now.path, std::strlen(now.path));
  (void)!::write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

void run_seeds(uint64_t first, uint64_t count) {
  cordon::fuzz::Watchdog watchdog;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) {
    std::signal(signal, on_crash);
  }
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = first; seed - first < count; ++seed) {
    now.input = cordon::fuzz::bytes_of_seed(seed);
    std::snprintf(now.path, sizeof now.path, "finding-%llu", static_cast<unsigned long long>(seed));
    watchdog.begin(seed);
    LLVMFuzzerTestOneInput(now.input.data(), now.input.size());
    watchdog.end();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << count << " inputs, " << static_cast<double>(count) / took.count() << " a second\n";
}

void run_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> input{std::istreambuf_iterator<char>(file), {}};
  LLVMFuzzerTestOneInput(input.data(), input.size());
  std::cout << path << ": nothing found\n";
}

bool is_number(const char* text) { return std::strspn(text, "0123456789") == std::strlen(text); }

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && !is_number(argv[1])) {
    for (int i = 1; i < argc; ++i) run_file(argv[i]);
    return 0;
  }
  const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000;
  if (argc > 3 && ::chdir(argv[3]) != 0) {
    std::perror(argv[3]);
    return 2;
  }
  run_seeds(first, count);
}
