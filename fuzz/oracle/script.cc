// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/script.h"

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/wasm/module.h"
#include "fuzz/gen/plan.h"
#include "fuzz/oracle/observe.h"
#include "tests/kit/engines.h"

namespace cordon::fuzz {
namespace {

using nlohmann::json;
using wasm::ValType;

bool is_nan(const SeenValue& value) {
  if (value.type == ValType::f32) {
    return std::isnan(std::bit_cast<float>(static_cast<uint32_t>(value.bits)));
  }
  return value.type == ValType::f64 && std::isnan(std::bit_cast<double>(value.bits));
}

json given(const SeenValue& value) {
  json out = {{"type", std::string(wasm::name_of(value.type))}};
  if (!wasm::is_ref(value.type)) {
    out["value"] = std::to_string(value.bits);
  } else if (value.bits == 0) {
    out["value"] = "null";
  } else if (value.type == ValType::externref) {
    out["value"] = std::to_string(value.bits - 1);  // scripts count host references from 0
  }
  return out;
}

// A computed NaN may have any payload.
json expected(const SeenValue& value) {
  json out = given(value);
  if (is_nan(value)) out["value"] = "nan:arithmetic";
  return out;
}

template <class Make>
json list(const std::vector<SeenValue>& values, Make make) {
  auto out = json::array();
  for (const SeenValue& value : values) out.push_back(make(value));
  return out;
}

json command_of(const SeenCall& call) {
  const json action = {{"type", "invoke"}, {"field", call.name}, {"args", list(call.args, given)}};
  if (call.trap == Trap::none) {
    return {
        {"type", "assert_return"}, {"action", action}, {"expected", list(call.results, expected)}};
  }
  return {{"type", "assert_trap"}, {"action", action}, {"text", std::string(trap_text(call.trap))}};
}

// Renames the module's budget of calls: observe() resets it before each call, which a script cannot
// do.
std::vector<uint8_t> without_budget(ByteSpan bytes, const wasm::Module& module) {
  std::vector<uint8_t> renamed(bytes.begin(), bytes.end());
  for (const wasm::Export& item : module.exports) {
    if (item.name != kBudgetName) continue;
    const auto at = reinterpret_cast<const uint8_t*>(item.name.data()) - bytes.data();
    renamed[static_cast<size_t>(at)] = '-';
  }
  return renamed;
}

}  // namespace

std::string script_of(ByteSpan bytes, const std::string& filename) {
  const auto module = wasm::decode_module(bytes);
  if (!module) return {};
  const Observation seen = observe(testing::kReference.engine, without_budget(bytes, *module));
  if (!seen.refused.empty()) return {};
  auto commands = json::array({{{"type", "module"}, {"filename", filename}}});
  for (size_t i = 1; i < seen.calls.size(); ++i) {  // the first one is instantiation
    if (seen.calls[i].trap == Trap::fuel_exhausted) break;
    commands.push_back(command_of(seen.calls[i]));
  }
  for (const wasm::Export& item : module->exports) {
    if (item.kind != wasm::ExternKind::Global || item.index >= seen.globals.size()) continue;
    commands.push_back({{"type", "assert_return"},
                        {"action", {{"type", "get"}, {"field", std::string(item.name)}}},
                        {"expected", json::array({expected(seen.globals[item.index])})}});
  }
  for (size_t i = 0; i < commands.size(); ++i) commands[i]["line"] = i + 1;
  return json({{"source_filename", filename}, {"commands", commands}}).dump(1) + "\n";
}

}  // namespace cordon::fuzz
