// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The oracle of the fuzz target `verifier` on the blobs that the verifier's own tests are made of:
// it finds nothing in a good one, and in the bad ones what is wrong, wherever that can be seen
// while code runs ([M1] [C1] [S1] [R2] [B1]).
#include "fuzz/oracle/verifier/emulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "tests/core/verify/blob_text.h"

namespace cordon::fuzz::emulated {
namespace {

using verify::BlobText;

std::vector<std::filesystem::path> files_of(const char* folder) {
  std::vector<std::filesystem::path> files;
  const auto path = std::filesystem::path(CORDON_SOURCE_DIR) / "tests/core/verify" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What the oracle has to say of the file's blob; nothing of one that is no blob or not whole.
std::string said_of(Emulator& emulator, const BlobText& text) {
  const auto blob = abi::decode_blob(text.blob);
  const wasm::Module& module = text.module->module();
  if (!blob || blob->funcs.size() > module.bodies.size()) return {};
  const World world(module, text.module->tail_window());
  constexpr unsigned kTimes = 60;
  return emulator.run(world, *blob, 1, kTimes);
}

BlobText read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  return verify::read_blob_text(std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(EmulatorTest, FindsNothingInWhatIsGood) {
  Emulator emulator;
  for (const auto& path : files_of("good")) {
    const BlobText text = read_file(path);
    if (text.table.empty()) EXPECT_EQ(said_of(emulator, text), "") << path.filename();
  }
  EXPECT_GT(emulator.instructions(), 1000U);
}

// The rules of emulator_rules.def; and how many files it finds of all.
TEST(EmulatorTest, FindsWhatIsBad) {
  const std::set<std::string> all_seen = {
#define SEEN(rule) #rule,
#include "tests/fuzz/emulator_rules.def"
  };
  Emulator emulator;
  std::map<std::string, std::pair<int, int>> found;  // by rule: found, of so many
  for (const auto& path : files_of("bad")) {
    const BlobText text = read_file(path);
    const bool seen = !said_of(emulator, text).empty();
    found[text.expect].first += seen;
    found[text.expect].second += 1;
    if (all_seen.contains(text.expect)) EXPECT_TRUE(seen) << path.filename();
  }
  for (const auto& [rule, counts] : found) {
    std::printf("%-24s %d of %d\n", rule.c_str(), counts.first, counts.second);
  }
}

}  // namespace
}  // namespace cordon::fuzz::emulated
