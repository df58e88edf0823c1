// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/observe.h"

#include <algorithm>
#include <cstring>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/engine/trap_report.h"
#include "fuzz/gen/plan.h"
#include "fuzz/oracle/host.h"
#include "fuzz/oracle/peer.h"
#include "fuzz/oracle/run_options.h"
#include "fuzz/oracle/watch.h"
#include "tests/kit/growth.h"

namespace cordon::fuzz {

namespace {

// Beyond what the module declares: pages of its memory, and elements of all tables.
constexpr uint64_t kMorePages = 4;
constexpr uint64_t kMaxTableElements = 400;
constexpr unsigned kRounds = 2;

engine::Config config_of(engine::Engine engine, const wasm::Module& module,
                         const RunOptions& options, embed::JitCodeSource& jit, Bounds bounds) {
  engine::Config config;
  config.engine = engine;
  config.code_source = &jit;
  if (bounds == Bounds::Far) return config;
  const uint64_t pages = module.memories.empty() ? 0 : module.memories[0].limits.min;
  config.store = {.max_memory_pages = std::max<uint64_t>(pages + kMorePages, 6),
                  .max_table_elements = kMaxTableElements};
  if (options.fuel != RunOptions::kNoFuelLimit) config.fuel = static_cast<int64_t>(options.fuel);
  return config;
}

embed::JitCodeSource::Options compiler_options(const RunOptions& options) {
  embed::JitCodeSource::Options compiler;
  compiler.target.cpu_features &= options.cpu_features;
  if (options.piece_bytes != 0) compiler.piece_bytes = options.piece_bytes;
  return compiler;
}

// The hash of one page and its number; 0 if the page is all zeros. JavaScript can do
// multiplications of 32 bits fast, too (reference/run.mjs).
uint32_t hash_page(const uint8_t* page, uint32_t number) {
  uint32_t sum = number, any = 0;
  for (size_t i = 0; i < kHostPage; i += sizeof(uint32_t)) {
    uint32_t word = 0;
    std::memcpy(&word, page + i, sizeof word);
    any |= word;
    sum = (sum ^ word) * 0x9e3779b1u;
    sum ^= sum >> 15;
  }
  return any == 0 ? 0 : sum;
}

// The hash of all nonzero pages. A page that was only read exists in one engine and not in another,
// and of two GiB most were never touched.
uint32_t hash(const uint8_t* memory, uint64_t size) {
  uint32_t sum = 0;
  for (const uint8_t* page : touched_pages(memory, size)) {
    sum += hash_page(page, static_cast<uint32_t>(static_cast<size_t>(page - memory) / kHostPage));
  }
  return sum;
}

class Run {
 public:
  Run(const engine::Config& config, runtime::Execution execution)
      : config_(config),
        limited_(config.fuel != runtime::Execution::kUnlimitedFuel),
        store_(config.store),
        execution_(std::move(execution)),
        host_(store_, execution_) {}

  Result<void> instantiate(const engine::LoadedModule& loaded, uint32_t strangeness) {
    TRY_VOID(host_.provide(loaded.module->module(), strangeness));
    TRY_VOID(make_peer(loaded.module->module()));
    const engine::Instantiated made =
        TRY(engine::instantiate(store_, loaded, host_.linker(), execution_));
    instance_ = made.instance;
    host_.set_instance(*instance_);
    note({.name = "instantiation", .trap = made.trap});
    return {};
  }

  Result<void> call_all() {
    runtime::Global* const budget = budget_global();
    const uint64_t full = budget == nullptr ? 0 : *budget->cell;
    for (unsigned round = 0; round < kRounds; ++round) {
      uint64_t place = round;
      for (const wasm::Export& item : instance_->module->module().exports) {
        place += kRounds;
        if (item.kind != wasm::ExternKind::Func) continue;
        if (budget != nullptr) *budget->cell = full;
        TRY_VOID(call(item, place));
      }
    }
    return {};
  }

