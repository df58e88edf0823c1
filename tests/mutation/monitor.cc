// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The child checks itself as far as it can: canaries around its heap, the instance's context, the
// host's stack and the memory below the guest's are compared after each call; faults that are no
// traps end it by the trap handler. The parent judges by how it ended.
#include "tests/mutation/monitor.h"

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/engine/code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/runtime/trap_handler.h"
#include "core/verify/verify.h"
#include "fuzz/oracle/host.h"
#include "fuzz/oracle/watch.h"
#include "tests/mutation/stepper.h"

namespace cordon::mutation {
namespace {

constexpr int kDivision = 60, kNotLoaded = 61, kChanged = 62;
constexpr size_t kCanaryWords = 4096;
constexpr int64_t kFuel = 20'000;
constexpr suseconds_t kTime = 100'000;  // microseconds
constexpr time_t kSteppedTime = 5;      // seconds

class GivenCode : public engine::CodeSource {
 public:
  explicit GivenCode(ByteSpan blob) : blob_(blob) {}
  Result<void> code_of(const wasm::ValidatedModule&, bool, engine::CodeSink& sink) override {
    return sink.take(TRY(SealedFile::of_bytes(blob_, "cordon-mutant")));
  }

 private:
  ByteSpan blob_;
};

// A module with one piece of code that is made as it is needed.
Result<engine::LoadedModule> load_needed(ByteSpan module, ByteSpan piece, engine::Config config) {
  config.engine = engine::Engine::Interp;
  engine::LoadedModule loaded = TRY(engine::load(module, config));
  const SealedFile file = TRY(SealedFile::of_bytes(piece, "cordon-mutant"));
  verify::Verification verification(*loaded.module, verify::Series::AsNeeded);
  verify::VerifiedCode code = TRY(verification.add(file.bytes()));
  const auto space = TRY(runtime::CodeSpace::create(loaded.module, code.blob().extent()));
  TRY_VOID(space->publish(std::move(code), file));
  loaded.code = space;
  return loaded;
}

Result<engine::LoadedModule> load(ByteSpan module, ByteSpan blob, const engine::Config& config) {
  const abi::CodeBlob decoded = TRY(abi::decode_blob(blob));
  return decoded.options.as_needed ? load_needed(module, blob, config)
                                   : engine::load(module, config);
}

void on_division(int) { _exit(kDivision); }

void watch_over_child(bool stepped) {
  (void)runtime::install_trap_handler(runtime::OtherFaults::End);
  (void)std::signal(SIGFPE, on_division);
  const itimerval time{{0, 0}, {stepped ? kSteppedTime : 0, stepped ? 0 : kTime}};
  setitimer(ITIMER_REAL, &time, nullptr);
}

[[gnu::noinline]] int run_all(ByteSpan module, ByteSpan blob, bool fuel, uint64_t* steps) {
  const fuzz::Canaries canaries(kCanaryWords);
  GivenCode source(blob);
  engine::Config config;
  config.engine = engine::Engine::Jit;
  config.code_source = &source;
  config.store = {.max_memory_pages = 6, .max_table_elements = 400};
  if (fuel) config.fuel = kFuel;
  const auto loaded = load(module, blob, config);
  auto execution = runtime::Execution::create(config.stack_bytes, config.fuel);
  if (!loaded || !execution) return kNotLoaded;
  runtime::Store store(config.store);
  fuzz::Host host(store, *execution);
  if (!host.provide(loaded->module->module())) return kNotLoaded;
  const auto made = engine::instantiate(store, *loaded, host.linker(), *execution);
  if (!made) return kNotLoaded;
  const runtime::Instance& instance = *made->instance;
  host.set_instance(instance);
  const std::vector<uint8_t> frozen = fuzz::frozen_part(instance);
  const fuzz::HostStack stack(__builtin_frame_address(0));
  (void)runtime::prepare_thread_for_traps();
  if (steps != nullptr) prepare_steps(instance, *steps);
  uint64_t seed = 1;
  for (const wasm::Export& item : loaded->module->module().exports) {
    if (item.kind != wasm::ExternKind::Func) continue;
    runtime::Func& func = *instance.funcs[item.index];
    std::vector<engine::Value> args;
    args.reserve(func.type->params.size());
    for (const wasm::ValType type : func.type->params) {
      args.push_back({type, wasm::is_ref(type) ? 0 : fuzz::slot_from(type, ++seed)});
    }
    if (fuel) execution->fuel = kFuel;
    if (steps != nullptr) begin_steps();
    (void)engine::invoke(*execution, func, args);
    if (steps != nullptr) end_steps();
    const bool same = canaries.alive() && fuzz::frozen_part(instance) == frozen &&
                      stack.unchanged() && fuzz::is_clean_below(instance);
    if (!same) return kChanged;
  }
  return 0;
}

std::string read_all(int fd) {
  std::string text;
  char buffer[512];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  return text;
}

End judge(int status, const std::string& said, std::string& what) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return End::Endless;
  if (WIFEXITED(status)) {
    switch (WEXITSTATUS(status)) {
      case 0: return End::Harmless;
      case kDivision: return End::Division;
      case runtime::kEscapeStatus:
        // A fault is code's own doing; all other ends by this status are the runtime's checks.
        if (said.find("a fault") == std::string::npos) return End::Caught;
        break;
      default: break;
    }
  }
  what = "status " + std::to_string(status) + ": " + said;
  return End::Violation;
}

}  // namespace

End run_monitored(ByteSpan module, ByteSpan blob, bool fuel, std::string& what, uint64_t* steps) {
  // The one message of the child.
  static uint64_t* const shared = static_cast<uint64_t*>(
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  *shared = 0;
  int ends[2];
  if (pipe(ends) != 0) return End::Violation;
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    watch_over_child(steps != nullptr);
    _exit(run_all(module, blob, fuel, steps != nullptr ? shared : nullptr));
  }
  close(ends[1]);
  const std::string said = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    what = "no child";
    return End::Violation;
  }
  if (steps != nullptr) *steps = *shared;
  return judge(status, said, what);
}

}  // namespace cordon::mutation
