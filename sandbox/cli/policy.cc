// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon policy: the system calls that each worker may make, printed from the table that its
// filters were made from.
#include "sandbox/policy/policy.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"

namespace cordon::cli {
namespace {

const char* name_of(policy::Answer answer) {
  switch (answer) {
    case policy::Answer::Allow: return "allow";
    case policy::Answer::Ask: return "ask";
    case policy::Answer::Never: return "never";
  }
  return "?";
}

void print_text(policy::Worker worker) {
  say("{} worker: every other system call is held and ends the process, every other architecture "
      "kills it;\n\"ask\": the supervisor answers; \"never\": killed, whatever else allows it\n",
      policy::name_of(worker));
  for (policy::Phase phase : {policy::Phase::Guest, policy::Phase::SetUp}) {
    say("\n{}\n",
        phase == policy::Phase::Guest ? "while the guest runs:" : "before that, in addition:");
    for (const policy::Row& row : policy::rows_of(worker)) {
      if (row.phase != phase) continue;
      std::string conditions = policy::conditions_text(row);
      say("  {:<6} {:<16} {:<44} {}\n", name_of(row.answer), row.name,
          conditions.empty() ? "-" : conditions, row.reason);
    }
  }
}

// What --engine=auto changes of the jails of --engine=jit.
constexpr std::pair<policy::Worker, policy::Worker> kChanges[] = {
    {policy::Worker::RunNative, policy::Worker::RunAuto},
    {policy::Worker::Compile, policy::Worker::CompileAuto},
};

void print_change(policy::Worker jit, policy::Worker automatic) {
  say("\n{} worker, compared with {}:\n", policy::name_of(automatic), policy::name_of(jit));
  for (const bool adds : {true, false}) {
    for (const policy::Row& row :
         adds ? policy::rows_beyond(automatic, jit) : policy::rows_beyond(jit, automatic)) {
      const std::string conditions = policy::conditions_text(row);
      say("  {} {:<6} {:<6} {:<16} {:<44} {}\n", adds ? '+' : '-', policy::name_of(row.phase),
          name_of(row.answer), row.name, conditions.empty() ? "-" : conditions, row.reason);
    }
  }
}

nlohmann::ordered_json as_json(const policy::Row& row) {
  return {{"call", row.name},
          {"number", row.number},
          {"phase", policy::name_of(row.phase)},
          {"answer", name_of(row.answer)},
          {"conditions", policy::conditions_text(row)},
          {"reason", row.reason}};
}

nlohmann::ordered_json as_json(std::span<const policy::Row> rows) {
  auto all = nlohmann::ordered_json::array();
  for (const policy::Row& row : rows) all.push_back(as_json(row));
  return all;
}

nlohmann::ordered_json as_json(policy::Worker worker) {
  nlohmann::ordered_json json = {{"worker", policy::name_of(worker)},
                                 {"default", "hold and end"},
                                 {"rows", as_json(policy::rows_of(worker))}};
  for (auto [jit, automatic] : kChanges) {
    if (worker != automatic) continue;
    json["compared_with"] = {{"worker", policy::name_of(jit)},
                             {"added", as_json(policy::rows_beyond(automatic, jit))},
                             {"removed", as_json(policy::rows_beyond(jit, automatic))}};
  }
  return json;
}

void print_policies(bool json) {
  auto all = nlohmann::ordered_json::array();
  for (policy::Worker worker : policy::kWorkers) {
    if (json) {
      all.push_back(as_json(worker));
    } else {
      print_text(worker);
    }
  }
  if (json) return say("{}\n", all.dump(2));
  say("\nwhat --engine=auto changes of the jails of --engine=jit:\n");
  for (auto [jit, automatic] : kChanges) print_change(jit, automatic);
}

}  // namespace

void add_policy(CLI::App& app, int& status) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("policy", "print the system calls that each worker may make");
  command->add_flag("--json", *json, "as JSON");
  command->footer("Example:\n  cordon policy | less");
  command->callback([json, &status] {
    print_policies(*json);
    status = 0;
  });
}

}  // namespace cordon::cli
