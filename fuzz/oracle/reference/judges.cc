// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/judges.h"

#include <optional>
#include <string_view>

#include "core/wasm/validate_module.h"
#include "fuzz/oracle/reference/request.h"

namespace cordon::fuzz {
namespace {

// The reason why Cordon refuses the module; nothing if it is valid.
std::optional<Diagnostic> refusal(ByteSpan bytes) {
  auto module = wasm::decode_module(bytes);
  if (!module) return module.error();
  const auto validated = wasm::validate_module(std::move(*module));
  return validated ? std::nullopt : std::optional(validated.error());
}

bool is_limit(std::string_view answer) {
#define LIMIT(text) \
  if (answer.find(text) != std::string_view::npos) return true;
#define TAKES(judge, diagnostic, why)
#include "fuzz/oracle/reference/judges.def"
  return false;
}

// Whether the judge may accept what Cordon refuses for this reason.
bool may_take(const std::string& judge, const Diagnostic& refused) {
  const std::string_view name = refused.kind->name;
  const bool lacked =
      refused.kind->klass == DiagnosticClass::Unsupported || name.starts_with("lacks_");
  if (lacked && judge.starts_with("V8")) return true;
#define LIMIT(text)
#define TAKES(beginning, diagnostic, why) \
  if (judge.starts_with(beginning) && name == #diagnostic) return true;
#include "fuzz/oracle/reference/judges.def"
  return refused.kind->klass == DiagnosticClass::Limit;
}

std::string both(const std::optional<Diagnostic>& ours, const std::string& theirs) {
  const std::string here =
      ours ? "refused: " + ours->message() + " (" + std::string(ours->kind->name) + ")"
           : "accepted";
  return "here [" + here + "], there [" + theirs + "]";
}

Verdict agreement(const std::optional<Diagnostic>& ours) {
  return {Verdict::Agrees, ours ? std::string(ours->kind->name) : "valid"};
}

Verdict compare(const std::optional<Diagnostic>& ours, Partner& judge, std::string_view question) {
  const std::string name = judge.name();
  const std::optional<std::string> theirs = judge.ask(question);
  if (!theirs) return {Verdict::NoAnswer, name + " gives no answer"};
  const bool accepted = theirs->starts_with("accepted");
  const bool agrees = accepted ? !ours || may_take(name, *ours) : ours || is_limit(*theirs);
  if (agrees) return agreement(ours);
  return {Verdict::Differs, name + ": " + both(ours, *theirs)};
}

}  // namespace

std::vector<std::string> Judges::names() const {
  std::vector<std::string> names;
  for (const Partner* each : {&wasmparser_, &v8_}) {
    if (!each->name().empty()) names.push_back(each->name());
  }
  return names;
}

Verdict Judges::judge(ByteSpan module) {
  const std::optional<Diagnostic> ours = refusal(module);
  const Verdict exact = by_wasmparser(ours, module);
  return is_finding(exact) ? exact : by_v8(ours, module);
}

Verdict Judges::judge_quickly(ByteSpan module) {
  const std::optional<Diagnostic> ours = refusal(module);
  return wasmparser_.name().empty() ? by_v8(ours, module) : by_wasmparser(ours, module);
}

Verdict Judges::by_wasmparser(const std::optional<Diagnostic>& ours, ByteSpan module) {
  if (wasmparser_.name().empty()) return agreement(ours);
  const std::string_view bytes(reinterpret_cast<const char*>(module.data()), module.size());
  return compare(ours, wasmparser_, bytes);
}

Verdict Judges::by_v8(const std::optional<Diagnostic>& ours, ByteSpan module) {
  if (v8_.name().empty()) return agreement(ours);
  return compare(ours, v8_, reference_request(module, nullptr));
}

}  // namespace cordon::fuzz
