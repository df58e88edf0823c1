// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// reference: a generated module in the interpreter and in V8, or a program in the two encodings of
// exceptions (oracle/reference/reference.h). A
// difference is a crash with the module beside it, for tests/regress; so is a module that V8 dies
// of.
#include "fuzz/oracle/reference/reference.h"

#include <cstdlib>
#include <iostream>

#include "fuzz/campaign/record.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon;
  static fuzz::Reference reference;
  if (reference.name().empty()) {
    std::cerr << "no V8 here: install node, or name one in CORDON_NODE\n";
    std::exit(EXIT_FAILURE);
  }
  // The last byte, which the generator reads last if ever.
  const bool twins = size != 0 && (data[size - 1] & 1) != 0;
  const fuzz::Families families(fuzz::Vectors::Exact, true, fuzz::Exceptions::Legacy, twins);
  const std::vector<uint8_t> module = fuzz::generate({data, size}, families);
  fuzz::note_module(module);
  const fuzz::Verdict verdict = reference.compare_generated({data, size}, twins);
  if (is_finding(verdict)) {
    std::cerr << verdict.text << "\nwritten to " << fuzz::write_module(".", module) << "\n";
    std::abort();
  }
  return 0;
}
