// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-validate: mutants of valid modules, judged by Cordon's validator and by others.
//
//     cordon-fuzz-validate [FIRST [COUNT [DIRECTORY [FOLDER]]]]   seeds FIRST ... FIRST + COUNT - 1
//     cordon-fuzz-validate FILE.wasm ...                          modules instead
//
// Every other mutant is made from a file beneath FOLDER, if given. A difference is shrunk, written
// into DIRECTORY and printed; then the exit status is 1. It is 77 without another validator.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "fuzz/campaign/watchdog.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/mutate.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/reference/judges.h"

namespace {

using namespace cordon;
using fuzz::Verdict;

constexpr int kNoJudge = 77;
// Mutants made from one module: making it takes longer than judging it.
constexpr uint64_t kOfOne = 16;
// The other judges see one in this many, since the most exact judge is also the fastest.
constexpr uint64_t kAllAskedOnceIn = 8;
// How many findings of one kind are shrunk and kept; the others are counted.
constexpr uint64_t kKeptOfAKind = 2;

std::vector<uint8_t> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The text without its numbers.
std::string kind_of(const std::string& finding) {
  std::string kind;
  for (const char c : finding) {
    if (c < '0' || c > '9') kind += c;
  }
  return kind.substr(0, 250);
}

class Campaign {
 public:
  Campaign(fuzz::Judges& judges, std::string directory, const std::filesystem::path& folder)
      : judges_(judges), directory_(std::move(directory)) {
    if (folder.empty()) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".wasm") files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
  }

  void run(uint64_t seed) {
    if (run_++ % kOfOne == 0 || base_.empty()) renew(seed);
    const std::vector<uint8_t> bytes = fuzz::bytes_of_seed(~seed);
    fuzz::Choices choices(bytes);
    const std::vector<uint8_t> mutant = fuzz::mutate(choices, base_, donor_);
    watchdog_.begin(seed);
    const Verdict verdict =
        run_ % kAllAskedOnceIn == 0 ? judges_.judge(mutant) : judges_.judge_quickly(mutant);
    watchdog_.end();
    if (!is_finding(verdict)) {
      ++agreed_[verdict.text];
      return;
    }
    ++findings_;
    if (kinds_[kind_of(verdict.text)]++ < kKeptOfAKind) keep(seed, mutant, verdict);
  }

  int report(double seconds) const {
    std::cout << run_ << " mutants, " << static_cast<double>(run_) / seconds << " a second\n"
              << "findings " << findings_ << "\n";
    for (const auto& [kind, times] : kinds_) std::cout << "  " << times << " of " << kind << "\n";
    std::cout << "agreed on\n";
    for (const auto& [what, times] : agreed_) std::cout << "  " << what << ": " << times << "\n";
    return findings_ == 0 ? 0 : 1;
  }

 private:
  void renew(uint64_t seed) {
    donor_ = std::move(base_);
    const bool of_file = !files_.empty() && seed / kOfOne % 2 == 1;
    base_ = of_file ? read(files_[seed / kOfOne / 2 % files_.size()])
                    : fuzz::generate(fuzz::bytes_of_seed(seed));
  }

  void keep(uint64_t seed, const std::vector<uint8_t>& mutant, const Verdict& verdict) {
    std::cout << "seed " << seed << ": " << verdict.text << std::endl;
    const auto fails = [&](ByteSpan bytes) {
      const Verdict now = judges_.judge(bytes);
      return now.kind == verdict.kind && kind_of(now.text) == kind_of(verdict.text);
    };
    const std::vector<uint8_t> least =
        verdict.kind == Verdict::Differs ? fuzz::reduce(mutant, fails) : mutant;
    std::cout << "  kept as " << fuzz::write_module(directory_, least) << ", " << least.size()
              << " bytes" << std::endl;
  }

  fuzz::Judges& judges_;
  fuzz::Watchdog watchdog_;
  std::string directory_;
  std::vector<std::filesystem::path> files_;
  std::vector<uint8_t> base_, donor_;
  uint64_t run_ = 0, findings_ = 0;
  std::map<std::string, uint64_t> kinds_, agreed_;
};

int run_files(fuzz::Judges& judges, int count, char** paths) {
  int status = 0;
  for (int i = 0; i < count; ++i) {
    const Verdict verdict = judges.judge(read(paths[i]));
    std::cout << paths[i] << ": " << (is_finding(verdict) ? verdict.text : "agrees") << "\n";
    if (is_finding(verdict)) status = 1;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  fuzz::Judges judges;
  for (const std::string& name : judges.names()) std::cout << name << std::endl;
  if (judges.names().empty()) {
    std::cerr << "cordon-fuzz-validate: nobody to ask: run ci/fetch-wasmparser, or install node\n";
    return kNoJudge;
  }
  if (argc > 1 && std::string_view(argv[1]).ends_with(".wasm")) {
    return run_files(judges, argc - 1, argv + 1);
  }
  const uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 0;
  const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 10'000;
  Campaign campaign(judges, argc > 3 ? argv[3] : ".", argc > 4 ? argv[4] : "");
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < count; ++i) campaign.run(first + i);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return campaign.report(took.count());
}
