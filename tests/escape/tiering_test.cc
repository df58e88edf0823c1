// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that is made while the guest runs, with a hostile run worker and a hostile compile worker in
// their real jails, and the supervisor between them: every request and answer that breaks a rule
// ends the run with a clear verdict, code that is merely missing does not, and no process is left
// ([P1] [J4] [W1] [V1] [L1]). The outcomes are printed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <set>
#include <thread>
#include <tuple>
#include <vector>

#include "sandbox/protocol/descriptors.h"
#include "tests/escape/support.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/processes.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;
using supervisor::RunReport;

struct Row {
  const char* asker;
  const char* phase;
  const char* maker;
  RunEnd end;
  const char* text;
  const char* missing;  // a part of what the report says of missing code
};

constexpr Row kRows[] = {
#define ASKER(name, phase, maker, end, text) {#name, phase, #maker, RunEnd::end, text, ""},
#include "tests/escape/tiering_attacks.def"
#define MAKER(name, end, text, missing) \
  {"asks_and_waits", "guest", #name, RunEnd::end, text, missing},
#include "tests/escape/tiering_attacks.def"
};

// A program that counts for about half a second, and the name of an attack in front.
std::vector<uint8_t> spinning_module_called(const std::string& attack) {
  using enum wasm::Op;
  using wasm::ValType;
  testing::ModuleBuilder module;
  const auto body =
      testing::WasmBytes().i32_const(20'000'000).local_set(0).block(loop).local_get(0);
  const uint32_t func =
      module.func({}, testing::WasmBytes(body).i32_const(1).op(i32_sub).local_tee(0).br_if(0).end(),
                  {{1, ValType::i32}});
  module.export_("_start", wasm::ExternKind::Func, func);
  std::vector<uint8_t> bytes = module.build();
  const std::string name = module_called(attack).substr(8, 3 + attack.size());
  bytes.insert(bytes.begin() + 8, name.begin(), name.end());
  return bytes;
}

struct TieringAttacks : ::testing::Test {
  TieringAttacks() {
    adopt_orphans();
    children = count_children();
  }
  ~TieringAttacks() override {
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2))) << "a process is left";
  }

  RunReport run(std::vector<std::string> args, const std::string& maker,
                std::chrono::nanoseconds patience = std::chrono::seconds(10)) {
    directory.write("m.wasm", module_called(maker));
    auto request =
        hostile_request(std::move(args), std::chrono::seconds(10), protocol::Engine::Auto);
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = directory / "m.wasm";
    request.directories.clear();
    request.compiler_patience = patience;
    return supervisor::run(request);
  }

  const testing::TemporaryDirectory directory;
  int children;
};

TEST_F(TieringAttacks, EndAsTheyShould) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's runtime makes threads of its own and a wider policy";
  for (const Row& row : kRows) {
    const RunReport report = run({row.phase, row.asker}, row.maker);
    std::printf(
        "%-6s %-32s %-28s %s%s%s\n", row.phase, row.asker, row.maker, describe(report).c_str(),
        report.interpreted_for.empty() ? "" : "; missing code: ", report.interpreted_for.c_str());
    EXPECT_EQ(report.end, row.end) << row.asker << ", " << row.maker << ": " << describe(report);
    EXPECT_NE(report.text.find(row.text), std::string::npos) << describe(report);
    EXPECT_NE(report.interpreted_for.find(row.missing), std::string::npos) << row.maker;
    EXPECT_EQ(report.interpreted_for.empty(), *row.missing == '\0') << report.interpreted_for;
    EXPECT_EQ(report.exit_status(), row.end == RunEnd::Violation ? 159 : 0);
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << row.asker << ", " << row.maker << " left a process behind";
  }
}

// [L1] Of code that nobody takes the supervisor keeps little.
TEST_F(TieringAttacks, PiecesThatAreNotTakenAreFew) {
  if (kSanitized) GTEST_SKIP();
  const RunReport report = run({"guest", "asks_and_never_takes"}, "answers_with_code");
  EXPECT_GT(report.late_pieces, 1u);
  EXPECT_LE(report.late_pieces, 20u);
}

