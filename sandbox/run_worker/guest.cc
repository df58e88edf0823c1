// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/guest.h"

#include <sys/resource.h>

#include <algorithm>

#include "core/abi/precompiled.h"
#include "core/base/monotonic.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/runtime/entry.h"
#include "core/runtime/trap_handler.h"
#include "core/verify/verify.h"
#include "core/wasi/wasi.h"
#include "sandbox/jail/steps.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/run_worker/code_feed.h"
#include "sandbox/run_worker/perf_map.h"
#include "sandbox/run_worker/rpc_broker.h"
#include "sandbox/run_worker/tell.h"
#include "sandbox/worker/ask.h"

namespace cordon::run_worker {
namespace {

using protocol::Action;
using protocol::Verdict;

wasi::WasiConfig wasi_config(const protocol::Config& job) {
  wasi::WasiConfig config;
  config.args = job.args;
  config.env = job.env;
  config.limits.output_bytes = job.max_output;
  config.terminals = job.terminals;
  config.limits.open_fds = job.max_files;
  return config;
}

// One run of one guest, from instantiation to its end.
class Guest {
 public:
  Guest(Prologue& worker, engine::LoadedModule loaded, const engine::Config& config,
        runtime::Execution execution, std::optional<protocol::Channel> paths)
      : worker_(worker),
        loaded_(std::move(loaded)),
        start_fuel_(config.fuel),
        store_(config.store),
        linker_(store_),
        broker_(std::move(paths), worker.job.config.preopens),
        wasi_(wasi_config(worker.job.config), broker_),
        execution_(std::move(execution)) {
    for (const wasi::HostFunction& function : wasi::host_functions()) {
      linker_.define_func(wasi::kModuleName, function.name, function.type(), function.enter,
                          &wasi_);
    }
  }

  Verdict run(Verdict verdict) {
    const uint64_t begin = monotonic_ns();
    uint64_t start = begin;
    Result<engine::Instantiated> instantiated =
        engine::instantiate(store_, loaded_, linker_, execution_);
    verdict.instantiate_ns = monotonic_ns() - start;
    if (!instantiated) {
      tell_failure(instantiated.error(), verdict);
    } else if (instantiated->trap != Trap::none) {
      tell_end(instantiated->trap, verdict);
      if (verdict.outcome == protocol::Outcome::Trapped) {
        verdict.text += " (" + instantiated->where + ")";
      }
    } else {
      start = monotonic_ns();
      call(*instantiated->instance, verdict);
      verdict.run_ns = monotonic_ns() - start;
    }
    const engine::Tiering* tiering = instantiated ? instantiated->tiering.get() : nullptr;
    if (tiering != nullptr) tell_switching(*tiering, execution_, begin, verdict);
    tell_limit_that_was_met(verdict);
    verdict.explainable = is_explainable(loaded_.module->module(), verdict);
    verdict.peak_memory = store_.memory_bytes();
    if (worker_.job.config.hotness) tell_hottest(execution_, verdict);
    // Native code charges fuel only if there is a limit.
    if (verdict.code_funcs > 0 && start_fuel_ == runtime::Execution::kUnlimitedFuel) return verdict;
    verdict.fuel_used = static_cast<uint64_t>(start_fuel_ - std::max<int64_t>(execution_.fuel, 0));
    return verdict;
  }

 private:
  void call(const runtime::Instance& instance, Verdict& verdict) {
    Result<engine::Outcome> outcome =
        worker_.job.config.invokes ? call_export(instance) : call_command(instance);
    if (!outcome) {
      tell_failure(outcome.error(), verdict);
      return;
    }
    tell_end(outcome->trap, verdict);
    for (const engine::Value& value : outcome->results) {
      print(worker_.channel, engine::to_text(value) + "\n");
    }
  }

  // A WASI command (its export is _start).
  Result<engine::Outcome> call_command(const runtime::Instance& instance) {
    return engine::invoke(execution_, instance, "_start", {});
  }

  // An export of any module; a WASI reactor is initialized first.
  Result<engine::Outcome> call_export(const runtime::Instance& instance) {
    if (instance.find_export("_initialize")) {
      auto initialized = TRY(engine::invoke(execution_, instance, "_initialize", {}));
      if (initialized.trap != Trap::none) return initialized;
    }
    const protocol::Config& job = worker_.job.config;
    runtime::Func* func = TRY(engine::find_func(instance, job.invoke));
    std::span<const std::string> texts(job.args);
    auto arguments =
        TRY(engine::parse_arguments(*func->type, texts.subspan(texts.empty() ? 0 : 1)));
    return engine::invoke(execution_, *func, arguments);
  }