  Observation finish() {
    seen_.host_calls = std::move(host_.calls());
    see_memories(*instance_);
    if (peer_ != nullptr) see_memories(*peer_);
    for (const runtime::Global* global : instance_->globals) {
      const engine::Value value = engine::Value::of_slots(global->type.value, global->cell);
      seen_.globals.push_back(host_.see(value.type, value.slot, value.high));
    }
    for (const runtime::Table* table : instance_->tables) {
      std::vector<SeenValue>& elements = seen_.tables.emplace_back();
      for (uint32_t i = 0; i < table->size(); ++i) {
        elements.push_back(host_.see(table->type().element, table->elements()[i]));
      }
    }
    return std::move(seen_);
  }

 private:
  Result<void> make_peer(const wasm::Module& module) {
    peer_bytes_ = peer_of(module);
    if (peer_bytes_.empty()) return {};
    const engine::LoadedModule loaded = TRY(engine::load(peer_bytes_, config_));
    peer_ = TRY(engine::instantiate(store_, loaded, host_.linker(), execution_)).instance;
    host_.linker().define_instance(kPeerName, *peer_);
    return {};
  }

  void see_memories(const runtime::Instance& instance) {
    for (const runtime::Memory* memory : instance.memories) {
      seen_.memories.push_back({memory->pages(), hash(memory->base(), memory->size())});
    }
  }

  runtime::Global* budget_global() const {
    const std::optional<runtime::Extern> found = instance_->find_export(kBudgetName);
    if (!found) return nullptr;
    auto* const* global = std::get_if<runtime::Global*>(&*found);
    const bool fits =
        global != nullptr && (*global)->type == wasm::GlobalType{wasm::ValType::i32, true};
    return fits ? *global : nullptr;
  }

  Result<void> call(const wasm::Export& item, uint64_t place) {
    runtime::Func& func = *instance_->funcs[item.index];
    std::vector<engine::Value> args;
    for (wasm::ValType type : func.type->params) {
      args.push_back({type, slot_from(type, place * 64 + args.size())});
    }
    SeenCall seen{.name = std::string(item.name)};
    for (const engine::Value& arg : args) seen.args.push_back({arg.type, arg.slot});
    const engine::Outcome outcome = TRY(engine::invoke(execution_, func, args));
    seen.trap = outcome.trap;
    for (const engine::Value& value : outcome.results) {
      seen.results.push_back(host_.see(value.type, value.slot, value.high));
    }
    note(std::move(seen));
    return {};
  }

  void note(SeenCall seen) {
    if (seen.trap != Trap::none) {
      for (const engine::ReportFrame& frame :
           engine::make_trap_report(seen.trap, execution_).frames) {
        seen.frames.push_back({frame.func_index, frame.module_offset});
      }
    }
    if (limited_) seen.fuel_left = execution_.fuel;
    seen.host_calls = host_.calls().size();
    seen_.calls.push_back(std::move(seen));
  }

  const engine::Config& config_;
  const bool limited_;
  std::vector<uint8_t> peer_bytes_;  // outlive the store
  runtime::Store store_;
  runtime::Execution execution_;
  Host host_;
  runtime::Instance* instance_ = nullptr;
  runtime::Instance* peer_ = nullptr;  // null: none imported
  Observation seen_;
};

Result<Observation> run(engine::Engine engine, ByteSpan bytes, Bounds bounds) {
  const wasm::Module module = TRY(wasm::decode_module(bytes));
  const RunOptions options = options_of(module);
  embed::JitCodeSource jit(compiler_options(options));
  testing::Growth growth(options.schedule, compiler_options(options).target);
  engine::Config config = config_of(engine, module, options, jit, bounds);
  growth.fill(config);
  const engine::LoadedModule loaded = TRY(engine::load(bytes, config));
  Run run(config, TRY(runtime::Execution::create(config.stack_bytes, config.fuel)));
  TRY_VOID(run.instantiate(loaded, bounds == Bounds::Far ? options.imports : 0));
  TRY_VOID(run.call_all());
  return run.finish();
}

}  // namespace

Observation observe(engine::Engine engine, ByteSpan module, Bounds bounds) {
  Result<Observation> seen = run(engine, module, bounds);
  if (seen) return std::move(*seen);
  Observation refused;
  refused.refused = seen.error().message();
  return refused;
}

}  // namespace cordon::fuzz
