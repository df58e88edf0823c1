// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mutants of the compiler's code (fuzz/mutate/code.h) break each rule of core/verify/rules.def but
// those of unreached_rules.def: a new rule is either reached, or that table says why it cannot
// be.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "core/verify/verify.h"
#include "fuzz/gen/hostile_code.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/code.h"

namespace cordon::fuzz {
namespace {

std::map<std::string, uint64_t> rules() {
  return {
#define RULE(name, tag, text) {#name, 0},
#include "core/verify/rules.def"
  };
}

TEST(VerifierReach, MutantsBreakEveryRule) {
#ifdef CORDON_SANITIZED
  GTEST_SKIP()
      << "counts what mutants reach: no sanitizer sees more of it, and it takes minutes there";
#endif
  const std::set<std::string> excused = {
#define UNREACHED(rule, why) #rule,
#include "tests/fuzz/unreached_rules.def"
  };
  constexpr uint64_t kModules = 600, kMutants = 200;
  std::map<std::string, uint64_t> broken = rules();
  for (uint64_t seed = 1; seed <= kModules; ++seed) {
    const CodeSample sample(seed);
    const uint32_t which = seed % CodeSample::kBlobs;
    const auto whole = abi::decode_blob(sample.blobs[which]);
    ASSERT_TRUE(whole.has_value());
    const CodeToMutate code(*whole);
    const std::vector<uint8_t> bytes = bytes_of_seed(~seed);
    for (uint64_t i = 0; i < kMutants; ++i) {
      // The bytes from another place on each time.
      Choices choices(ByteSpan(bytes).subspan(i, bytes.size() - i));
      std::string_view what;
      const auto verified =
          verify_instead(sample, which, abi::encode(code.mutant(choices, what).blob));
      if (!verified) ++broken[std::string(verified.error().kind->name)];
    }
  }
  for (const auto& [rule, count] : broken) {
    if (!excused.contains(rule)) EXPECT_NE(count, 0U) << rule << " was never broken";
  }
}

}  // namespace
}  // namespace cordon::fuzz