  // [V1] [W3] Code that came while the guest ran may be the reason.
  void tell_failure(const Diagnostic& why, Verdict& verdict) const {
    const bool of_code = execution_.refused.has_value() && why.kind->klass != DiagnosticClass::Os;
    of_code ? tell_code_refusal(why, verdict) : tell_refusal(why, verdict);
  }

  void tell_end(Trap trap, Verdict& verdict) {
    if (trap == Trap::none || trap == Trap::host_exit) {
      verdict.outcome = protocol::Outcome::Exited;
      verdict.exit_code = wasi_.exit_code();
    } else {
      tell_trap(trap, execution_, verdict);
    }
  }

  // [L1] For the guest a table at its limit is a table.grow of -1, as in the specification, and so
  // may a memory be; people need an explanation of what follows.
  void tell_limit_that_was_met(Verdict& verdict) const {
    if (verdict.outcome != protocol::Outcome::Trapped) return;
    if (verdict.limit != protocol::LimitHit::None) return;
    if (store_.hit_table_limit()) {
      verdict.limit = protocol::LimitHit::Table;
      verdict.text += " (after the limit of " + std::to_string(store_.limits().max_table_elements) +
                      " table elements was met)";
    } else if (store_.hit_memory_limit()) {
      verdict.text += " (after memory.grow failed at --max-memory)";
    }
  }

