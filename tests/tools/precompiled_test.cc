// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled files, by the built program and its real workers: the output of `cordon compile` runs,
// and any other content of such a file is refused or stays inside of the sandbox ([W3]).
#include "core/abi/precompiled.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sandbox/supervisor/run.h"
#include "tests/core/verify/blob_text.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/sanitized.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

namespace fs = std::filesystem;
using supervisor::RunEnd;
using supervisor::RunReport;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using enum wasm::Op;

using Bytes = std::vector<uint8_t>;

// "sum" adds 1..n in memory, so that there are a loop, a branch, loads and stores, and a trap
// beyond 64 KiB; then `extra`.
Bytes sample(int32_t extra) {
  ModuleBuilder module;
  module.memory({1, 1, true});
  const WasmBytes body = WasmBytes()
                             .block(loop)
                             .i32_const(8)
                             .i32_const(8)
                             .access(i32_load, 0, 2)
                             .local_get(0)
                             .op(i32_add)
                             .access(i32_store, 0, 2)
                             .local_get(0)
                             .i32_const(1)
                             .op(i32_sub)
                             .local_tee(0)
                             .br_if(0)
                             .end()
                             .i32_const(8)
                             .access(i32_load, 0, 2)
                             .i32_const(extra)
                             .op(i32_add);
  const uint32_t func = module.func({{ValType::i32}, {ValType::i32}}, body);
  module.export_("sum", ExternKind::Func, func);
  return module.build();
}

class PrecompiledTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_ / name; }

  std::string put(const std::string& name, const Bytes& bytes) const {
    directory_.write(name, bytes);
    return path(name);
  }
  Bytes get(const std::string& name) const {
    const std::string bytes = directory_.read(name);
    return {bytes.begin(), bytes.end()};
  }

  // The sample module and its code, as files.
  void compile(const std::vector<std::string>& options = {}) {
    module_ = put("m.wasm", sample(0));
    blob_ = path("m.cordon");
    std::vector<std::string> args = {"compile", "--jail=degraded", "-o", blob_, module_};
    args.insert(args.end(), options.begin(), options.end());
    const Finished done = run_cordon(args);
    ASSERT_EQ(done.status, 0) << done.err;
    ASSERT_EQ(done.out, "");
  }

  // "sum" of 10 by the command line.
  Finished run(const std::vector<std::string>& options) const {
    std::vector<std::string> args = {"run", "--jail=degraded", "--invoke", "sum"};
    args.insert(args.end(), options.begin(), options.end());
    args.insert(args.end(), {"--precompiled", blob_, module_, "10"});
    return run_cordon(args);
  }

  // The same without a program around it. There is no compiler: none may be started.
  RunReport run_in_place(const std::string& module, const std::string& blob) const {
    supervisor::RunRequest request;
    request.engine = protocol::Engine::Jit;
    request.module_path = module;
    request.precompiled_path = blob;
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = "/there/is/no/compiler";
    request.invoke = "sum";
    request.args = {"m", "10"};
    request.jail = supervisor::JailMode::Degraded;
    request.timeout = std::chrono::seconds(5);
    return supervisor::run(request);
  }

  testing::TemporaryDirectory directory_;
  std::string module_, blob_;
};

void expect_refusal(const Finished& run, const std::string& text, int status = 1) {
  EXPECT_EQ(run.status, status) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find(text), std::string::npos) << run.err;
}

TEST_F(PrecompiledTest, CompiledVerifiedRun) {
  compile();
  const Finished verified = run_cordon({"verify", "--jail=degraded", module_, blob_});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_TRUE(verified.out.starts_with(blob_ + ": verified: 1 functions, ")) << verified.out;
  const Finished ran = run({"--report", path("report")});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "55\n");
  const std::string report = directory_.read("report");
  EXPECT_NE(report.find("\"precompiled\": \"" + blob_ + "\""), std::string::npos) << report;
  EXPECT_NE(report.find("\"compile_ms\": 0.0,"), std::string::npos) << report;
  EXPECT_EQ(report.find("\"verify_ms\": 0.0,"), std::string::npos) << report;
  EXPECT_EQ(report.find("\"code_bytes\": 0,"), std::string::npos) << report;
}