// A compile worker without work ends. The next one makes the same once more, and the run worker
// gets what is new.
TEST_F(TieringAttacks, ACompileWorkerRestsAndAnotherGoesOn) {
  if (kSanitized) GTEST_SKIP();
  std::atomic<bool> over = false;
  std::set<pid_t> compilers;
  std::thread watcher([&] {
    while (!over) {
      for (const testing::Process& child : testing::children_of(getpid())) {
        if (child.name == "cordon-hostile-") compilers.insert(child.pid);
      }
    }
  });
  const RunReport report = run({"guest", "asks_once_more_after_a_pause"}, "answers_with_code",
                               std::chrono::milliseconds(50));
  over = true;
  watcher.join();
  EXPECT_EQ(report.text, "powerless: pieces 0 1 2") << describe(report);
  EXPECT_EQ(report.interpreted_for, "");
  EXPECT_EQ(compilers.size(), 1u + 3u) << "the run worker and three compile workers";
}

// [W3] [V1] With the real run worker: a guest that runs long enough, and a compile worker that
// sends what is no code for it. The guest ends at once, as if its whole code had been refused.
TEST_F(TieringAttacks, BadCodeEndsTheRunAndMissingCodeDoesNot) {
  if (kSanitized) GTEST_SKIP();
  for (const auto& [maker, end, text] :
       {std::tuple{"answers_with_code", RunEnd::Refused, "code blob"},
        std::tuple{"answers_nothing", RunEnd::Exited, ""},
        std::tuple{"refuses_the_function", RunEnd::Exited, ""},
        std::tuple{"ends_by_itself", RunEnd::Exited, ""},
        std::tuple{"answers_too_late", RunEnd::Exited, ""},
        std::tuple{"crashes_on_request", RunEnd::Violation, "compiling: the worker crashed"},
        std::tuple{"floods", RunEnd::Violation, "was not asked for"}}) {
    const std::string path = directory / "spinning.wasm";
    directory.write("spinning.wasm", spinning_module_called(maker));
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Auto;
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = path;
    request.hot_fuel = 1;
    const RunReport report = supervisor::run(request);
    std::printf("a guest, %-24s %s\n", maker, describe(report).c_str());
    EXPECT_EQ(report.end, end) << maker << ": " << describe(report);
    EXPECT_NE(report.text.find(text), std::string::npos) << maker << ": " << describe(report);
    EXPECT_EQ(report.of_code, end == RunEnd::Refused);
    EXPECT_EQ(report.code_bytes, 0u) << maker;
  }
}

// [J4] Of all descriptors that a worker can ask for, code alone is there for this one while its
// guest runs: it has its streams already, and there are no paths.
TEST_F(TieringAttacks, NoOtherDescriptorIsThere) {
  for (size_t i = 0; i < protocol::kDescriptors.size(); ++i) {
    const std::string number = std::to_string(i);
    const RunReport report = run({"guest", "asks_for_descriptor", number}, "answers_with_code");
    const std::string name(protocol::kDescriptors[i].name);
    std::printf("guest  asks_for_descriptor %-16s %s\n", name.c_str(), describe(report).c_str());
    EXPECT_EQ(report.end, RunEnd::Violation) << name;
    EXPECT_EQ(report.syscall, "pidfd_getfd") << name;
    EXPECT_NE(report.text.find(name), std::string::npos) << describe(report);
  }
}

// [P1] Where code is not made as it is needed, nothing of this is there.
TEST_F(TieringAttacks, RequestsAreForThisEngineAlone) {
  for (const auto engine : {protocol::Engine::Interp, protocol::Engine::Jit}) {
    for (const char* phase : {"set-up", "guest", "after"}) {
      const RunReport report =
          run_hostile({phase, "asks_and_waits"}, std::chrono::seconds(10), engine);
      EXPECT_EQ(report.end, RunEnd::Violation) << phase << ": " << describe(report);
    }
    const RunReport report =
        run_hostile({"guest", "takes_code_before_it_asks"}, std::chrono::seconds(10), engine);
    EXPECT_EQ(report.end, RunEnd::Violation) << describe(report);
  }
}

}  // namespace
}  // namespace cordon::escape