  Prologue& worker_;
  engine::LoadedModule loaded_;
  int64_t start_fuel_;
  runtime::Store store_;
  engine::Linker linker_;
  RpcBroker broker_;
  wasi::Wasi wasi_;
  runtime::Execution execution_;
};

// [W3] The same verifier as before a run. Nothing is made executable here.
Result<void> check_code(const wasm::ValidatedModule& module, CodeFromSupervisor& source,
                        Verdict& verdict) {
  const SealedFile file = TRY(source.receive(module, std::nullopt));
  const uint64_t start = monotonic_ns();
  const verify::VerifiedCode code = TRY(verify::verify(module, file.bytes()));
  verdict.verify_ns = monotonic_ns() - start;
  const abi::CodeBlob& blob = code.blob();
  verdict.code_funcs = static_cast<uint32_t>(blob.funcs.size());
  verdict.code_bytes = blob.code.size();
  return {};
}

void verify_code(const wasm::ValidatedModule& module, CodeFromSupervisor& source,
                 Verdict& verdict) {
  Result<void> checked = check_code(module, source, verdict);
  if (!checked) tell_code_refusal(checked.error(), verdict);
}

void run_loaded(Prologue& worker, const engine::Config& config, engine::LoadedModule loaded,
                Verdict& verdict) {
  if (loaded.code != nullptr) {
    for (const runtime::CodeUnit* unit : loaded.code->units()) {
      verdict.code_funcs += unit->funcs();
      if (!unit->is_entry_table()) verdict.code_bytes += unit->code().size();
    }
  }
  Result<runtime::Execution> execution =
      runtime::Execution::create(config.stack_bytes, config.fuel);
  if (!execution) {
    tell_refusal(execution.error(), verdict);
    return;
  }
  const bool samples = worker.job.config.hotness || loaded.growing;
  if (!samples) execution->hotness.stop();
  if (worker.job.perf_map.valid() && loaded.code != nullptr) {
    auto written = write_perf_map(worker.job.perf_map.get(), *loaded.module, *loaded.code);
    if (!written) {
      tell_refusal(written.error(), verdict);
      return;
    }
  }
  worker.job.perf_map.reset();  // [J3]
  close_the_jail(worker);       // [J1] [J2] The guest's own instructions may run from here on.
  if (Result<void> streams = worker::ask_for_streams(); !streams) {  // [J4]
    tell_refusal(streams.error(), verdict);
    return;
  }
  std::optional<protocol::Channel> paths;
  if (!worker.job.config.preopens.empty()) {
    Result<Fd> channel = worker::ask_for(protocol::Descriptor::Paths);  // [J4]
    if (!channel) {
      tell_refusal(channel.error(), verdict);
      return;
    }
    paths.emplace(std::move(*channel), protocol::Direction::FromBroker);
  }
  verdict = Guest(worker, std::move(loaded), config, std::move(*execution), std::move(paths))
                .run(std::move(verdict));
}

}  // namespace

bool size_own_stack() {
  rlimit now{};
  if (getrlimit(RLIMIT_STACK, &now) != 0) return false;
  now.rlim_cur = std::min<rlim_t>(now.rlim_max, jail::kRunStack);
  return setrlimit(RLIMIT_STACK, &now) == 0;
}

bool prepare_for_traps() {
  using runtime::OtherFaults;
  static_assert(runtime::kEscapeStatus == protocol::kExitEscape);
#ifdef CORDON_SANITIZED
  constexpr OtherFaults kOthers = OtherFaults::PassOn;  // the sanitizer reports them
#else
  constexpr OtherFaults kOthers = OtherFaults::End;
#endif
  return runtime::install_trap_handler(kOthers) && runtime::prepare_thread_for_traps();
}

engine::Config engine_config(const protocol::Config& job) {
  engine::Config config;
  config.store.max_memory_pages =
      std::min<uint64_t>(job.max_memory / runtime::kPageSize, wasm::kMaxMemoryPages);
  config.store.growth_fails = job.growth_fails;
  config.stack_bytes = job.max_stack;
  if (job.sets_hot_fuel) config.thresholds.fuel = job.hot_fuel;
  if (job.limit_fuel) {
    config.fuel = static_cast<int64_t>(
        std::min<uint64_t>(job.fuel, uint64_t{runtime::Execution::kUnlimitedFuel} - 1));
  }
  return config;
}

Result<void> CodeFromSupervisor::code_of(const wasm::ValidatedModule& module, bool fuel,
                                         engine::CodeSink& sink) {
  while (!ended_) {
    SealedFile piece = TRY(receive(module, fuel));
    TRY_VOID(sink.take(std::move(piece)));
  }
  return {};
}

Result<SealedFile> CodeFromSupervisor::receive(const wasm::ValidatedModule& module,
                                               std::optional<bool> fuel) {
  if (!asked_) there_ns_ = monotonic_ns();
  asked_ = true;
  protocol::Received received = TRY(channel_.receive());
  auto code = TRY(received.as<protocol::Code>());
  ended_ = code.last;
  there_ns_ = std::max(there_ns_, std::min(code.sent_ns, monotonic_ns()));
  Fd taken = TRY(worker::ask_for(protocol::Descriptor::Code));
  SealedFile file = TRY(SealedFile::adopt(std::move(taken), code.code_size));  // [W1]
  if (!precompiled_) return file;
  TRY_VOID(abi::check_stamp(file.bytes(), module.module().bytes(), fuel));
  file.hide_tail(abi::kStampSize);
  return file;
}

Verdict do_job(Prologue& worker) {
  const protocol::Config& job = worker.job.config;
  engine::Config config = engine_config(job);
  CodeFromSupervisor code(worker.channel, job.precompiled);
  if (job.action == Action::Run && job.engine == protocol::Engine::Jit) {
    config.engine = engine::Engine::Jit;
    config.code_source = &code;
  }
  CodeFromRequests requests(worker.channel);
  const bool grows = job.engine == protocol::Engine::Auto && runtime::native_supported();
  if (job.action == Action::Run && grows) {
    config.engine = engine::Engine::Auto;
    config.code_feeds = &requests;
  }
  Verdict verdict;
  Result<engine::LoadedModule> loaded = engine::load(worker.job.module.bytes(), config);
  if (!loaded) {
    if (job.precompiled && code.asked()) {
      tell_code_refusal(loaded.error(), verdict);
    } else {
      tell_refusal(loaded.error(), verdict);
    }
    return verdict;
  }
  verdict.decode_ns = loaded->times.decode_ns;
  verdict.validate_ns = loaded->times.validate_ns;
  verdict.verify_ns = loaded->times.verify_ns;
  if (loaded->code != nullptr) verdict.verify_tail_ns = monotonic_ns() - code.there_ns();
  verdict.outcome = protocol::Outcome::Exited;
  switch (job.action) {
    case Action::Run: run_loaded(worker, config, std::move(*loaded), verdict); break;
    case Action::Validate: break;
    case Action::Inspect: print_summary(worker.channel, loaded->module->module(), job.json); break;
    case Action::Verify: verify_code(*loaded->module, code, verdict); break;
  }
  return verdict;
}

}  // namespace cordon::run_worker
