// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-tiers: the target `tiers` without libFuzzer, over seeds that are numbers. For long
// runs in a release build, for measuring the generator, and for shrinking what was found.
//
//     cordon-fuzz-tiers [FIRST [COUNT [DIRECTORY]]]     seeds FIRST ... FIRST + COUNT - 1
//     cordon-fuzz-tiers FILE.wasm ...                   modules instead
//
// A finding is shrunk, written into DIRECTORY and printed; then the exit status is 1.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/reach.h"

namespace {

using namespace cordon;

// How many findings of one kind are shrunk and kept; the others are counted.
constexpr uint64_t kKeptOfAKind = 2;

struct Totals {
  uint64_t run = 0, refused = 0, calls = 0, findings = 0;
  std::map<Trap, uint64_t> traps;
  std::map<std::string, uint64_t> kinds;
  fuzz::Reach reach;
};

// The text without its numbers, hexadecimal ones too.
std::string kind_of(const std::string& finding) {
  std::string kind;
  std::copy_if(finding.begin(), finding.end(), std::back_inserter(kind),
               [](char c) { return c > 'f' && c <= 'z' && c != 'x'; });
  return kind.substr(0, 40);
}

// Shrinks the seed's bytes while the finding stays a refusal or stays a difference.
void keep(uint64_t seed, const std::string& finding, const std::string& directory) {
  const bool refused = finding.starts_with("refused");
  const auto fails = [&](ByteSpan bytes) {
    const std::optional<std::string> now = fuzz::compare(fuzz::generate(bytes)).finding;
    return now.has_value() && now->starts_with("refused") == refused;
  };
  const std::vector<uint8_t> module =
      fuzz::generate(fuzz::reduce(fuzz::bytes_of_seed(seed), fails));
  std::cout << "seed " << seed << ": " << finding << "\n  shrunk to "
            << fuzz::write_module(directory, module) << ", " << module.size()
            << " bytes: " << fuzz::compare(module).finding.value_or("agrees") << std::endl;
}

void run_seed(uint64_t seed, const std::string& directory, Totals& totals) {
  const std::vector<uint8_t> module = fuzz::generate(fuzz::bytes_of_seed(seed));
  const fuzz::Comparison comparison = fuzz::compare(module);
  ++totals.run;
  totals.reach.count(module);
  totals.refused += comparison.first.refused.empty() ? 0 : 1;
  totals.calls += comparison.first.calls.size();
  for (const fuzz::SeenCall& call : comparison.first.calls) ++totals.traps[call.trap];
  if (!comparison.finding) return;
  ++totals.findings;
  if (totals.kinds[kind_of(*comparison.finding)]++ < kKeptOfAKind) {
    keep(seed, *comparison.finding, directory);
  }
}

int run_seeds(uint64_t first, uint64_t count, const std::string& directory) {
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < count; ++i) run_seed(first + i, directory, totals);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto percent = [](uint64_t part, uint64_t whole) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(std::max<uint64_t>(whole, 1));
  };
  const auto run = static_cast<double>(totals.run);
  std::cout << totals.run << " modules, " << run / took.count() << " a second\nvalid "
            << percent(totals.run - totals.refused, totals.run) << " %, findings "
            << totals.findings << "\ncalls trapped "
            << percent(totals.calls - totals.traps[Trap::none], totals.calls) << " %\n";
  for (const auto& [kind, times] : totals.kinds) {
    std::cout << "  finding " << kind << ": " << times << "\n";
  }
  for (const auto& [trap, times] : totals.traps) {
    std::cout << "  " << trap_name(trap) << " " << percent(times, totals.calls) << " %\n";
  }
  for (const auto& [op, reached] : totals.reach.counts()) {
    std::cout << wasm::op_info(op).text << " " << reached << "\n";
  }
  return totals.findings == 0 ? 0 : 1;
}

int run_files(int count, char** paths) {
  int status = 0;
  for (int i = 0; i < count; ++i) {
    std::ifstream file(paths[i], std::ios::binary);
    const std::vector<uint8_t> module{std::istreambuf_iterator<char>(file), {}};
    const std::optional<std::string> finding = fuzz::compare(module).finding;
    std::cout << paths[i] << ": " << finding.value_or("agrees") << "\n";
    if (finding) status = 1;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]).ends_with(".wasm")) {
    return run_files(argc - 1, argv + 1);
  }
  const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 0;
  const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 10'000;
  return run_seeds(first, count, argc > 3 ? argv[3] : ".");
}
