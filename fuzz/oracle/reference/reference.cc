// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/reference.h"

#include <algorithm>

#include "core/wasm/validate_module.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/observe.h"
#include "fuzz/oracle/reference/lines.h"
#include "fuzz/oracle/reference/request.h"
#include "tests/kit/engines.h"

namespace cordon::fuzz {
namespace {

// The reason why a run of the module cannot be compared; empty if it can.
std::string obstacle(const wasm::Module& module) {
  for (const wasm::MemoryType& memory : module.memories) {
    // Cordon grows it to its own limit, V8 to another.
    if (!memory.limits.has_max) return "a memory without a maximum";
    if (memory.limits.min > kMaxHashedPages) return "a huge memory";
  }
  return {};
}

}  // namespace

Verdict Reference::compare_generated(ByteSpan bytes, bool twins) {
  Families families{Vectors::Exact, true, Exceptions::Legacy, twins};
  const std::vector<uint8_t> theirs = generate(bytes, families);
  if (!twins) return compare(theirs);
  families.exceptions = Exceptions::Standard;
  return compare(generate(bytes, families), theirs);
}

// The two have the same imports and exports.
Verdict Reference::compare(ByteSpan bytes, ByteSpan theirs) {
  const Result<wasm::Module> module = wasm::decode_module(bytes);
  if (module) {
    if (std::string why = obstacle(*module); !why.empty()) return {Verdict::Skipped, why};
  }
  const Observation seen = observe(testing::kReference.engine, bytes, Bounds::Far);
  const bool refused = !seen.refused.empty();
  // A valid module is linked, even if linking must fail.
  const bool valid = !refused || (module && wasm::validate_module(*module));
  const auto answer = v8_.ask(reference_request(theirs, valid ? &*module : nullptr));
  if (!answer) return {Verdict::NoAnswer, "no answer"};
  if (refused || answer->starts_with("refused")) {
    if (refused && answer->starts_with("refused")) return {Verdict::Agrees};
    const std::string here = refused ? "refused: " + seen.refused : "accepted";
    return {Verdict::Differs, "here [" + here + "], there [" + *answer + "]"};
  }
  const std::string lines = lines_of(seen, *module);
  const auto difference = std::ranges::equal(bytes, theirs)
                              ? lines_differ(lines, *answer)
                              : lines_differ(without_places(lines), without_places(*answer));
  return difference ? Verdict{Verdict::Differs, *difference} : Verdict{Verdict::Agrees};
}

}  // namespace cordon::fuzz
