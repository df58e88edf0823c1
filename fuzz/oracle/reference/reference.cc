// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/reference.h"

#include <algorithm>
#include <cstdlib>

#include "core/wasm/module.h"
#include "fuzz/oracle/observe.h"
#include "fuzz/oracle/reference/lines.h"
#include "fuzz/oracle/reference/request.h"

namespace cordon::fuzz {
namespace {

std::vector<std::string> command() {
  const char* const named = std::getenv("CORDON_NODE");
  // Garbage is taken away by need; a thread for each processor would only be in the way.
  return {named == nullptr ? "node" : named, "--v8-pool-size=1", CORDON_REFERENCE_CHILD};
}

// Why a run of the module cannot be compared; empty if it can.
std::string obstacle(const wasm::Module& module) {
  for (const wasm::MemoryType& memory : module.memories) {
    // Cordon grows it to its own limit, V8 to another.
    if (!memory.limits.has_max) return "a memory without a maximum";
    if (memory.limits.min > kMaxHashedPages) return "a huge memory";
  }
  return {};
}

}  // namespace

Reference::Reference() : child_(command()) { start(); }

bool Reference::start() {
  messages_ = 0;
  name_.clear();
  if (!child_.start()) return false;
  const std::optional<std::string> greeting = child_.ask(reference_settings());
  if (!greeting || !greeting->starts_with("V8 ")) {
    child_.stop();
    return false;
  }
  name_ = *greeting;
  return true;
}

std::optional<std::string> Reference::ask(const std::string& message) {
  if ((!child_.running() || messages_ == kMessagesOfOne) && !start()) return std::nullopt;
  ++messages_;
  return child_.ask(message);
}

Verdict Reference::compare(ByteSpan bytes) {
  const Result<wasm::Module> module = wasm::decode_module(bytes);
  if (module) {
    if (std::string why = obstacle(*module); !why.empty()) return {Verdict::Skipped, why};
  }
  const Observation seen = observe(kFirst, bytes, Bounds::Far);
  const bool refused = !seen.refused.empty();
  const auto answer = ask(reference_request(bytes, refused ? nullptr : &*module));
  if (!answer) return {Verdict::NoAnswer, "no answer"};
  if (refused || answer->starts_with("refused")) {
    if (refused && answer->starts_with("refused")) return {Verdict::Agrees};
    return {Verdict::Differs, "here [" + (refused ? "refused: " + seen.refused : "accepted") +
                                  "], there [" + *answer + "]"};
  }
  const auto difference = lines_differ(lines_of(seen, *module), *answer);
  return difference ? Verdict{Verdict::Differs, *difference} : Verdict{Verdict::Agrees};
}

}  // namespace cordon::fuzz
