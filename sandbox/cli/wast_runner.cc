// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/wast_runner.h"

#include <fmt/format.h>

#include <cerrno>
#include <deque>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/engine/diagnostics.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/gdb/show.h"
#include "sandbox/cli/diagnostics.h"
#include "sandbox/cli/spectest.h"
#include "sandbox/cli/wast_values.h"

namespace cordon::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The result of one command: an empty problem is a pass.
struct Finding {
  std::string problem = {};
  bool skipped = false;
};

// The specification's runner compares a prefix; some scripts' texts are longer than any engine's.
bool texts_agree(std::string_view expected, std::string_view actual) {
  return actual.starts_with(expected) || expected.starts_with(actual);
}

Result<std::vector<uint8_t>> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_os("open " + path.string(), errno);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail_os("read " + path.string(), errno);
  return bytes;
}

// The state of one script: its store, the instances it named, the latest one.
class Script {
 public:
  static Result<std::unique_ptr<Script>> create(fs::path directory, const engine::Config& config,
                                                bool for_gdb) {
    auto execution = TRY(runtime::Execution::create(config.stack_bytes, config.fuel));
    std::unique_ptr<Script> script(
        new Script(std::move(directory), config, for_gdb, std::move(execution)));
    TRY_VOID(define_spectest(script->store_, script->linker_));
    return script;
  }

  Finding run(const json& command);

 private:
  using Handler = Finding (Script::*)(const json&);

  Script(fs::path directory, const engine::Config& config, bool for_gdb,
         runtime::Execution execution)
      : directory_(std::move(directory)),
        config_(config),
        for_gdb_(for_gdb),
        store_(config.store),
        linker_(store_),
        execution_(std::move(execution)) {}

  Finding module(const json& command);
  Finding module_definition(const json& command);
  Finding module_instance(const json& command);
  Finding register_(const json& command);
  Finding action(const json& command);
  Finding assert_return(const json& command);
  Finding assert_trap(const json& command);
  Finding assert_exception(const json& command);
  Finding assert_malformed(const json& command);
  Finding assert_invalid(const json& command);
  Finding assert_unlinkable(const json& command);
  Finding assert_uninstantiable(const json& command);

  Result<engine::LoadedModule> load(const json& command);
  Result<engine::Instantiated> instantiate(const json& command);
  Result<engine::Outcome> perform(const json& act);
  Finding expect_refusal(const json& command, DiagnosticClass klass, std::string_view name);
  // Null if there is none.
  runtime::Instance* instance(const json& command, const char* key);

  fs::path directory_;
  engine::Config config_;
  bool for_gdb_;
  std::deque<std::vector<uint8_t>> modules_;  // the bytes of all instances
  runtime::Store store_;
  engine::Linker linker_;
  runtime::Execution execution_;
  std::map<std::string, runtime::Instance*> named_;
  std::map<std::string, json> definitions_;  // by name, "" the latest
  runtime::Instance* latest_ = nullptr;
};

Finding Script::run(const json& command) {
  static const std::map<std::string, Handler> handlers = {
      {"module", &Script::module},
      {"module_definition", &Script::module_definition},
      {"module_instance", &Script::module_instance},
      {"register", &Script::register_},
      {"action", &Script::action},
      {"assert_return", &Script::assert_return},
      {"assert_trap", &Script::assert_trap},
      {"assert_exhaustion", &Script::assert_trap},
      {"assert_exception", &Script::assert_exception},
      {"assert_malformed", &Script::assert_malformed},
      {"assert_invalid", &Script::assert_invalid},
      {"assert_unlinkable", &Script::assert_unlinkable},
      {"assert_uninstantiable", &Script::assert_uninstantiable},
  };
  auto handler = handlers.find(command.at("type").get<std::string>());
  if (handler == handlers.end()) return {"a kind of command that Cordon does not know"};
  Finding finding = (this->*handler->second)(command);
  if (finding.problem.empty() && execution_.stack_top != execution_.stack_base) {
    finding.problem = "the guest's stack is not empty afterwards";
  }
  if (finding.problem.empty() && !store_.is_at_rest()) {
    finding.problem = "a stack of native code is not empty afterwards";
  }
  return finding;
}

