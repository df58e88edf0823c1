// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A target of libFuzzer for the tests of `cordon fuzz`: each way in which a target can end has an
// input that begins with a word. TINY_SILENT makes all of them harmless, TINY_WORDS those that it
// does not list (0 represents a zero byte), since libFuzzer finds words by itself; a word that
// sleeps aborts with TINY_CRASH.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "fuzz/campaign/record.h"

namespace {

constexpr int kI32Sub = 0x6b;

char* volatile g_sink;

void run(const std::string& word, const uint8_t* data, size_t size) {
  if (word == "DIFF") {
    std::fprintf(stderr, "jit: call %zu, f%d result 0: i32:0x%zx and i32:0x1\n", size, getpid(),
                 size);
    std::abort();
  }
  if (word == std::string("\0asm", 4) && std::memchr(data, kI32Sub, size) != nullptr) {
    std::fprintf(stderr, "jit: call 1, f1 result 0: i32:0x%zx and i32:0x1\n", size);
    std::abort();
  }
  if (word == "SLOP") {
    g_sink = new char[4];
    g_sink[size] = 1;
  }
  if (word == "HANG") {
    for (;;) g_sink = nullptr;
  }
  if (word == "LEAK") {
    g_sink = new char[100];
    g_sink = nullptr;
  }
  if (word == "FATS") g_sink = static_cast<char*>(std::malloc(size_t{3} << 30));
  if (word == "EXIT") _exit(9);
  if (word == "KILL") raise(SIGKILL);
  if (word == "EVIL") {
    std::fprintf(stderr, "jit: \x1b[2Jf$(touch owned) `touch owned`; result: i32:1 and i32:2\n");
    std::abort();
  }
  if (word == "ZZZZ") {
    if (std::getenv("TINY_CRASH") != nullptr) std::abort();
    sleep(600);
  }
}

}  // namespace

extern "C" __attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

// Where words are listed nothing but what was given is run, so that what is found is known.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned) {
  return std::getenv("TINY_WORDS") != nullptr ? size : LLVMFuzzerMutate(data, size, most);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cordon::fuzz::note_module({data, size});
  cordon::fuzz::tally(size < 8 ? "short" : "long");
  if (size < 4 || std::getenv("TINY_SILENT") != nullptr) return 0;
  const std::string word(reinterpret_cast<const char*>(data), 4);
  std::string printable = word;
  std::ranges::replace(printable, '\0', '0');
  const char* const listed = std::getenv("TINY_WORDS");
  if (listed == nullptr || std::string(listed).find(printable) != std::string::npos) {
    run(word, data, size);
  }
  return 0;
}
