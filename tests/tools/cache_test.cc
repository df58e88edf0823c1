// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code cache in whole runs, with the real workers: a second run compiles nothing, nothing of
// another module, option or build is taken, and a bad entry never changes what a run computes
// ([W3]).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/base/os/memfd.h"
#include "sandbox/supervisor/code_cache.h"
#include "sandbox/supervisor/run.h"
#include "tests/core/verify/blob_text.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/tools/program.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

namespace fs = std::filesystem;
using supervisor::CacheOutcome;
using supervisor::CodeCache;
using supervisor::Digest;
using supervisor::RunEnd;
using supervisor::RunReport;
using supervisor::RunRequest;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Export "f" gives this number.
std::vector<uint8_t> module_of(int32_t number) {
  testing::ModuleBuilder module;
  module.export_("f", wasm::ExternKind::Func,
                 module.func({{}, {wasm::ValType::i32}}, testing::WasmBytes().i32_const(number)));
  return module.build();
}

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() {
    fs::create_directory(cache_path_);
    fs::permissions(cache_path_, fs::perms::owner_all);
    directory_.write("m.wasm", module_of(7));
  }

  RunRequest request() const {
    RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.module_path = directory_ / "m.wasm";
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_COMPILE_WORKER;
    request.invoke = "f";
    request.args = {"m"};
    request.jail = supervisor::JailMode::Degraded;
    request.timeout = std::chrono::seconds(60);
    request.cache = {.directory = cache_path_, .target = "this processor", .module_name = {}};
    return request;
  }
  // That run, whose guest must do what it says.
  RunReport run(const RunRequest& request, const std::string& output = "7\n") const {
    RunReport report = supervisor::run(request);
    EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
    EXPECT_EQ(report.output, output);
    EXPECT_EQ(report.compile_ns == 0, report.cache.outcome == CacheOutcome::Hit);
    EXPECT_GT(report.verify_ns, 0u);  // [W3]
    return report;
  }
  CacheOutcome outcome(const RunRequest& request) const { return run(request).cache.outcome; }

  CodeCache cache() const { return *CodeCache::open(cache_path_, supervisor::IfMissing::Fail); }
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(cache_path_), fs::directory_iterator()));
  }
  // The only entry becomes one with these bytes as its code; everything else in it is as it should
  // be.
  void replace_code(const std::vector<uint8_t>& code) const {
    const auto files = cache().list();
    ASSERT_EQ(files->size(), 1u);
    const Digest key = files->front().key;
    ASSERT_TRUE(cache().remove(key));
    std::vector<supervisor::SealedPiece> pieces;
    pieces.push_back({*sealed_copy_of_bytes(code, "code"), code.size()});
    ASSERT_TRUE(cache().store({key, 1, false, "m"}, pieces, supervisor::kDefaultCacheSize));
  }

  testing::TemporaryDirectory directory_;
  const std::string cache_path_ = directory_ / "cache";
};

// A program that cannot be executed shows that it is not started.
TEST_F(CacheTest, ASecondRunStartsNoCompiler) {
  RunRequest request = this->request();
  fs::copy_file(CORDON_COMPILE_WORKER, directory_ / "compiler");
  request.compiler_path = directory_ / "compiler";
  const RunReport first = run(request);
  EXPECT_EQ(first.cache.outcome, CacheOutcome::Miss);
  EXPECT_TRUE(first.cache.stored) << first.cache.why;
  EXPECT_EQ(first.cache.why, "");
  fs::permissions(directory_ / "compiler", fs::perms::owner_read);
  const RunReport second = run(request);
  EXPECT_EQ(second.cache.outcome, CacheOutcome::Hit) << second.cache.why;
  EXPECT_FALSE(second.cache.stored);
  EXPECT_EQ(second.cache.key, first.cache.key);
  EXPECT_EQ(second.code_bytes, first.code_bytes);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(CacheTest, NothingOfAnotherModuleOptionOrBuildIsTaken) {
  ASSERT_EQ(outcome(request()), CacheOutcome::Miss);
  RunRequest fuel = request(), target = request(), build = request();
  fuel.fuel = 1000;
  target.cache->target = "another processor";
  fs::copy_file(CORDON_COMPILE_WORKER, directory_ / "compiler");
  std::ofstream(directory_ / "compiler", std::ios::app) << "x";  // no part of the program
  build.compiler_path = directory_ / "compiler";
  for (const RunRequest& other : {fuel, target, build}) {
    EXPECT_EQ(outcome(other), CacheOutcome::Miss);
    EXPECT_EQ(outcome(other), CacheOutcome::Hit);
  }
  directory_.write("m.wasm", module_of(8));
  EXPECT_EQ(run(request(), "8\n").cache.outcome, CacheOutcome::Miss);
  directory_.write("m.wasm", module_of(7));
  EXPECT_EQ(outcome(request()), CacheOutcome::Hit);
  EXPECT_EQ(entries(), 5u);
}

TEST_F(CacheTest, ADamagedEntryIsReplaced) {
  ASSERT_EQ(outcome(request()), CacheOutcome::Miss);
  const fs::path entry = fs::directory_iterator(cache_path_)->path();
  const std::string whole = directory_.read("cache/" + entry.filename().native());
  for (const size_t at : {size_t{3}, size_t{20}, size_t{50}, whole.size() / 2, whole.size() - 1}) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ 1);
    fs::remove(entry);
    directory_.write("cache/" + entry.filename().native(), text);
    fs::permissions(entry, fs::perms::owner_read);
    const RunReport report = run(request());
    EXPECT_EQ(report.cache.outcome, CacheOutcome::Bad) << at;
    EXPECT_TRUE(report.cache.stored);
    EXPECT_NE(report.cache.why, "");
    EXPECT_EQ(outcome(request()), CacheOutcome::Hit);
  }
}

