// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// paths: path calls on the path service over a real tree, while another process renames and swaps
// links in it, and on a model ([F1]): oracle/paths/path_guest.h.
#include "fuzz/oracle/paths/path_guest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon::fuzz;
  static PathGuest guest;
  Choices choices({data, size});
  guest.run(choices);
  return 0;
}
