// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-reference: generated modules in Cordon's interpreter and in V8.
//
//     cordon-fuzz-reference [FIRST [COUNT [DIRECTORY]]]     seeds FIRST ... FIRST + COUNT - 1
//     cordon-fuzz-reference FILE.wasm ...                   modules instead
//
// A difference is shrunk, written into DIRECTORY and printed; then the exit status is 1. It is 77
// if there is no V8.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "fuzz/campaign/watchdog.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/reference/reference.h"

namespace {

using namespace cordon;
using fuzz::Verdict;

// How many findings are shrunk and kept; the others are counted.
constexpr uint64_t kKept = 2;
constexpr int kNoReference = 77;

struct Totals {
  uint64_t run = 0, compared = 0, findings = 0;
  std::map<std::string, uint64_t> skipped;
};

// Every other seed is a program in both encodings of exceptions.
bool are_twins(uint64_t seed) { return seed % 2 == 1; }

void keep(fuzz::Reference& reference, uint64_t seed, const Verdict& verdict,
          const std::string& directory) {
  const bool twins = are_twins(seed);
  const auto fails = [&](ByteSpan bytes) {
    return reference.compare_generated(bytes, twins).kind == verdict.kind;
  };
  std::cout << "seed " << seed << ": " << verdict.text << std::endl;
  std::vector<uint8_t> bytes = fuzz::bytes_of_seed(seed);
  // A module that hangs is not reduced, since each try would take the full time.
  if (verdict.kind == Verdict::Differs) bytes = fuzz::reduce(std::move(bytes), fails);
  using enum fuzz::Exceptions;
  for (const fuzz::Exceptions encoding : {Legacy, Standard}) {
    if (encoding == Standard && !twins) break;
    const std::vector<uint8_t> module =
        fuzz::generate(bytes, {fuzz::Vectors::Exact, true, encoding, twins});
    std::cout << "  kept as " << fuzz::write_module(directory, module) << ", " << module.size()
              << " bytes\n";
  }
  std::cout << "  " << reference.compare_generated(bytes, twins).text << std::endl;
}

void run_seed(fuzz::Reference& reference, uint64_t seed, const std::string& directory,
              Totals& totals) {
  static fuzz::Watchdog watchdog;
  watchdog.begin(seed);
  const Verdict verdict = reference.compare_generated(fuzz::bytes_of_seed(seed), are_twins(seed));
  watchdog.end();
  ++totals.run;
  if (verdict.kind == Verdict::Skipped) {
    ++totals.skipped[verdict.text];
    return;
  }
  ++totals.compared;
  if (is_finding(verdict) && totals.findings++ < kKept) keep(reference, seed, verdict, directory);
}

int run_seeds(fuzz::Reference& reference, uint64_t first, uint64_t count,
              const std::string& directory) {
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < count; ++i) run_seed(reference, first + i, directory, totals);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << totals.run << " modules, " << static_cast<double>(totals.run) / took.count()
            << " a second\ncompared " << totals.compared << ", findings " << totals.findings
            << "\n";
  for (const auto& [why, times] : totals.skipped) {
    std::cout << "  skipped, " << why << ": " << times << "\n";
  }
  return totals.findings == 0 ? 0 : 1;
}

int run_files(fuzz::Reference& reference, int count, char** paths) {
  int status = 0;
  for (int i = 0; i < count; ++i) {
    std::ifstream file(paths[i], std::ios::binary);
    const std::vector<uint8_t> module{std::istreambuf_iterator<char>(file), {}};
    const Verdict verdict = reference.compare(module);
    std::cout << paths[i] << ": " << (verdict.text.empty() ? "agrees" : verdict.text) << "\n";
    if (is_finding(verdict)) status = 1;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  fuzz::Reference reference;
  if (reference.name().empty()) {
    std::cerr << "cordon-fuzz-reference: no V8 here: install node, or name one in CORDON_NODE\n";
    return kNoReference;
  }
  std::cout << reference.name() << "\n";
  if (argc > 1 && std::string_view(argv[1]).ends_with(".wasm")) {
    return run_files(reference, argc - 1, argv + 1);
  }
  const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 0;
  const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 10'000;
  return run_seeds(reference, first, count, argc > 3 ? argv[3] : ".");
}