runtime::Instance* Script::instance(const json& command, const char* key) {
  if (!command.contains(key)) return latest_;
  auto found = named_.find(command.at(key).get<std::string>());
  return found == named_.end() ? nullptr : found->second;
}

Result<engine::LoadedModule> Script::load(const json& command) {
  fs::path path = directory_ / module_file(command);
  modules_.push_back(TRY(read_file(path)));
  engine::LoadedModule loaded = TRY(engine::load(modules_.back(), config_));
  if (for_gdb_) loaded.code = gdb::show(*loaded.module, std::move(loaded.code));
  return loaded;
}

Result<engine::Instantiated> Script::instantiate(const json& command) {
  engine::LoadedModule loaded = TRY(load(command));
  return engine::instantiate(store_, loaded, linker_, execution_);
}

Finding Script::module(const json& command) {
  latest_ = nullptr;
  Result<engine::Instantiated> made = instantiate(command);
  if (!made) return {made.error().message()};
  if (made->trap != Trap::none) {
    return {fmt::format("trap in {}: {}", made->where, trap_text(made->trap))};
  }
  latest_ = made->instance;
  if (command.contains("name")) named_[command.at("name").get<std::string>()] = latest_;
  return {};
}

Finding Script::module_definition(const json& command) {
  Result<engine::LoadedModule> loaded = load(command);
  if (!loaded) return {loaded.error().message()};
  definitions_[""] = definitions_[command.value("name", "")] = command;
  return {};
}

Finding Script::module_instance(const json& command) {
  const auto definition = definitions_.find(command.value("module", ""));
  if (definition == definitions_.end()) return {"no such definition of a module"};
  json instance = definition->second;
  instance.erase("name");
  if (command.contains("instance")) instance["name"] = command.at("instance");
  return module(instance);
}

Finding Script::register_(const json& command) {
  runtime::Instance* which = instance(command, "name");
  if (which == nullptr) return {"no such instance"};
  linker_.define_instance(command.at("as").get<std::string>(), *which);
  return {};
}

Result<engine::Outcome> Script::perform(const json& act) {
  auto field = act.at("field").get<std::string>();
  runtime::Instance* which = instance(act, "module");
  if (which == nullptr) return fail(diag::no_instance, kNoOffset, field);
  if (act.at("type").get<std::string>() == "get") {
    std::optional<runtime::Extern> found = which->find_export(field);
    auto* global = found ? std::get_if<runtime::Global*>(&*found) : nullptr;
    if (global == nullptr) return fail(engine::diag::unknown_export, kNoOffset, field);
    return engine::Outcome{Trap::none,
                           {engine::Value::of_slots((*global)->type.value, (*global)->cell)}};
  }
  std::vector<engine::Value> arguments;
  for (const json& argument : act.at("args")) arguments.push_back(value_from_json(argument));
  return engine::invoke(execution_, *which, field, arguments);
}

Finding Script::action(const json& command) {
  Result<engine::Outcome> outcome = perform(command.at("action"));
  if (!outcome) return {outcome.error().message()};
  if (outcome->trap != Trap::none) return {fmt::format("trap: {}", trap_text(outcome->trap))};
  return {};
}

Finding Script::assert_return(const json& command) {
  Result<engine::Outcome> outcome = perform(command.at("action"));
  if (!outcome) return {outcome.error().message()};
  if (outcome->trap != Trap::none) return {fmt::format("trap: {}", trap_text(outcome->trap))};
  const json& expected = command.at("expected");
  bool same = expected.size() == outcome->results.size();
  for (size_t i = 0; same && i < expected.size(); ++i) {
    same = value_matches(expected[i], outcome->results[i]);
  }
  if (same) return {};
  std::string got;
  for (const engine::Value& value : outcome->results) {
    got += fmt::format(" {}", engine::to_typed_text(value));
    if (value.type != wasm::ValType::v128) got += fmt::format(" ({:#x})", value.slot);
  }
  return {fmt::format("expected {}, got{}", expected.dump(), got)};
}

Finding Script::assert_trap(const json& command) {
  Result<engine::Outcome> outcome = perform(command.at("action"));
  if (!outcome) return {outcome.error().message()};
  auto text = command.at("text").get<std::string>();
  if (outcome->trap == Trap::none) return {fmt::format("no trap, expected: {}", text)};
  if (texts_agree(text, trap_text(outcome->trap))) return {};
  return {fmt::format("trap: {}, expected: {}", trap_text(outcome->trap), text)};
}

