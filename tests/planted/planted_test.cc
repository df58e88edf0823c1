// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every bug of core/jit/masm/planted.def is made, and the verifier refuses the code it shows in
// ([M1] [C1] [S1] [T1]). That it was made is seen by the bytes: they differ from the sound ones.
#include "core/jit/masm/planted.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/jit/compile.h"
#include "core/verify/verify.h"
#include "core/wasm/validate_module.h"
#include "fuzz/gen/module_gen.h"
#include "tests/planted/probes.h"

namespace cordon::planted {
namespace {

using jit::masm::Planted;

constexpr uint64_t kGenerated = 24;  // modules by the fuzzer's generator
constexpr uint32_t kAllFeatures = 15;

struct Bug {
  Planted planted;
  std::string_view name, rules, text;
};
constexpr Bug kBugs[] = {
#define BUG(name, rules, text) {Planted::name, #name, rules, text},
#include "core/jit/masm/planted.def"
};

struct Sample {
  std::vector<uint8_t> bytes;  // `module` views them
  std::unique_ptr<const wasm::ValidatedModule> module;
  jit::CompileOptions options;
  std::vector<uint8_t> sound;
};

Result<std::vector<uint8_t>> compile(const Sample& sample, Planted bug) {
  jit::masm::planted_bug = bug;
  auto code = jit::compile(*sample.module, sample.options);
  jit::masm::planted_bug = Planted::none;
  return code;
}

void add_samples(std::vector<Sample>& samples, const std::vector<uint8_t>& bytes) {
  for (const bool fuel : {false, true}) {
    Sample sample{.bytes = bytes, .module = {}, .options = {}, .sound = {}};
    sample.options.target = fuel ? abi::Target{kAllFeatures} : abi::Target{};
    sample.options.fuel = fuel;
    auto module = wasm::decode_module(sample.bytes);
    ASSERT_TRUE(module) << module.error().message();
    auto validated = wasm::validate_module(std::move(*module));
    ASSERT_TRUE(validated) << validated.error().message();
    sample.module = std::move(*validated);
    auto sound = compile(sample, Planted::none);
    ASSERT_TRUE(sound) << sound.error().message();
    sample.sound = std::move(*sound);
    const auto verified = verify::verify(*sample.module, sample.sound);
    ASSERT_TRUE(verified) << verified.error().message();
    samples.push_back(std::move(sample));
  }
}

// Probes first.
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> made;
    for (const std::vector<uint8_t>& probe : probes()) add_samples(made, probe);
    for (uint64_t seed = 1; seed <= kGenerated; ++seed) {
      add_samples(made, fuzz::generate(fuzz::bytes_of_seed(seed)));
    }
    return made;
  }();
  return all;
}

struct Found {
  size_t changed = 0, refused = 0, accepted = 0, not_compiled = 0;
  std::map<std::string_view, size_t> rules;
};

Found plant(const Bug& bug) {
  Found found;
  for (const Sample& sample : samples()) {
    const auto code = compile(sample, bug.planted);
    if (!code) {  // the macro assembler noticed by itself
      ++found.not_compiled;
      continue;
    }
    if (*code == sample.sound) continue;
    ++found.changed;
    const auto verified = verify::verify(*sample.module, *code);
    if (verified) {
      ++found.accepted;
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
    const size_t end = rest.find('|');
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
  std::printf("%-30s changed %3zu refused %3zu accepted %3zu not compiled %3zu:%s\n",
              std::string(bug.name).c_str(), found.changed, found.refused, found.accepted,
              found.not_compiled, rules.c_str());
}

class PlantedTest : public ::testing::TestWithParam<Bug> {};

TEST_P(PlantedTest, IsRefused) {
  const Bug& bug = GetParam();
  const Found found = plant(bug);
  print(bug, found);
  EXPECT_GT(found.changed, 0u) << "not planted";
  bool by_expected = false;
  for (const auto& [rule, times] : found.rules) by_expected |= is_expected(bug, rule);
  EXPECT_TRUE(by_expected) << "expected " << bug.rules;
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedTest, ::testing::ValuesIn(kBugs),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cordon::planted
