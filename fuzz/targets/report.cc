// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// report: what a run's user sees of texts from workers, and the verdict on them ([P1] [V1]):
// oracle/report/report_model.h.
#include "fuzz/oracle/report/report_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon::fuzz;
  Choices choices({data, size});
  while (!choices.spent()) {
    check_printable(choices);
    check_judge(choices);
    if (choices.once_in(16)) check_report(choices);
    if (choices.once_in(64)) check_perf_map(choices);
  }
  return 0;
}
