// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every bug of bugs.def is made, and the verifier refuses the code it shows in
// ([M1] [C1] [S1] [T1]). That it was made is seen by the bytes: they differ from the sound ones.
// Where the mistake does no harm (an index with a wrong upper half that is never used as one) such
// code is accepted, and must then do none: it is run by single steps under the monitor of
// tests/mutation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/jit/baseline/baseline.h"
#include "core/jit/code/compile.h"
#include "core/verify/verify.h"
#include "core/wasm/validate_module.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/peer.h"
#include "tests/mutation/monitor.h"
#include "tests/planted/probes.h"
#include "tests/planted/switch.h"

namespace cordon::planted {
namespace {

constexpr uint64_t kGenerated = 120;  // modules by the fuzzer's generator

enum class Where : uint8_t { Everywhere, WhereUsed };
struct Bug {
  int number;
  std::string_view name;
  Where where;
  std::string_view rules, text;
};
constexpr Bug kBugs[] = {
#define BUG(number, name, harm, rules, text) {number, #name, Where::harm, rules, text},
#include "planted_bugs.inc"
#undef BUG
};

struct Sample {
  std::vector<uint8_t> bytes;  // `module` views them
  std::unique_ptr<const wasm::ValidatedModule> module;
  jit::CompileOptions options;
  std::vector<uint8_t> sound;
};

Result<std::vector<uint8_t>> compile(const Sample& sample, int number) {
  selected = number;
  auto code = jit::compile(*sample.module, jit::baseline_tier, sample.options);
  selected = 0;
  return code;
}

void add_samples(std::vector<Sample>& samples, const std::vector<uint8_t>& bytes) {
  for (const bool fuel : {false, true}) {
    Sample sample{.bytes = bytes, .module = {}, .options = {}, .sound = {}};
    sample.options.target = fuel ? abi::detect_target() : abi::Target{};
    sample.options.fuel = sample.options.loop_entries = fuel;
    auto module = wasm::decode_module(sample.bytes);
    ASSERT_TRUE(module) << module.error().message();
    auto validated = wasm::validate_module_with_uses(std::move(*module));
    ASSERT_TRUE(validated) << validated.error().message();
    sample.module = std::move(*validated);
    auto sound = compile(sample, 0);
    ASSERT_TRUE(sound) << sound.error().message();
    sample.sound = std::move(*sound);
    const auto verified = verify::verify(*sample.module, sample.sound);
    ASSERT_TRUE(verified) << verified.error().message();
    samples.push_back(std::move(sample));
  }
}

// What imports from a peer module, or has a memory of gigabytes, is not run by the monitor alone.
bool runs_alone(const std::vector<uint8_t>& bytes) {
  constexpr uint64_t kMostPages = 16;
  const auto module = wasm::decode_module(bytes);
  EXPECT_TRUE(module);
  if (!module || (!module->memories.empty() && module->memories[0].limits.min > kMostPages)) {
    return false;
  }
  return std::ranges::none_of(
      module->imports, [](const wasm::Import& import) { return import.module == fuzz::kPeerName; });
}

// Probes first.
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> made;
    for (const std::vector<uint8_t>& probe : probes()) add_samples(made, probe);
    for (uint64_t seed = 1; seed <= kGenerated; ++seed) {
      const std::vector<uint8_t> bytes =
          fuzz::generate(fuzz::bytes_of_seed(seed), fuzz::Vectors::None);
      if (runs_alone(bytes)) add_samples(made, bytes);
    }
    return made;
  }();
  return all;
}

struct Found {
  size_t changed = 0, refused = 0, accepted = 0, ran = 0, not_compiled = 0;
  uint64_t steps = 0;
  std::map<std::string_view, size_t> rules;
};

void run(const Sample& sample, ByteSpan code, Found& found) {
  std::string what;
  uint64_t steps = 0;
  const bool fuel = sample.options.fuel;
  // Not all can be instantiated.
  const auto sound = mutation::run_monitored(sample.bytes, sample.sound, fuel, what);
  if (sound != mutation::End::Harmless && sound != mutation::End::Endless) return;
  const auto end = mutation::run_monitored(sample.bytes, code, fuel, what, &steps);
  EXPECT_NE(end, mutation::End::Violation) << "accepted, and harmful: " << what;
  ++found.ran;
  found.steps += steps;
}

Found plant(const Bug& bug) {
  Found found;
  for (const Sample& sample : samples()) {
    const auto code = compile(sample, bug.number);
    if (!code) {  // the macro assembler noticed by itself
      ++found.not_compiled;
      continue;
    }
    if (*code == sample.sound) continue;
    ++found.changed;
    const auto verified = verify::verify(*sample.module, *code);
    if (verified) {
      ++found.accepted;
      run(sample, *code, found);
    } else {
      ++found.refused;
      ++found.rules[verified.error().kind->name];
    }
  }
  return found;
}

bool is_expected(const Bug& bug, std::string_view rule) {
  std::string_view rest = bug.rules;
  while (!rest.empty()) {
    const size_t end = rest.find(' ');
    if (rest.substr(0, end) == rule) return true;
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return false;
}

void print(const Bug& bug, const Found& found) {
  std::string rules;
  for (const auto& [rule, times] : found.rules) {
    rules += " " + std::string(rule) + " " + std::to_string(times);
  }
  std::printf(
      "%-29s %4zu changed, %4zu refused, %3zu accepted, %3zu of them run by %7llu steps:%s\n",
      std::string(bug.name).c_str(), found.changed, found.refused, found.accepted, found.ran,
      static_cast<unsigned long long>(found.steps), rules.c_str());
}

class PlantedTest : public ::testing::TestWithParam<Bug> {};

TEST_P(PlantedTest, IsRefused) {
  const Bug& bug = GetParam();
  const Found found = plant(bug);
  print(bug, found);
  EXPECT_GT(found.changed, 0u) << "not planted";
  if (bug.where == Where::Everywhere) EXPECT_EQ(found.accepted, 0u);
  EXPECT_EQ(found.ran, found.accepted);
  EXPECT_EQ(found.not_compiled, 0u)
      << "what the compiler notices itself is no test of the verifier";
  bool by_expected = false;
  for (const auto& [rule, times] : found.rules) by_expected |= is_expected(bug, rule);
  EXPECT_TRUE(by_expected) << "expected " << bug.rules;
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedTest, ::testing::ValuesIn(kBugs),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cordon::planted
