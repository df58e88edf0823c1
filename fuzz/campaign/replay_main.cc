// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// replay-TARGET: runs a fuzz target over files, and over the files in folders, in the order of
// their names; without libFuzzer, in any build. Missing files are skipped. Prints how many it ran;
// a target that fails ends the process.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Paths = std::vector<std::filesystem::path>;

Paths files_of(const std::filesystem::path& path) {
  Paths files;
  if (std::filesystem::is_regular_file(path)) files.push_back(path);
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kSkip = "--skip=";
  uint64_t run = 0;
  std::set<std::string> skipped;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with(kSkip)) {
      skipped.emplace(word.substr(kSkip.size()));
      continue;
    }
    for (const std::filesystem::path& path : files_of(argv[i])) {
      if (skipped.contains(path.string())) continue;
      std::ifstream file(path, std::ios::binary);
      const std::vector<uint8_t> input{std::istreambuf_iterator<char>(file), {}};
      std::cerr << path.string() << std::endl;  // the last one is the one that failed
      LLVMFuzzerTestOneInput(input.data(), input.size());
      ++run;
    }
  }
  std::cout << run << " inputs\n";
  return 0;
}
