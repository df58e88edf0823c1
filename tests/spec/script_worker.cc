// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run worker for the specification's scripts: starts and enters the jail as the run worker does,
// by the very same code, and then calls one instance many times. Each of the job's args is a call,
// "COUNT SLOT... NAME", or a read of a global, "get NAME"; each is answered by one line: "values
// TYPE:SLOT:SLOT ...", "trap TEXT" or "error TEXT". A value always has two slots there.
#include <charconv>

#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "sandbox/cli/spectest.h"
#include "sandbox/run_worker/code_feed.h"
#include "sandbox/run_worker/guest.h"
#include "sandbox/run_worker/tell.h"

namespace cordon::run_worker {
namespace {

std::string answer(const std::vector<engine::Value>& values) {
  std::string line = "values";
  for (const engine::Value& value : values) {
    line += ' ' + std::to_string(static_cast<unsigned>(value.type)) + ':' +
            std::to_string(value.slot) + ':' + std::to_string(value.high);
  }
  return line;
}

uint64_t take_number(std::string_view& text) {
  uint64_t number = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<size_t>(rest - text.data()) + 1);
  return number;
}

std::string call(runtime::Execution& execution, const runtime::Instance& instance,
                 std::string_view command) {
  if (command.starts_with("get ")) {
    auto found = instance.find_export(command.substr(4));
    auto* global = found ? std::get_if<runtime::Global*>(&*found) : nullptr;
    if (global == nullptr) return "error no such global";
    return answer({engine::Value::of_slots((*global)->type.value, (*global)->cell)});
  }
  std::vector<engine::Value> arguments(take_number(command));
  for (engine::Value& argument : arguments) {
    argument.slot = take_number(command);
    argument.high = take_number(command);
  }
  auto func = engine::find_func(instance, command);
  if (!func) return "error " + func.error().message();
  const std::vector<wasm::ValType>& params = (*func)->type->params;
  if (params.size() != arguments.size()) return "error another count of arguments";
  for (size_t i = 0; i < params.size(); ++i) arguments[i].type = params[i];
  auto outcome = engine::invoke(execution, **func, arguments);
  if (!outcome) return "error " + outcome.error().message();
  if (outcome->trap != Trap::none) return "trap " + std::string(trap_text(outcome->trap));
  return answer(outcome->results);
}

protocol::Verdict run_script(Prologue& worker) {
  protocol::Verdict verdict;
  const protocol::Config& job = worker.job.config;
  engine::Config config = engine_config(job);
  CodeFromSupervisor code(worker.channel);
  if (job.engine == protocol::Engine::Jit) {
    config.engine = engine::Engine::Jit;
    config.code_source = &code;
  }
  CodeFromRequests requests(worker.channel);
  if (job.engine == protocol::Engine::Auto) {
    config.engine = engine::Engine::Auto;
    config.code_feeds = &requests;
  }
  auto loaded = engine::load(worker.job.module.bytes(), config);
  auto execution = runtime::Execution::create(config.stack_bytes, config.fuel);
  if (!loaded || !execution) {
    tell_refusal(loaded ? execution.error() : loaded.error(), verdict);
    return verdict;
  }
  close_the_jail(worker);
  runtime::Store store(config.store);
  engine::Linker linker(store);
  auto defined = cli::define_spectest(store, linker);
  if (!defined) {
    tell_refusal(defined.error(), verdict);
    return verdict;
  }
  auto made = engine::instantiate(store, *loaded, linker, *execution);
  if (!made) {
    tell_refusal(made.error(), verdict);
  } else if (made->trap != Trap::none) {
    tell_trap(made->trap, *execution, verdict);
  } else {
    std::string lines;
    for (const std::string& command : job.args) {
      lines += call(*execution, *made->instance, command) + '\n';
    }
    print(worker.channel, lines);
    verdict.outcome = protocol::Outcome::Exited;
  }
  return verdict;
}

}  // namespace
}  // namespace cordon::run_worker

int main() {
  using namespace cordon::run_worker;
  if (!prepare_for_traps()) return cordon::worker::kExitNoJob;
  Prologue worker = begin();
  cordon::protocol::Verdict verdict = run_script(worker);
  end(worker.channel, verdict);
}
