// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C programs on wasi-libc, run by the built command line through the whole jail. A guest checks
// what it can see itself (guests/expect.h); here is checked what comes out.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

// Ends well, with this output and nothing to complain of.
void expect_success(const Finished& run, const std::string& out = {}) {
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, out);
  EXPECT_EQ(run.err, "");
}

void expect_trap(const Finished& run, const std::string& text) {
  EXPECT_EQ(run.status, 134) << run.err;
  EXPECT_NE(run.err.find(text), std::string::npos) << run.err;
}

using testing::TemporaryDirectory;

std::string granted(const TemporaryDirectory& directory, const std::string& access) {
  return directory.path().string() + "::/data::" + access;
}

TEST(Guests, Hello) {
  Finished run = run_cordon({"run", guest("hello")});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.out, "hello, world\n");
  EXPECT_EQ(run.err, "and hello, stderr\n");
}

TEST(Guests, RunIsTheDefaultCommand) {
  EXPECT_EQ(run_cordon({guest("hello")}).out, "hello, world\n");
}

TEST(Guests, FindAllOfPreviewOne) { expect_success(run_cordon({"run", guest("imports")}), "46\n"); }

TEST(Guests, SeeTheirArgumentsAndOnlyTheVariablesGiven) {
  Finished run =
      run_cordon({"run", "--env", "A=1", "--env", "SHARED", "--env", "UNSET", "--env",
                  "EMPTY=", "--argv0", "program", guest("arguments"), "--dir", "", "x y"},
                 {}, Input::Text, {"SHARED=from outside", "SECRET=hunter2"});
  expect_success(run,
                 "arg [program]\narg [--dir]\narg []\narg [x y]\n"
                 "env [A=1]\nenv [SHARED=from outside]\nenv [EMPTY=]\n");
}

TEST(Guests, CopyStandardInput) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  expect_success(run_cordon({"run", guest("cat")}, text), text);
}

TEST(Guests, UseFilesAsNatively) {
  TemporaryDirectory directory;
  expect_success(run_cordon({"run", "--dir", granted(directory, "rw"), guest("files"), "/data"}));
  EXPECT_EQ(directory.entries(), 0u);
}

TEST(Guests, WhatTheyWriteIsThere) {
  TemporaryDirectory directory;
  directory.write("in", "some text\n");
  Finished run =
      run_cordon({"run", "--dir", granted(directory, "ro"), guest("cat"), "/data/in", "/data/in"});
  expect_success(run, "some text\nsome text\n");
}

TEST(Guests, ListDirectories) {
  TemporaryDirectory directory;
  expect_success(
      run_cordon({"run", "--dir", granted(directory, "rw"), guest("directories"), "/data"}));
}

TEST(Guests, RunOutOfDescriptorsAndRecover) {  // [L1]
  TemporaryDirectory directory;
  expect_success(
      run_cordon({"run", "--dir", granted(directory, "rw"), guest("descriptors"), "/data"}));
}

TEST(Guests, ChangeNothingInADirectoryGrantedForReading) {  // [F1]
  for (const char* access : {"::/data::ro", "::/data"}) {
    TemporaryDirectory directory;
    directory.write("f", "first");
    directory.write("d/g", "second");
    auto before = std::filesystem::last_write_time(directory / "f");
    expect_success(run_cordon(
        {"run", "--dir", directory.path().string() + access, guest("read_only"), "/data"}));
    EXPECT_EQ(directory.read("f"), "first");
    EXPECT_EQ(directory.read("d/g"), "second");
    EXPECT_EQ(std::filesystem::last_write_time(directory / "f"), before);
    EXPECT_FALSE(std::filesystem::exists(directory / "new"));
  }
}

TEST(Guests, DoNotGetOutOfTheirDirectory) {  // [F1]
  TemporaryDirectory outer;
  outer.write("secret", "outside");
  outer.write("data/d/f", "inside");
  const std::string data = outer / "data";
  std::filesystem::create_symlink("/etc/passwd", data + "/absolute");
  std::filesystem::create_symlink("../secret", data + "/outside");
  std::filesystem::create_symlink("loop", data + "/loop");
  std::filesystem::create_symlink("..", data + "/up");
  std::filesystem::create_symlink("d/f", data + "/inside");
  expect_success(run_cordon({"run", "--dir", data + "::/data::rw", guest("escapes"), "/data"}),
                 "done\n");
  EXPECT_EQ(outer.read("secret"), "outside");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(outer.path())) {
    names.insert(entry.path().filename());
  }
  EXPECT_EQ(names, (std::set<std::string>{"secret", "data"}));
}

