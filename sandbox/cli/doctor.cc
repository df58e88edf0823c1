// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon doctor: which layers of the jail this machine supports, and what to do about missing
// ones.

#include <memory>
#include <nlohmann/json.hpp>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"
#include "sandbox/jail/probe.h"

namespace cordon::cli {
namespace {

using jail::LayerState;

constexpr int kDegraded = 1;

void print_json(const std::vector<LayerState>& layers) {
  auto all = nlohmann::ordered_json::array();
  for (const LayerState& layer : layers) {
    all.push_back({{"layer", layer.name},
                   {"gives", layer.what},
                   {"available", layer.available},
                   {"required", layer.required},
                   {"optional", layer.optional},
                   {"why", layer.why}});
  }
  say("{}\n", all.dump(2));
}

void print_text(const std::vector<LayerState>& layers) {
  for (const LayerState& layer : layers) {
    const char* missing = layer.optional ? "none" : "MISSING";
    say("{:<8} {:<20} {}\n", layer.available ? "ok" : missing, layer.name, layer.what);
    if (!layer.why.empty()) say("{:29} {}\n", "", layer.why);
  }
}

const char* advice(bool all, bool required) {
  if (!required) return "A part that every jail requires is missing: cordon does not run here.";
  if (!all) {
    return "`cordon run` refuses here. With --jail=degraded it runs without the missing "
           "layers\n"
           "and reports them. User namespaces are often off in containers and by sysctl\n"
           "(kernel.unprivileged_userns_clone, user.max_user_namespaces).";
  }
  return "All layers of the jail are available.";
}

int examine(bool json) {
  std::vector<LayerState> layers = jail::probe_layers();
  bool all = true, required = true;
  for (const LayerState& layer : layers) {
    all = all && (layer.available || layer.optional);
    if (layer.required) required = required && layer.available;
  }
  if (json) {
    print_json(layers);
  } else {
    print_text(layers);
    say("\n{}\n", advice(all, required));
  }
  return all ? 0 : kDegraded;
}

}  // namespace

void add_doctor(CLI::App& app, int& status) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("doctor", "print which layers of the jail this machine supports");
  command->add_flag("--json", *json, "as JSON");
  command->footer(
      "Exit status: 0 if every layer is available, 1 if not. One that is optional (\"none\") does "
      "not "
      "count.");
  command->callback([json, &status] { status = examine(*json); });
}

}  // namespace cordon::cli
