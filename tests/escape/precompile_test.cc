// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compile worker gone bad whose code is for a file: `cordon compile` writes what it is given,
// unread, and all else that comes ends with a clear verdict and no file ([P1] [W2] [L1]).
#include "sandbox/supervisor/precompile.h"

#include <gtest/gtest.h>

#include "tests/escape/support.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

struct Case {
  const char* attack;
  RunEnd end;
  const char* text;  // a part of it
};

constexpr Case kCases[] = {
#define COMPILER_ATTACK(name, run_end, run_text, end, text) {#name, RunEnd::end, text},
#include "tests/escape/compiler_attacks.def"
};

TEST(HostileCompiler, OfAFileEndsAsItShould) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime has a wider policy";
  adopt_orphans();
  const int children = count_children();
  const testing::TemporaryDirectory directory;
  for (const Case& row : kCases) {
    directory.write("m.wasm", module_called(row.attack));
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = directory / "m.wasm";
    request.timeout = std::chrono::milliseconds(row.end == RunEnd::Timeout ? 300 : 10'000);
    auto made = supervisor::precompile(request);
    EXPECT_EQ(made.report.end, row.end) << row.attack << ": " << describe(made.report);
    EXPECT_NE(made.report.text.find(row.text), std::string::npos)
        << row.attack << ": " << describe(made.report);
    EXPECT_EQ(made.code.valid(), row.end == RunEnd::Exited) << row.attack;
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << row.attack << " left a process behind";
  }
}

}  // namespace
}  // namespace cordon::escape
