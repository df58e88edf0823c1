// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specification's suites through the jail: each module in a worker of its own
// (script_worker.cc), by each engine, code from the jailed compile worker where it is the JIT. What
// needs several instances at once (imports of a registered module) cannot be one jailed run; it is
// counted, and runs in spec_test.cc.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "core/abi/traps.h"
#include "core/wasm/module.h"
#include "sandbox/cli/wast_values.h"
#include "sandbox/supervisor/run.h"
#include "tests/kit/environment.h"

namespace cordon {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using supervisor::RunEnd;

// The commands on binary modules, divided: 27 361 in release 2.0, 27 431 in the suite that
// ci/fetch-spec makes.
struct Divided {
  uint64_t alone, linked;
};
[[maybe_unused]] constexpr Divided kRelease{25'770, 1'591}, kFetched{25'828, 1'603};

// One jailed run: a module, and what the script does with it.
struct Case {
  std::string script;
  fs::path module;
  json head;  // the command that brings the module: module, assert_invalid, ...
  std::vector<json> commands = {};
};

struct Counts {
  std::map<std::string, uint64_t> passed;
  uint64_t linked = 0;  // commands that need other instances
  std::vector<std::string> failures;
};

json read_script(const fs::path& path) {
  std::ifstream file(path);
  return json::parse(file).at("commands");
}

bool imports_only_spectest(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  auto module = wasm::decode_module(bytes);
  if (!module) return true;
  return std::all_of(module->imports.begin(), module->imports.end(),
                     [](const wasm::Import& import) { return import.module == "spectest"; });
}

// The modules that others may have changed: the registered ones, and those that import them.
std::vector<Case> cases_of(const fs::path& script, Counts& counts) {
  std::vector<Case> cases;
  std::map<std::string, size_t> named;
  std::set<size_t> linked;
  for (const json& command : read_script(script)) {
    auto type = command.at("type").get<std::string>();
    if (command.contains("filename")) {
      const std::string file = cli::module_file(command);
      if (file.empty()) continue;
      cases.push_back({script.filename().string(), script.parent_path() / file, command});
      if (!imports_only_spectest(cases.back().module)) linked.insert(cases.size() - 1);
      if (command.contains("name")) named[command.at("name")] = cases.size() - 1;
      if (type != "module") continue;
      named[""] = cases.size() - 1;
      continue;
    }
    bool is_register = type == "register";
    const json& where = is_register ? command : command.at("action");
    size_t which = named.at(where.value(is_register ? "name" : "module", ""));
    if (is_register) linked.insert(which);
    cases[which].commands.push_back(command);
  }
  std::vector<Case> alone;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (linked.contains(i)) {
      counts.linked += 1 + cases[i].commands.size();
    } else {
      alone.push_back(std::move(cases[i]));
    }
  }
  return alone;
}

std::string to_worker(const json& action) {
  auto field = action.at("field").get<std::string>();
  if (action.at("type") == "get") return "get " + field;
  std::string text = std::to_string(action.at("args").size()) + ' ';
  for (const json& argument : action.at("args")) {
    const engine::Value value = cli::value_from_json(argument);
    text += std::to_string(value.slot) + ' ' + std::to_string(value.high) + ' ';
  }
  return text + field;
}

std::string problem_with_values(const json& expected, const std::string& line) {
  std::istringstream in(line.substr(std::string("values").size()));
  std::vector<engine::Value> values;
  unsigned type;
  char colon;
  for (uint64_t slot, high; in >> type >> colon >> slot >> colon >> high;) {
    values.push_back({static_cast<wasm::ValType>(type), slot, high});
  }
  bool same = values.size() == expected.size();
  for (size_t i = 0; same && i < values.size(); ++i)
    same = cli::value_matches(expected[i], values[i]);
  return same ? "" : fmt::format("expected {}, got {}", expected.dump(), line);
}

std::string problem_with(const json& command, const std::string& line) {
  auto type = command.at("type").get<std::string>();
  if (type == "action") return line.starts_with("values") ? "" : line;
  if (type == "assert_return") {
    return line.starts_with("values") ? problem_with_values(command.at("expected"), line) : line;
  }
  const std::string uncaught(trap_text(Trap::uncaught_exception));
  const auto text = type == "assert_exception" ? uncaught : command.at("text").get<std::string>();
  std::string got = line.starts_with("trap ") ? line.substr(5) : "";
  bool same = !got.empty() && (got.starts_with(text) || text.starts_with(got));
  return same ? "" : fmt::format("expected trap {}, got {}", text, line);
}

// What the end of the run must be for the command that brings the module.
std::string problem_with_end(const Case& c, const supervisor::RunReport& report) {
  auto type = c.head.at("type").get<std::string>();
  RunEnd expected = type == "module"                  ? RunEnd::Exited
                    : type == "assert_uninstantiable" ? RunEnd::Trapped
                                                      : RunEnd::Refused;
  return report.end == expected ? "" : fmt::format("ended as {}: {}", int(report.end), report.text);
}

void note(Counts& counts, const Case& c, const json& command, const std::string& problem) {
  auto type = command.at("type").get<std::string>();
  if (problem.empty()) {
    ++counts.passed[type];
  } else {
    counts.failures.push_back(
        fmt::format("{}:{}: {}: {}", c.script, command.at("line").get<uint64_t>(), type, problem));
  }
}