TEST(Guests, SeeNoFileWithoutAGrant) {  // [F1]
  for (const char* path : {"/etc/passwd", "../x", "/proc/self/maps"}) {
    Finished run = run_cordon({"run", guest("cat"), path});
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.out, "");
  }
}

// Programs built with -msimd128.
TEST(Guests, ComputeWithVectorsAsNatively) {
  const std::string program = guest("vectors");
  const std::string native = program.substr(0, program.rfind('.')) + ".native";
  const Finished run = run_cordon({"run", program});
  const Finished expected = run_program(native, {});
  EXPECT_EQ(std::count(expected.out.begin(), expected.out.end(), '\n'), 6);
  expect_success(run, expected.out);
}

TEST(Guests, TellTheTimeAndSleep) { expect_success(run_cordon({"run", guest("clocks")})); }

TEST(Guests, PollTheirStreams) {
  expect_success(run_cordon({"run", guest("polls")}, {}, Input::Silent));
}

TEST(Guests, GetDifferentRandomBytesEachTime) {
  Finished first = run_cordon({"run", guest("chance")}),
           second = run_cordon({"run", guest("chance")});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out.size(), 65U);
  EXPECT_NE(first.out, second.out);
}

TEST(Guests, EndWithTheirOwnStatus) {
  for (int code : {0, 1, 42, 255}) {
    std::string text = std::to_string(code);
    for (std::string way : {"exit", "return"}) {
      Finished run = run_cordon({"run", guest("exit_status"), way, text});
      EXPECT_EQ(run.status, code) << run.err;
      EXPECT_EQ(run.out, way + "\nat exit\n");
    }
    EXPECT_EQ(run_cordon({"run", guest("exit_status"), "_Exit", text}).out, "_Exit\n");
  }
}

TEST(Guests, TrapWithTheTextsOfTheSpecification) {
  expect_trap(run_cordon({"run", guest("exit_status"), "abort"}), "unreachable");
  expect_trap(run_cordon({"run", guest("exit_status"), "divide"}), "integer divide by zero");
  expect_trap(run_cordon({"run", guest("exit_status"), "outside"}), "out of bounds memory access");
}

TEST(Guests, RecurseDeeplyButNotForever) {  // [S1]
  expect_success(run_cordon({"run", guest("recursion"), "5000"}), "5000\n");
  expect_trap(run_cordon({"run", guest("recursion"), "0"}), "call stack exhausted");
}

// What the stack has room for by default is the same in both engines.
TEST(Guests, RecurseTwentyThousandFramesDeep) {  // [D1] [S1]
  expect_success(run_cordon({"run", guest("recursion"), "20000"}), "20000\n");
  expect_trap(run_cordon({"run", "--max-stack", "256K", guest("recursion"), "20000"}),
              "call stack exhausted");
}

TEST(Guests, AreToldOfALimitOnMemoryWhereAskedFor) {  // [L1]
  const auto run = [](const std::string& at_limit) {
    return run_cordon(
        {"run", "--max-memory", "32M", "--at-max-memory", at_limit, guest("allocate"), "100"});
  };
  EXPECT_EQ(run("fail").status, 3);
  EXPECT_EQ(run("end").status, 137);
}

TEST(Guests, AllocateUpToTheLimit) {  // [L1]
  expect_success(run_cordon({"run", "--max-memory", "256M", guest("allocate"), "100"}), "100\n");
  Finished run = run_cordon({"run", "--max-memory", "32M", guest("allocate"), "100"});
  EXPECT_TRUE(run.status == 3 || run.status == 137) << run.status << run.err;
}

TEST(Guests, AreEndedByTheDeadlineInsideAHostCall) {  // [L1]
  auto start = std::chrono::steady_clock::now();
  Finished run = run_cordon({"run", "--timeout", "300ms", guest("cat")}, {}, Input::Silent);
  EXPECT_EQ(run.status, 124) << run.err;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace cordon::tests
