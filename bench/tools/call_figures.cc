// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-call-figures [--samples N] [--only WORD]: what one call costs the caller, in nanoseconds
// of this thread's processor time: of each builtin, within and between instances, of the host, and
// from the embedder into the guest. The caller is native code in one column and interpreted in the
// other. bench/compare runs this in two build trees, which may be of different versions, so it
// uses only what an embedder uses: load, instantiate, invoke, Linker and JitCodeSource.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/tools/call_modules.h"
#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/linker.h"
#include "core/engine/pipeline.h"

namespace cordon::bench {
namespace {

using engine::Engine;
using engine::Value;

struct Options {
  uint32_t samples = 11;
  std::string only;  // rows whose name contains this
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "cordon-call-figures: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) die(result.error().message());
  return std::move(*result);
}

double nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// A host function of any signature of ours: gives its last argument back and counts its calls.
template <size_t params>
Trap count_call(void* calls, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
  ++*static_cast<uint64_t*>(calls);
  if constexpr (params != 0) results[0] = args[params - 1];
  return Trap::none;
}

// The callees, the host and one caller that runs in `engine`, in a store of their own.
class Stage {
 public:
  explicit Stage(Engine engine)
      : linker_(store_), execution_(need(runtime::Execution::create(uint64_t{1} << 20))) {
    const std::array<Signature, 3> types = signatures();
    linker_.define_func("host", types[0].name, types[0].type, count_call<0>, &host_calls);
    linker_.define_func("host", types[1].name, types[1].type, count_call<4>, &host_calls);
    linker_.define_func("host", types[2].name, types[2].type, count_call<12>, &host_calls);
    linker_.define_instance("native", add(Engine::Jit, callee_module(false)));
    linker_.define_instance("interpreted", add(Engine::Interp, callee_module(true)));
    CallerModule made = caller_module();
    loops = std::move(made.loops);
    caller_ = &add(engine, std::move(made.bytes));
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  runtime::Func& func(const std::string& name) { return *need(engine::find_func(*caller_, name)); }

  void invoke(runtime::Func& func, std::span<const Value> arguments) {
    const engine::Outcome outcome = need(engine::invoke(execution_, func, arguments));
    if (outcome.trap != Trap::none) die(std::string(trap_text(outcome.trap)));
  }

  std::vector<Loop> loops;
  uint64_t host_calls = 0;

 private:
  runtime::Instance& add(Engine engine, std::vector<uint8_t> module) {
    const std::vector<uint8_t>& bytes = modules_.emplace_back(std::move(module));
    engine::Config config;
    config.engine = engine;
    config.code_source = &compiler_;
    const engine::LoadedModule loaded = need(engine::load(bytes, config));
    const auto made = need(engine::instantiate(store_, loaded, linker_, execution_));
    if (made.trap != Trap::none) die(std::string(trap_text(made.trap)) + " in " + made.where);
    return *made.instance;
  }

  std::deque<std::vector<uint8_t>> modules_;  // the interpreter runs over them in place
  embed::JitCodeSource compiler_;
  runtime::Store store_;
  engine::Linker linker_;
  runtime::Execution execution_;
  runtime::Instance* caller_ = nullptr;
};

// Runs an operation that many times.
using Work = std::function<void(uint32_t times)>;

double time_of(const Work& work, uint32_t times) {
  const double start = nanoseconds();
  work(times);
  return nanoseconds() - start;
}

// The cost of one operation in the fastest of the samples, each of at least a millisecond: what
// else the machine does only ever adds to it.
double cost_of(const Work& work, const Options& options) {
  constexpr double kSample = 1e6;
  uint32_t times = 64;
  while (time_of(work, times) < kSample) times *= 2;
  double fastest = time_of(work, times);
  for (uint32_t i = 1; i < options.samples; ++i) fastest = std::min(fastest, time_of(work, times));
  return fastest / times;
}

struct Row {
  std::string name;
  Work work;
};

Row row_of_loop(Stage& stage, const Loop& loop) {
  runtime::Func& func = stage.func(loop.name);
  return {loop.name, [&stage, &func, &loop](uint32_t times) {
            const uint64_t before = stage.host_calls;
            const uint32_t rounds = times / kUnroll;
            const Value count = Value::i32(rounds);
            stage.invoke(func, {&count, 1});
            const uint64_t expected = loop.calls_host ? uint64_t{rounds} * kUnroll : 0;
            if (stage.host_calls - before != expected) die(loop.name + ": miscounted host calls");
          }};
}

Row row_of_entry(Stage& stage, size_t params) {
  runtime::Func& func = stage.func("enter " + std::to_string(params));
  const std::vector<Value> arguments(params, Value::i32(7));
  return {"invoke by the embedder, " + std::to_string(params) + " arguments",
          [&stage, &func, arguments](uint32_t times) {
            for (uint32_t i = 0; i < times; ++i) stage.invoke(func, arguments);
          }};
}

std::vector<Row> rows_of(Stage& stage) {
  std::vector<Row> rows;
  for (const Loop& loop : stage.loops) rows.push_back(row_of_loop(stage, loop));
  rows.push_back(row_of_entry(stage, 0));
  rows.push_back(row_of_entry(stage, 8));
  return rows;
}

void print_figures(const Options& options) {
  Stage native(Engine::Jit), interpreted(Engine::Interp);
  const std::vector<Row> by_native = rows_of(native), by_interpreter = rows_of(interpreted);
  std::printf("%9s %9s  nanoseconds a call\n", "jit", "interp");
  for (size_t i = 0; i < by_native.size(); ++i) {
    if (by_native[i].name.find(options.only) == std::string::npos) continue;
    std::printf("%9.3f %9.3f  %s\n", cost_of(by_native[i].work, options),
                cost_of(by_interpreter[i].work, options), by_native[i].name.c_str());
  }
}

// False if the command line is wrong.
bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc) return false;
    if (option == "--only") {
      options.only = argv[i + 1];
    } else if (option == "--samples") {
      const int samples = std::atoi(argv[i + 1]);
      if (samples < 1) return false;
      options.samples = static_cast<uint32_t>(samples);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace cordon::bench

int main(int argc, char** argv) {
  cordon::bench::Options options;
  if (!cordon::bench::parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: %s [--samples N] [--only WORD]\n", argv[0]);
    return 2;
  }
  cordon::bench::print_figures(options);
  return 0;
}