void run_case(const Case& c, protocol::Engine engine, Counts& counts) {
  supervisor::RunRequest request;
  request.engine = engine;
  request.hot_fuel = 0;
  request.module_path = c.module;
  request.worker_path = CORDON_SCRIPT_WORKER;
  request.compiler_path = CORDON_COMPILE_WORKER;
  request.invoke = "script";
  request.timeout = std::chrono::seconds(60);
  for (const json& command : c.commands) request.args.push_back(to_worker(command.at("action")));
  auto report = supervisor::run(request);
  note(counts, c, c.head, problem_with_end(c, report));
  std::istringstream lines(report.output);
  for (const json& command : c.commands) {
    std::string line;
    std::getline(lines, line);
    note(counts, c, command, problem_with(command, line));
  }
}

// Two at a time; every n-th case where sanitizers make a process slow to start.
void run_cases(const std::vector<Case>& cases, protocol::Engine engine, Counts& counts) {
#ifdef CORDON_SANITIZED
  constexpr size_t kStride = 16;
#else
  constexpr size_t kStride = 1;
#endif
  Counts halves[2];
  auto run_half = [&](size_t half) {
    for (size_t i = half * kStride; i < cases.size(); i += 2 * kStride) {
      run_case(cases[i], engine, halves[half]);
    }
  };
  std::thread other(run_half, 1);
  run_half(0);
  other.join();
  for (const Counts& half : halves) {
    for (const auto& [type, passed] : half.passed) counts.passed[type] += passed;
    counts.failures.insert(counts.failures.end(), half.failures.begin(), half.failures.end());
  }
}

// Runs all of a suite and reports every failure; returns the number of commands that passed.
uint64_t run_suite(const fs::path& suite, protocol::Engine engine, Counts& counts) {
  std::vector<Case> cases;
  for (const auto& entry : fs::recursive_directory_iterator(suite)) {
    if (entry.path().extension() != ".json") continue;
    for (Case& c : cases_of(entry.path(), counts)) cases.push_back(std::move(c));
  }
  run_cases(cases, engine, counts);
  for (const std::string& failure : counts.failures) ADD_FAILURE() << failure;
  uint64_t all = 0;
  for (const auto& [type, passed] : counts.passed) {
    std::cout << fmt::format("{:<24}{:>10}\n", type, passed);
    all += passed;
  }
  std::cout << fmt::format("{:<24}{:>10}\nneed other instances {:>13}\n", "all", all,
                           counts.linked);
  return all;
}

class JailedSpec : public testing::NeedsSpecSuite,
                   public ::testing::WithParamInterface<protocol::Engine> {};
class JailedVectors : public JailedSpec {};

TEST_P(JailedSpec, EveryModuleThatStandsAloneBehavesInTheJail) {
  Counts counts;
  [[maybe_unused]] const uint64_t all = run_suite(directory() / "2.0/core", GetParam(), counts);
#ifndef CORDON_SANITIZED
  const Divided& expected = is_fetched() ? kFetched : kRelease;
  EXPECT_EQ(all, expected.alone);
  EXPECT_EQ(counts.linked, expected.linked);
#endif
}

// Commands on binary modules, as many as the suites beside the checkout have.
TEST_P(JailedVectors, EveryModuleThatStandsAloneBehavesInTheJail) {
  for (const auto& [suite, commands] :
       {std::pair{"2.0/simd", 25'469U}, std::pair{"3.0/relaxed-simd", 77U},
        std::pair{"3.0/tail-call", 115U}}) {
    Counts counts;
    const uint64_t all = run_suite(directory() / suite, GetParam(), counts);
    EXPECT_NE(all, 0U) << suite;
#ifndef CORDON_SANITIZED
    if (!is_fetched()) EXPECT_EQ(all + counts.linked, commands) << suite;
#endif
  }
}

using Suites = std::vector<std::pair<const char*, unsigned>>;
void expect_suites(const fs::path& directory, [[maybe_unused]] bool is_fetched,
                   protocol::Engine engine, const Suites& suites) {
  for (const auto& [suite, commands] : suites) {
    Counts counts;
    const uint64_t all = run_suite(directory / suite, engine, counts);
    EXPECT_NE(all, 0U) << suite;
#ifndef CORDON_SANITIZED
    if (!is_fetched) EXPECT_EQ(all + counts.linked, commands) << suite;
#endif
  }
}

// Those modules of the standard's exceptions are left out that need typed function references or
// recursive types.
class JailedExceptions : public JailedSpec {};
TEST_P(JailedExceptions, EveryModuleThatStandsAloneBehavesInTheJail) {
  expect_suites(directory(), is_fetched(), GetParam(),
                {{"3.0/exceptions/throw", 13},
                 {"3.0/exceptions/throw_ref", 15},
                 {"3.0/legacy-exceptions", 89}});
}

std::string name_of(const ::testing::TestParamInfo<protocol::Engine>& engine) {
  constexpr const char* kNames[] = {"Interp", "Jit", "Auto"};
  return kNames[static_cast<size_t>(engine.param)];
}
const auto kEngines =
    ::testing::Values(protocol::Engine::Interp, protocol::Engine::Jit, protocol::Engine::Auto);
INSTANTIATE_TEST_SUITE_P(Engines, JailedSpec, kEngines, name_of);
INSTANTIATE_TEST_SUITE_P(Engines, JailedVectors, kEngines, name_of);
INSTANTIATE_TEST_SUITE_P(Engines, JailedExceptions, kEngines, name_of);

}  // namespace
}  // namespace cordon