Finding Script::assert_exception(const json& command) {
  Result<engine::Outcome> outcome = perform(command.at("action"));
  if (!outcome) return {outcome.error().message()};
  if (outcome->trap == Trap::uncaught_exception) return {};
  return {fmt::format("{}, expected an exception", trap_text(outcome->trap))};
}

Finding Script::expect_refusal(const json& command, DiagnosticClass klass, std::string_view name) {
  if (module_file(command).empty()) return {.skipped = true};
  Result<engine::LoadedModule> loaded = load(command);
  auto text = command.at("text").get<std::string>();
  if (loaded) return {fmt::format("accepted, expected {}: {}", name, text)};
  if (loaded.error().kind->klass == klass) return {};
  return {fmt::format("{}, expected {}: {}", loaded.error().message(), name, text)};
}

Finding Script::assert_malformed(const json& command) {
  return expect_refusal(command, DiagnosticClass::Malformed, "malformed");
}

Finding Script::assert_invalid(const json& command) {
  return expect_refusal(command, DiagnosticClass::Invalid, "invalid");
}

Finding Script::assert_unlinkable(const json& command) {
  Result<engine::Instantiated> made = instantiate(command);
  auto text = command.at("text").get<std::string>();
  if (made) return {fmt::format("linked, expected: {}", text)};
  const Diagnostic& error = made.error();
  if (error.kind->klass == DiagnosticClass::Unlinkable && texts_agree(text, error.message())) {
    return {};
  }
  return {fmt::format("{}, expected: {}", error.message(), text)};
}

Finding Script::assert_uninstantiable(const json& command) {
  Result<engine::Instantiated> made = instantiate(command);
  if (!made) return {made.error().message()};
  auto text = command.at("text").get<std::string>();
  if (made->trap == Trap::none) return {fmt::format("no trap, expected: {}", text)};
  if (texts_agree(text, trap_text(made->trap))) return {};
  return {fmt::format("trap: {}, expected: {}", trap_text(made->trap), text)};
}

// An exception in reading a command fails that command alone.
Finding run_command(const json& command, Script& script) {
  try {
    return script.run(command);
  } catch (const json::exception& error) {
    return {fmt::format("cannot be read: {}", error.what())};
  }
}

Result<void> run_commands(const fs::path& path, const json& commands, Script& script,
                          WastReport& report) {
  for (const json& command : commands) {
    auto kind = command.at("type").get<std::string>();
    Finding finding = run_command(command, script);
    WastCounts& counts = report.kinds[kind];
    if (finding.skipped) {
      ++counts.skipped;
    } else if (finding.problem.empty()) {
      ++counts.passed;
    } else {
      ++counts.failed;
      report.failures.push_back({path.filename().string(), command.value("line", uint64_t{0}), kind,
                                 std::move(finding.problem)});
    }
  }
  return {};
}

}  // namespace

Result<WastReport> run_wast(const fs::path& path, const engine::Config& config, bool for_gdb) {
  std::vector<uint8_t> text = TRY(read_file(path));
  std::unique_ptr<Script> script = TRY(Script::create(path.parent_path(), config, for_gdb));
  WastReport report;
  try {
    TRY_VOID(run_commands(path, json::parse(text).at("commands"), *script, report));
  } catch (const json::exception& error) {
    return fail(diag::bad_script, kNoOffset, path.string() + ": " + error.what());
  }
  return report;
}

void WastReport::add(const WastReport& other) {
  for (const auto& [kind, counts] : other.kinds) {
    WastCounts& sum = kinds[kind];
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

WastCounts WastReport::total() const {
  WastCounts sum;
  for (const auto& [kind, counts] : kinds) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

std::string WastReport::table() const {
  std::string out =
      fmt::format("{:<24}{:>10}{:>10}{:>10}\n", "command", "passed", "failed", "skipped");
  auto line = [&out](std::string_view kind, const WastCounts& counts) {
    out += fmt::format("{:<24}{:>10}{:>10}{:>10}\n", kind, counts.passed, counts.failed,
                       counts.skipped);
  };
  for (const auto& [kind, counts] : kinds) line(kind, counts);
  line("all", total());
  return out;
}

}  // namespace cordon::cli
