// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tiers: a generated module on both engines ([D1]). A module that does not load, or a difference,
// is a crash with the module beside it, for tests/regress.
#include <cstdlib>
#include <iostream>

#include "fuzz/campaign/record.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon;
  const std::vector<uint8_t> module = fuzz::generate({data, size});
  fuzz::note_module(module);
  const fuzz::Comparison comparison = fuzz::compare(module);
  for (const fuzz::SeenCall& call : comparison.first.calls) {
    fuzz::tally(call.trap == Trap::none ? "returned" : trap_name(call.trap));
  }
  if (comparison.finding) {
    std::cerr << *comparison.finding << "\nwritten to " << fuzz::write_module(".", module) << "\n";
    std::abort();
  }
  return 0;
}
