// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every file of good/ is accepted; every file of bad/ is refused, and by the very rule that it
// names. The files are the shapes of known escapes, and for each rule what breaks it and nothing
// else: guest addresses [M1], control [C1], the stack [S1], traps [T1].
#include "core/verify/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/abi/code_blob.h"
#include "core/base/check.h"
#include "core/verify/rules.h"
#include "tests/core/verify/blob_text.h"

namespace cordon::verify {
namespace {

std::vector<std::filesystem::path> files_of(const char* folder) {
  std::vector<std::filesystem::path> files;
  const auto path = std::filesystem::path(CORDON_SOURCE_DIR) / "tests/core/verify" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

BlobText read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  return read_blob_text(std::string(std::istreambuf_iterator<char>(in), {}));
}

Result<VerifiedCode> verify_all(const BlobText& text) {
  if (text.table.empty() && text.series == Series::Whole) return verify(*text.module, text.blob);
  Verification verification(*text.module, text.series);
  if (text.table.empty()) return verification.add(text.blob);
  TRY_VOID(verification.add(text.blob));
  CHECK(!verification.complete());
  return verification.add(text.table);
}

// The rule that refused, or "accept".
std::string verdict(const BlobText& text) {
  const auto verified = verify_all(text);
  return verified ? "accept" : std::string(verified.error().kind->name);
}

TEST(VerifyTest, RefusesEveryBadBlobByItsRule) {
  const auto files = files_of("bad");
  EXPECT_GE(files.size(), 120u);
  for (const auto& path : files) {
    const BlobText text = read_file(path);
    ASSERT_EQ(text.error, "") << path;
    ASSERT_NE(text.expect, "accept") << path;
    EXPECT_EQ(verdict(text), text.expect) << path.filename();
  }
}

TEST(VerifyTest, AcceptsEveryGoodBlob) {
  const auto files = files_of("good");
  EXPECT_GE(files.size(), 10u);
  for (const auto& path : files) {
    const BlobText text = read_file(path);
    ASSERT_EQ(text.error, "") << path;
    const auto verified = verify_all(text);
    EXPECT_TRUE(verified) << path.filename() << ": " << verified.error().message();
  }
}

// Without a file the loss of a rule would go unnoticed.
TEST(VerifyTest, EveryRuleHasABadBlob) {
  std::set<std::string> named;
  for (const auto& path : files_of("bad")) named.insert(read_file(path).expect);
#define RULE(name, tag, text) EXPECT_TRUE(named.contains(#name)) << #name;
#include "core/verify/rules.def"
}

// What is wrong, and where: the message names function, offset and bytes.
TEST(VerifyTest, SaysWhatAndWhere) {
  const BlobText text =
      read_blob_text("body 0\nprologue\n41 b8 01 00 00 00\n4c 89 c0\n49 89 c6\nepilogue\n");
  const auto verified = verify(*text.module, text.blob);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, &rule::pinned_write);
  EXPECT_EQ(verified.error().offset, 22u);
  EXPECT_NE(verified.error().message().find("function 2, at 49 89 c6"), std::string::npos)
      << verified.error().message();
}

// Structure is core/abi's: a blob cut at any byte is refused without a crash.
TEST(VerifyTest, RefusesEveryCutBlob) {
  const BlobText text = read_blob_text("body 0\nprologue\n31 c0\nepilogue\n");
  ASSERT_TRUE(verify(*text.module, text.blob));
  for (size_t size = 0; size < text.blob.size(); size += size < 4096 ? 1 : 61) {
    EXPECT_FALSE(verify(*text.module, ByteSpan(text.blob).first(size))) << size;
  }
}

// No byte of a good blob can be changed so that the verifier falls over (run under sanitizers).
TEST(VerifyTest, SurvivesEveryChangedByte) {
  for (const auto& path : files_of("good")) {
    BlobText text = read_file(path);
    ASSERT_EQ(text.error, "") << path;
    for (size_t at = 0; at < text.blob.size(); ++at) {
      if (at >= 600 && at % 4096 >= 300) continue;  // padding
      const uint8_t was = text.blob[at];
      for (const int value : {0, 0xFF, was ^ 1, was ^ 0x80, was + 1}) {
        text.blob[at] = static_cast<uint8_t>(value);
        (void)verify(*text.module, text.blob);
      }
      text.blob[at] = was;
    }
  }
}

}  // namespace
}  // namespace cordon::verify
