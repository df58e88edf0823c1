// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The address spaces of all processes of a run, sampled from its first moment to its last ([W1]
// [W2]): never a page that is writable and executable, never a writable mapping of code, code in
// the run worker alone and only as a shared mapping; and with the interpreter no code at all.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/escape/support.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/processes.h"

namespace cordon::escape {
namespace {

namespace fs = std::filesystem;
using supervisor::RunEnd;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

// What was seen, by all samples together.
struct Seen {
  std::set<std::string> workers;  // by name
  int samples = 0;
  bool code_in_run_worker = false;
  std::string problem;
};

void look_at_maps(pid_t process, const std::string& name, Seen& seen) {
  std::istringstream maps(testing::proc_file(process, "maps"));
  for (std::string line; std::getline(maps, line);) {
    const size_t space = line.find(' ');
    if (space == std::string::npos || line.size() < space + 5) continue;
    const std::string rights = line.substr(space + 1, 4);
    const bool w = rights[1] == 'w', x = rights[2] == 'x';
    const bool code = line.find("/memfd:code") != std::string::npos;
    if (w && x) seen.problem = name + ": " + line;
    if (code && w) seen.problem = name + " may write code: " + line;
    if (code && x && rights[3] != 's') seen.problem = name + " has a private copy: " + line;
    if (code && x && name != "cordon-run-work") seen.problem = name + " runs code: " + line;
    seen.code_in_run_worker |= code && x;
  }
}

// This process's children, and this process.
void look(Seen& seen) {
  look_at_maps(getpid(), "supervisor", seen);
  for (const testing::Process& child : testing::children_of(getpid())) {
    seen.workers.insert(child.name);
    look_at_maps(child.pid, child.name, seen);
  }
  ++seen.samples;
}

// Grows its memory page by page, writes into each, for a while; then traps.
std::vector<uint8_t> growing_module() {
  ModuleBuilder module;
  module.memory({1, 2000, true});
  WasmBytes code;
  code.block(Op::loop);
  code.i32_const(1).op(Op::memory_grow).u8(0).i32_const(65536).op(Op::i32_mul).local_tee(0);
  code.local_get(0).access(Op::i32_store);
  // A while for each page.
  code.i32_const(20000).local_set(1).block(Op::loop).local_get(1).i32_const(1).op(Op::i32_sub);
  code.local_tee(1).br_if(0).end();
  code.local_get(0).i32_const(65536 * 1000).op(Op::i32_lt_u).br_if(0).end();
  code.i32_const(-1).access(Op::i32_load).op(Op::drop);
  const uint32_t func = module.func({{}, {}}, code, {{2, ValType::i32}});
  // Enough other functions that compiling takes a while too.
  WasmBytes long_code;
  long_code.local_get(0);
  for (int i = 0; i < 500; ++i) long_code.i32_const(i).op(Op::i32_add).local_get(0).op(Op::i32_xor);
  for (int i = 0; i < 300; ++i) module.func({{ValType::i32}, {ValType::i32}}, long_code);
  module.export_("_start", wasm::ExternKind::Func, func);
  return module.build();
}

Seen run_and_watch(protocol::Engine engine, std::optional<uint64_t> hot_fuel = {}) {
  const std::string path =
      fs::temp_directory_path() / ("cordon-maps-" + std::to_string(getpid()) + ".wasm");
  const std::vector<uint8_t> bytes = growing_module();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  Seen seen;
  std::atomic<bool> over{false};
  std::thread watcher([&] {
    while (!over) look(seen);
  });
  for (int i = 0; i < 10; ++i) {
    supervisor::RunRequest request;
    request.engine = engine;
    request.hot_fuel = hot_fuel;
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_COMPILE_WORKER;
    request.module_path = path;
    request.timeout = std::chrono::seconds(60);
    auto report = supervisor::run(request);
    EXPECT_EQ(report.end, RunEnd::Trapped) << describe(report);
    EXPECT_EQ(report.name, "out_of_bounds_memory_access");
  }
  over = true;
  watcher.join();
  fs::remove(path);
  return seen;
}

TEST(Maps, AreCleanInEveryProcessOfANativeRun) {  // [W1] [W2]
  const Seen seen = run_and_watch(protocol::Engine::Jit);
  EXPECT_EQ(seen.problem, "");
  EXPECT_GT(seen.samples, 50);
  EXPECT_TRUE(seen.workers.contains("cordon-run-work"));  // a name is cut to 15 bytes
  EXPECT_TRUE(seen.workers.contains("cordon-compile-"));
  EXPECT_TRUE(seen.code_in_run_worker) << "no sample has met what this test is about";
}

// All the way through tiering: the guest grows its memory while its code comes, by the model and at
// every threshold.
TEST(Maps, AreCleanWhileCodeComes) {  // [W1] [W2]
  for (const std::optional<uint64_t> hot_fuel : {std::optional<uint64_t>(), {0}, {1}, {100'000}}) {
    const Seen seen = run_and_watch(protocol::Engine::Auto, hot_fuel);
    EXPECT_EQ(seen.problem, "");
    EXPECT_GT(seen.samples, 50);
    EXPECT_TRUE(seen.workers.contains("cordon-compile-"));
    EXPECT_TRUE(seen.code_in_run_worker) << "no sample has met what this test is about";
  }
}

TEST(Maps, HaveNoCodeWhereTheGuestIsInterpreted) {  // [W1]
  const Seen seen = run_and_watch(protocol::Engine::Interp);
  EXPECT_EQ(seen.problem, "");
  EXPECT_FALSE(seen.code_in_run_worker);
  EXPECT_FALSE(seen.workers.contains("cordon-compile-"));
}

}  // namespace
}  // namespace cordon::escape
