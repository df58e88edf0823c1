// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// switching: a generated module whose functions get native code while it runs, early, late, in any
// order or never, against the interpreter ([D1]). A difference is a crash with the module beside
// it, which has the schedule in it: `cordon-fuzz-tiers FILE.wasm` shows it again.
#include <cstdlib>
#include <iostream>

#include "fuzz/campaign/record.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/switching/schedules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon;
  constexpr uint32_t kSchedules = 8;
  const std::vector<uint8_t> module = fuzz::generate({data, size});
  fuzz::note_module(module);
  const auto difference = fuzz::compare_schedules(module, kSchedules);
  if (!difference) return 0;
  std::cerr << difference->what << "\nwritten to " << fuzz::write_module(".", difference->module)
            << "\n";
  std::abort();
}