// [W3] An entry that passes each check of the supervisor, with code that the verifier refuses or
// that is none: the run worker refuses it, and the run begins anew.
TEST_F(CacheTest, CodeThatTheVerifierRefusesIsCompiledAnew) {
  const std::string bad = CORDON_SOURCE_DIR "/tests/core/verify/bad";
  size_t count = 0;
  for (const auto& file : fs::directory_iterator(bad)) {
    if (count++ % 40 != 0) continue;
    std::ifstream in(file.path());
    const auto text = verify::read_blob_text(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_EQ(run(request()).cache.outcome, CacheOutcome::Miss);
    replace_code(text.blob);
    const RunReport report = run(request());
    EXPECT_EQ(report.cache.outcome, CacheOutcome::Bad) << file.path();
    EXPECT_TRUE(report.cache.stored) << report.cache.why;
    EXPECT_THAT(report.cache.why, StartsWith("code that is kept no longer: "));
    EXPECT_EQ(outcome(request()), CacheOutcome::Hit);
    ASSERT_TRUE(cache().trim(0));
  }
  EXPECT_GT(count, 100u);
}

// The bytes of standard input cannot be read a second time, and need not be.
TEST_F(CacheTest, AModuleFromStandardInputIsCompiledAnewToo) {
  const auto bytes = module_of(7);
  const std::string module(bytes.begin(), bytes.end());
  const std::vector<std::string> words = {
      "run", "--jail=degraded", "--cache=" + cache_path_, "--invoke", "f", "-"};
  EXPECT_EQ(run_cordon(words, module).out, "7\n");
  ASSERT_EQ(entries(), 1u);
  replace_code({1, 2, 3});
  const Finished again = run_cordon(words, module);
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.out, "7\n");
  EXPECT_THAT(again.err, HasSubstr("cordon: --cache: code that is kept no longer"));
  EXPECT_EQ(run_cordon(words, module).err, "");
}

TEST_F(CacheTest, ARefusedModuleLeavesNothing) {
  directory_.write("m.wasm", "\0asm but no module");
  const RunReport report = supervisor::run(request());
  EXPECT_EQ(report.end, RunEnd::Refused);
  EXPECT_EQ(report.cache.outcome, CacheOutcome::Miss);
  EXPECT_FALSE(report.cache.stored);
  EXPECT_EQ(entries(), 0u);
}

TEST_F(CacheTest, ADirectoryThatOthersCanWriteToEndsTheRun) {
  fs::permissions(cache_path_, fs::perms::all);
  const RunReport report = supervisor::run(request());
  EXPECT_EQ(report.exit_status(), 2);
  EXPECT_THAT(report.text, HasSubstr("others may write to " + cache_path_));
  EXPECT_EQ(entries(), 0u);
}

// [F1] A guest that can write beside the entries could remove them, at the least.
TEST_F(CacheTest, ADirectoryThatTheGuestCanWriteToEndsTheRun) {
  for (const std::string& host : {std::string(directory_.path()), cache_path_}) {
    RunRequest request = this->request();
    request.broker_path = CORDON_PATH_BROKER;
    request.directories = {{host, "/data", true}};
    const RunReport report = supervisor::run(request);
    EXPECT_EQ(report.exit_status(), 2) << report.text;
    EXPECT_THAT(report.text, HasSubstr("the guest may write to " + cache_path_ + " by --dir"));
    request.directories[0].writable = false;
    EXPECT_EQ(supervisor::run(request).end, RunEnd::Exited);
  }
}