TEST_F(PrecompiledTest, NoCompilerIsStarted) {
  compile();
  const RunReport report = run_in_place(module_, blob_);
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  EXPECT_EQ(report.output, "55\n");
  EXPECT_EQ(report.compile_ns, 0u);
  EXPECT_GT(report.verify_ns, 0u);
}

TEST_F(PrecompiledTest, TheCodeOfAnotherModuleIsRefused) {
  compile();
  module_ = put("m.wasm", sample(1));  // one constant is another: the code would verify
  expect_refusal(run({}), blob_ + ": compiled from another module");
  expect_refusal(run_cordon({"verify", "--jail=degraded", module_, blob_}), "another module");
}

TEST_F(PrecompiledTest, CodeChargesFuelExactlyWhereTheRunDoes) {  // [L1]
  compile();
  expect_refusal(run({"--fuel", "100000"}), "compile it with --fuel");
  // Whatever the stamp says.
  Bytes lie = get("m.cordon");
  const auto stamp = abi::make_stamp(get("m.wasm"), true);
  std::ranges::copy(stamp, lie.end() - abi::kStampSize);
  put("m.cordon", lie);
  expect_refusal(run({"--fuel", "100000"}), "rule for fuel");
  compile({"--fuel"});
  EXPECT_EQ(run({"--fuel", "100000"}).out, "55\n");
  EXPECT_EQ(run({"--fuel", "10"}).status, 134);
  expect_refusal(run({}), "runs with --fuel alone");
}

