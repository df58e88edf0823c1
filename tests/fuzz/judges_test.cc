// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Validators of others as judges: they must see differences, and on mutants there are none. The
// latter is skipped, and so counted, without a judge; with CI=true that is a failure.
#include "fuzz/oracle/reference/judges.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "core/wasm/op.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/mutate.h"
#include "tests/kit/environment.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::fuzz {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;

std::vector<uint8_t> valid() { return ModuleBuilder().build(); }

std::vector<uint8_t> invalid() {
  ModuleBuilder module;
  module.func({}, WasmBytes().op(Op::drop));
  return module.build();
}

// A judge that replaces wasmparser and gives the same answer to everything, and no V8.
class FakeJudge : public ::testing::Test {
 protected:
  Judges judges(const std::string& answer) {
    const std::string path = directory_ / "judge";
    std::ofstream(path) << "#!/usr/bin/env python3\n"
                           "import struct, sys\n"
                           "answer = b'wasmparser fake'\n"
                           "while size := sys.stdin.buffer.read(4):\n"
                           "    sys.stdin.buffer.read(struct.unpack('<I', size)[0])\n"
                           "    sys.stdout.buffer.write(struct.pack('<I', len(answer)) + answer)\n"
                           "    sys.stdout.buffer.flush()\n"
                           "    answer = b'" +
                               answer + "'\n";
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    ::setenv("CORDON_WASMPARSER", path.c_str(), 1);
    ::setenv("CORDON_NODE", "/nowhere", 1);
    Judges made;
    ::unsetenv("CORDON_WASMPARSER");
    ::unsetenv("CORDON_NODE");
    EXPECT_EQ(made.names(), std::vector<std::string>{"wasmparser fake"});
    return made;
  }

 private:
  testing::TemporaryDirectory directory_;
};

TEST_F(FakeJudge, WhoAcceptsWhatCordonRefusesDiffers) {
  Judges fake = judges("accepted");
  EXPECT_EQ(fake.judge(valid()).kind, Verdict::Agrees);
  const Verdict verdict = fake.judge(invalid());
  EXPECT_EQ(verdict.kind, Verdict::Differs);
  EXPECT_NE(verdict.text.find("type_mismatch"), std::string::npos) << verdict.text;
}

TEST_F(FakeJudge, WhoRefusesWhatCordonAcceptsDiffers) {
  Judges fake = judges("refused: for a reason");
  EXPECT_EQ(fake.judge(valid()).kind, Verdict::Differs);
  EXPECT_EQ(fake.judge(invalid()).kind, Verdict::Agrees);
}

TEST_F(FakeJudge, ALimitOfHisOwnIsNoDifference) {
  EXPECT_EQ(judges("refused: it exceeds limit 7").judge(valid()).kind, Verdict::Agrees);
}

TEST(Judges, WithoutAnyThereAreNoNames) {
  ::setenv("CORDON_WASMPARSER", "/nowhere", 1);
  ::setenv("CORDON_NODE", "/nowhere", 1);
  EXPECT_TRUE(Judges().names().empty());
  ::unsetenv("CORDON_WASMPARSER");
  ::unsetenv("CORDON_NODE");
}

TEST(Judges, AgreeOnMutants) {
  Judges judges;
  if (judges.names().empty() && !testing::data_is_required()) {
    GTEST_SKIP() << "needs a judge: ci/fetch-wasmparser builds one, and node is another";
  }
  ASSERT_FALSE(judges.names().empty());
  constexpr uint64_t kMutants = 200, kOfOne = 8;
  uint64_t accepted = 0;
  std::vector<uint8_t> module, donor;
  for (uint64_t seed = 0; seed < kMutants; ++seed) {
    if (seed % kOfOne == 0) donor = std::exchange(module, generate(bytes_of_seed(seed)));
    const std::vector<uint8_t> bytes = bytes_of_seed(~seed);
    Choices choices(bytes);
    const Verdict verdict = judges.judge(mutate(choices, module, donor));
    EXPECT_FALSE(is_finding(verdict)) << "seed " << seed << ": " << verdict.text;
    accepted += verdict.text == "valid" ? 1 : 0;
  }
  // Neither all nor none: else there is nothing to agree on.
  EXPECT_GT(accepted, kMutants / 20);
  EXPECT_LT(accepted, kMutants / 2);
}

}  // namespace
}  // namespace cordon::fuzz