// The cache never decides how a run ends.
TEST_F(CacheTest, WhatCannotBeStoredIsSaid) {
  RunRequest request = this->request();
  request.cache->max_bytes = 100;
  RunReport report = run(request);
  EXPECT_FALSE(report.cache.stored);
  EXPECT_THAT(report.cache.why, HasSubstr("more than all of the cache may"));
  EXPECT_EQ(entries(), 0u);
  if (geteuid() == 0) return;  // who may write everywhere
  fs::permissions(cache_path_, fs::perms::owner_read | fs::perms::owner_exec);
  report = run(this->request());
  EXPECT_THAT(report.cache.why, HasSubstr("Permission denied"));
  fs::permissions(cache_path_, fs::perms::owner_all);
}

TEST_F(CacheTest, ManyRunsAtATimeShareOneDirectory) {
  std::vector<std::thread> threads;
  for (int number = 0; number < 6; ++number) {
    threads.emplace_back([this, number] {
      for (int round = 0; round < 6; ++round) {
        (void)run(request());
        if (round == number) (void)cache().trim(0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(entries(), 1u);
  (void)run(request());
  EXPECT_EQ(outcome(request()), CacheOutcome::Hit);
}

// kill -9 at any moment.
TEST_F(CacheTest, ARunThatIsKilledLeavesAWholeEntryOrNone) {
  for (int round = 0; round < 12; ++round) {
    Program program({"run", "--jail=degraded", "--cache=" + cache_path_, "--invoke", "f",
                     directory_ / "m.wasm"});
    usleep(4000 * static_cast<useconds_t>(round));
    kill(program.pid(), SIGKILL);
    (void)program.wait();
    const auto files = *cache().list();
    for (const auto& file : files) {
      EXPECT_EQ(cache().peek(file.key).is, supervisor::FoundCode::Is::Good);
    }
    EXPECT_EQ(entries(), files.size());
    (void)cache().trim(0);
  }
}

TEST_F(CacheTest, ByTheCommandLine) {
  const auto cordon = [&](std::vector<std::string> words) {
    return run_cordon(words, {}, Input::Text, {"HOME=" + std::string(directory_.path())});
  };
  const std::string module = directory_ / "m.wasm";
  const auto run = [&](const std::string& option) {
    return cordon({"run", "--jail=degraded", option, "--invoke", "f", module}).out;
  };
  EXPECT_EQ(run("--cache=" + cache_path_), "7\n");
  Finished done = cordon({"cache", "ls", cache_path_});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("m.wasm\n1 entries, "));
  EXPECT_EQ(cordon({"cache", "verify", cache_path_}).out, "1 entries, 0 bad\n");
  EXPECT_THAT(cordon({"cache", "prune", cache_path_}).out, StartsWith("0 entries removed"));

  directory_.write("cache/" + std::string(64, '0') + ".code", "damaged");
  done = cordon({"cache", "verify", cache_path_});
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(done.out, "2 entries, 1 bad\n");
  EXPECT_THAT(done.err, HasSubstr("of mode 0400"));
  EXPECT_THAT(cordon({"cache", "ls", cache_path_}).out, HasSubstr("(bad: "));
  EXPECT_THAT(cordon({"cache", "prune", cache_path_}).out, HasSubstr("of mode 0400"));
  EXPECT_EQ(cordon({"cache", "verify", cache_path_}).out, "1 entries, 0 bad\n");
  EXPECT_THAT(cordon({"cache", "clear", cache_path_}).out, StartsWith("1 entries removed"));
  EXPECT_EQ(entries(), 0u);

  // Without a directory, the user's own.
  EXPECT_EQ(cordon({"cache", "ls"}).status, 2);
  EXPECT_EQ(run("--cache"), "7\n");
  EXPECT_THAT(cordon({"cache", "ls"}).out, HasSubstr("\n1 entries"));
  EXPECT_TRUE(fs::exists(directory_ / ".cache/cordon"));
}

TEST_F(CacheTest, WrongUseIsTold) {
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "run");
    words.push_back(directory_ / "m.wasm");
    return run_cordon(words);
  };
  EXPECT_EQ(run({"--cache", "--engine=interp"}).status, 2);
  EXPECT_EQ(run({"--cache", "--precompiled", "x"}).status, 2);
  EXPECT_EQ(run({"--cache-size", "1G"}).status, 2);
  EXPECT_THAT(run({"--cache"}).err, HasSubstr("neither XDG_CACHE_HOME nor HOME"));
  EXPECT_EQ(run_cordon({"cache"}).status, 2);
  EXPECT_EQ(run_cordon({"cache", "look", cache_path_}).status, 2);
  fs::permissions(cache_path_, fs::perms::all);
  const Finished refused = run_cordon({"cache", "clear", cache_path_});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("others may write"));
}

}  // namespace
}  // namespace cordon::tests