TEST_F(PrecompiledTest, TheInterpreterHasNoUseForIt) {
  compile();
  const Finished ran =
      run_cordon({"--engine=interp", "--invoke", "sum", "--precompiled", blob_, module_, "10"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("--precompiled"), std::string::npos) << ran.err;
}

TEST_F(PrecompiledTest, ABadModuleIsNotAnsweredWithTheCode) {
  compile();
  put("m.wasm", {0, 'a', 's', 'm', 9, 0, 0, 0});
  expect_refusal(run({}), module_ + ": ");
  expect_refusal(run_cordon({"verify", "--jail=degraded", module_, blob_}), module_ + ": ");
}

// Any untrusted file: a fifo without a writer, a directory, terabytes of zeros.
TEST_F(PrecompiledTest, WhatIsNoFileOrTooMuchIsRefused) {
  compile();
  fs::create_symlink(blob_, path("link"));
  const std::string good = std::exchange(blob_, path("link"));
  EXPECT_EQ(run({}).out, "55\n") << "a link to a good one is a good one";
  blob_ = path("none");
  expect_refusal(run({}), blob_ + ": No such file", 2);
  blob_ = directory_.path();
  expect_refusal(run({}), "Is a directory", 2);
  blob_ = put("empty", {});
  expect_refusal(run({}), blob_ + ": no precompiled module");
  blob_ = path("sparse");
  std::ofstream(blob_).close();
  ASSERT_EQ(truncate(blob_.c_str(), off_t{1} << 42), 0);
  expect_refusal(
      run({}),
      blob_ + ": precompiled module is larger than the limit of 1073741824 bytes");  // [L1]
  blob_ = path("fifo");
  ASSERT_EQ(mkfifo(blob_.c_str(), 0600), 0);
  const int silent = open(blob_.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(run({"--timeout", "300ms"}).status, 124);  // [L1]
  close(silent);
}

TEST_F(PrecompiledTest, ATruncatedFileIsRefused) {
  compile();
  const Bytes whole = get("m.cordon");
  for (size_t size = 0; size < whole.size(); size += 397) {
    const auto cut = put("cut", Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
    const RunReport report = run_in_place(module_, cut);
    EXPECT_EQ(report.end, RunEnd::Refused) << size << ": " << report.text;
    EXPECT_TRUE(report.of_code) << size;
  }
  // With the stamp appended again, so that the rest is checked.
  for (size_t size = 0; size < whole.size() - abi::kStampSize; size += 397) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<long>(size));
    cut.insert(cut.end(), whole.end() - abi::kStampSize, whole.end());
    const RunReport report = run_in_place(module_, put("cut", cut));
    EXPECT_EQ(report.end, RunEnd::Refused) << size << ": " << report.text;
    EXPECT_EQ(report.name, "malformed_blob") << size;
  }
}

// [W3] [C1] Code that is still safe may compute something else, trap, or die of a fault where the
// module has none; the worker never crashes, and nothing else can come of it.
TEST_F(PrecompiledTest, AFlippedBitIsRefusedOrStaysInTheSandbox) {
  compile();
  const Bytes whole = get("m.cordon");
  size_t refused = 0, same = 0, other = 0;
  for (size_t at = 0, step = 0; at < whole.size(); ++at) {
    // All that is not padding, and some that is.
    if (whole[at] == 0 && at % 1021 != 0) continue;
    Bytes bytes = whole;
    bytes[at] ^= static_cast<uint8_t>(1U << step++ % 8);
    const RunReport report = run_in_place(module_, put("flipped", bytes));
    if (report.end == RunEnd::Refused) {
      ++refused;
      EXPECT_TRUE(report.of_code) << at;
    } else if (report.end == RunEnd::Exited && report.output == "55\n") {
      ++same;
    } else {
      ++other;
      const bool contained = report.end == RunEnd::Exited || report.end == RunEnd::Trapped ||
                             report.end == RunEnd::Timeout ||
                             report.text.find("escape attempt") != std::string::npos;
      EXPECT_TRUE(contained) << at << ": " << report.text;
    }
  }
  EXPECT_GT(refused, same + other);
  std::printf("%zu refused, %zu as before, %zu otherwise\n", refused, same, other);
}

// [W3] [M1] Bad code under a stamp that is in order: refused by the rule that it breaks.
TEST_F(PrecompiledTest, BadCodeIsRefusedByItsRule) {
  size_t count = 0;
  bool is_told = false;
  for (const auto& entry : fs::directory_iterator(CORDON_SOURCE_DIR "/tests/core/verify/bad")) {
    const bool is_one_to_tell = entry.path().stem() == "heap_scale_8";
    if (count++ % 8 != 0 && testing::kSanitized && !is_one_to_tell) continue;
    std::ifstream in(entry.path());
    const auto text = verify::read_blob_text(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_EQ(text.error, "") << entry.path();
    Bytes blob = text.blob;
    const auto stamp = abi::make_stamp(text.module_bytes, false);
    blob.insert(blob.end(), stamp.begin(), stamp.end());
    const RunReport report = run_in_place(put("bad.wasm", text.module_bytes), put("bad", blob));
    EXPECT_EQ(report.end, RunEnd::Refused) << entry.path() << report.text;
    // What is in order as far as it goes is refused for going no further.
    const bool in_pieces = !text.table.empty() || text.expect == "piece_place";
    const bool partial = in_pieces && report.name == "code_mismatch";
    // No file has code that is made as it is needed: that is refused before its own mistake.
    const bool stranger = text.series == verify::Series::AsNeeded;
    EXPECT_TRUE(partial || stranger || report.name == text.expect) << entry.path() << report.text;
    if (is_one_to_tell) {
      is_told = true;
      const Finished told =
          run_cordon({"verify", "--jail=degraded", path("bad.wasm"), path("bad")});
      expect_refusal(told,
                     path("bad") + ": [M1] scaled index of linear memory: function 2, at 41 8b");
      expect_refusal(told, "at offset 0x");
      expect_refusal(told, "(heap_scale)");
    }
  }
  EXPECT_TRUE(is_told);
  EXPECT_GE(count, 120u);
}

TEST_F(PrecompiledTest, AnOutputIsThereWholeOrNotAtAll) {
  module_ = put("m.wasm", sample(0));
  const std::string bad = put("bad.wasm", {0, 'a', 's', 'm', 9, 0, 0, 0});
  const auto status_of = [](const std::string& output, const std::string& module) {
    return run_cordon({"compile", "--jail=degraded", module, "--output", output}).status;
  };
  EXPECT_EQ(status_of(path("none/out"), module_), 2);
  EXPECT_EQ(status_of(directory_.path(), module_), 2);
  EXPECT_EQ(status_of(path("out"), bad), 1);
  EXPECT_EQ(status_of("/dev/full", module_), 3);
  EXPECT_EQ(directory_.entries(), 2) << "nothing but the modules";
  put("out", {'o', 'l', 'd'});
  EXPECT_EQ(status_of(path("out"), bad), 1);
  EXPECT_EQ(get("out"), (Bytes{'o', 'l', 'd'}));
  EXPECT_EQ(status_of(path("out"), module_), 0);
  EXPECT_GT(get("out").size(), 4096u);
  EXPECT_EQ(directory_.entries(), 3);
}

}  // namespace
}  // namespace cordon::tests
