// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The report of a trap's frames: names as in the source, and source lines, by the built program.
// Names and DWARF are untrusted: whatever is wrong with them, the trap and its plain frames are
// reported all the same ([P1] [L1]).
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <random>

#include "core/wasm/module.h"
#include "sandbox/supervisor/run.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using testing::ModuleBuilder;
using testing::TemporaryDirectory;
using testing::WasmBytes;
using wasm::ExternKind;
using enum wasm::Op;
using std::string;

using Bytes = std::vector<uint8_t>;

[[maybe_unused]] Bytes read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Trace : public ::testing::Test {
 protected:
  Finished run(const Bytes& module, const string& engine = "--engine=interp") const {
    directory_.write("m.wasm", module);
    return run_cordon(
        {engine, "--jail=degraded", "--report", directory_ / "report", directory_ / "m.wasm"});
  }
  string report() const { return directory_.read("report"); }
  TemporaryDirectory directory_;
};

// A function of this name that traps.
ModuleBuilder trapping(const string& name) {
  ModuleBuilder module;
  module.export_("_start", ExternKind::Func, module.func({}, WasmBytes().op(unreachable)));
  WasmBytes map;
  map.u32(1).u32(0).u32(static_cast<uint32_t>(name.size()));
  for (const char c : name) map.u8(static_cast<uint8_t>(c));
  WasmBytes section;
  section.u8(1).u32(static_cast<uint32_t>(map.bytes().size())).append(map);
  module.custom("name", section);
  return module;
}

TEST_F(Trace, HasNamesAsProgrammersWriteThem) {
  const Finished run =
      this->run(trapping("_ZN3c_p4deep14Thing$LT$T$GT$2go17h5cee313876123018E").build());
  EXPECT_EQ(run.status, 134);
  EXPECT_NE(run.err.find(" c_p::deep::Thing<T>::go\n"), string::npos) << run.err;
  EXPECT_NE(report().find("\"demangled\": \"c_p::deep::Thing<T>::go\""), string::npos) << report();
}

TEST_F(Trace, ForgesNoLineAndMovesNoCursor) {  // [P1]
  const Finished run = this->run(trapping("_ZN5a\x1b[2J\nE").build());
  EXPECT_EQ(run.status, 134);
  EXPECT_EQ(run.err.find('\x1b'), string::npos) << run.err;
  EXPECT_NE(run.err.find("\\x1b[2J\\x0a"), string::npos) << run.err;
}

// Whatever runs instead of the trace worker: the verdict and the plain frames remain ([V1]).
TEST_F(Trace, OutlivesAWorkerThatDoesNotDoItsJob) {
  directory_.write("m.wasm", trapping("_ZN1a1bE").build());
  for (const string& program : {string(CORDON_COMPILE_WORKER), string(CORDON_RUN_WORKER),
                                string("/bin/true"), string(directory_ / "none")}) {
    supervisor::RunRequest request;
    request.module_path = directory_ / "m.wasm";
    request.worker_path = CORDON_RUN_WORKER;
    request.tracer_path = program;
    request.args = {"m.wasm"};
    request.jail = supervisor::JailMode::Degraded;
    const supervisor::RunReport report = supervisor::run(request);
    EXPECT_EQ(report.end, supervisor::RunEnd::Trapped) << program << report.text;
    ASSERT_EQ(report.frames.size(), 1u) << program;
    EXPECT_EQ(report.frames[0].name, "_ZN1a1bE") << program;
    EXPECT_TRUE(report.explained.empty()) << program;
    EXPECT_FALSE(report.unexplained.empty()) << program;
  }
}

#ifdef CORDON_TRACED_GUEST

// The DWARF sections of the guest, to be damaged.
class Dwarf : public Trace {
 protected:
  Dwarf() {
    guest_ = read_file(CORDON_TRACED_GUEST);
    const auto module = wasm::decode_module(guest_);
    if (!module) return;
    for (const wasm::CustomSection& custom : module->customs) {
      if (custom.name.starts_with(".debug_")) sections_.push_back(custom.range);
    }
  }
  void SetUp() override { ASSERT_GE(sections_.size(), 4u); }

  // The plain frames are there in time, and nothing that a terminal would obey.
  void expect_plain(const Bytes& module, const string& what) {
    const auto start = std::chrono::steady_clock::now();
    const Finished run = this->run(module);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(run.status, 134) << what << run.err;
    EXPECT_NE(run.err.find("trap: unreachable\n   0: 0x"), string::npos) << what << run.err;
    EXPECT_NE(run.err.find("   1: 0x"), string::npos) << what << run.err;
    EXPECT_LT(took, std::chrono::seconds(10)) << what;
    for (const char c : run.err) EXPECT_TRUE(c == '\n' || (c >= ' ' && c != 0x7f)) << what;
  }

  Bytes guest_;
  std::vector<wasm::ByteRange> sections_;
};

TEST_F(Dwarf, GivesTheLinesOfInlinedFunctionsToo) {
  for (const char* engine : {"--engine=interp", "--engine=jit"}) {
    const Finished run = this->run(guest_, engine);
    EXPECT_EQ(run.status, 134);
    EXPECT_NE(run.err.find(" deep::outer(int)\n"
                           "        deep::Thing<int>::check(int) const at "),
              string::npos)
        << run.err;
    for (const char* place : {"traced.cc:10:", "traced.cc:13:", "traced.cc:18:"}) {
      EXPECT_NE(run.err.find(place), string::npos) << place << run.err;
    }
    EXPECT_NE(report().find("\"line\": 13"), string::npos) << report();
  }
}

TEST_F(Dwarf, ThatIsCutOffLeavesThePlainFrames) {  // [P1]
  for (const wasm::ByteRange& section : sections_) {
    for (const uint32_t keep : {0u, 1u, 4u, section.size / 2, section.size - 1}) {
      Bytes damaged = guest_;
      // What is cut off is zero, the end of everything in DWARF; or as much as there can be.
      for (const uint8_t fill : {uint8_t{0}, uint8_t{0xff}}) {
        std::fill(damaged.begin() + section.offset + std::min(keep, section.size),
                  damaged.begin() + section.offset + section.size, fill);
        expect_plain(damaged, "section at " + std::to_string(section.offset) + ", kept " +
                                  std::to_string(keep) + ": ");
      }
    }
  }
}

TEST_F(Dwarf, ThatIsDamagedLeavesThePlainFrames) {  // [P1] [L1]
  std::mt19937 random(13);
  for (int round = 0; round < 60; ++round) {
    Bytes damaged = guest_;
    const wasm::ByteRange& section = sections_[random() % sections_.size()];
    // Counts, offsets and abbreviations that are anything, some of them huge.
    for (uint32_t i = 0; i < 1 + random() % 8; ++i) {
      damaged[section.offset + random() % section.size] = static_cast<uint8_t>(random());
    }
    expect_plain(damaged, "round " + std::to_string(round) + ": ");
  }
}

TEST_F(Dwarf, WithControlCharactersInANameIsShownAsText) {  // [P1]
  const string name = "traced.cc";
  Bytes damaged = guest_;
  auto at = damaged.begin();
  unsigned found = 0;
  while ((at = std::search(at, damaged.end(), name.begin(), name.end())) != damaged.end()) {
    at[0] = 0x1b, at[1] = '[', at[2] = '\n', ++found;
    at += 3;
  }
  ASSERT_GE(found, 1u);
  expect_plain(damaged, "a file's name: ");
}

#endif

}  // namespace
}  // namespace cordon::tests
