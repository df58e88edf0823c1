// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// validate: a mutant of a generated module, judged by Cordon's validator and by others
// (oracle/reference/judges.h). The first half of the bytes are the module, the other one its
// changes. A difference is a crash with the mutant beside it.
#include <cstdlib>
#include <iostream>

#include "fuzz/campaign/record.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/mutate.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/reference/judges.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon;
  static fuzz::Judges judges;
  if (judges.names().empty()) {
    std::cerr << "nobody to ask: run ci/fetch-wasmparser, or install node\n";
    std::exit(EXIT_FAILURE);
  }
  static const std::vector<uint8_t> donor = fuzz::generate(fuzz::bytes_of_seed(1));
  fuzz::Choices choices({data + size / 2, size - size / 2});
  const std::vector<uint8_t> module = fuzz::generate({data, size / 2});
  const std::vector<uint8_t> mutant = fuzz::mutate(choices, module, donor);
  fuzz::note_module(mutant);
  const fuzz::Verdict verdict = judges.judge(mutant);
  if (is_finding(verdict)) {
    std::cerr << verdict.text << "\nwritten to " << fuzz::write_module(".", mutant) << "\n";
    std::abort();
  }
  return 0;
}
