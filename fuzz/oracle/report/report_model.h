// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run's end must look like whatever its workers said, for the target `report`: text that
// moves no terminal's cursor and forges no line ([P1]), a report that is JSON, and a verdict that
// no word outranks ([V1]); and a perf map of one line a function.
#pragma once

#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

void check_printable(Choices& choices);
// The report of a run with hostile texts, as JSON and as messages on standard error.
void check_report(Choices& choices);
// The map that `perf` reads of functions with hostile names.
void check_perf_map(Choices& choices);
// The verdict on how workers ended and what they said.
void check_judge(Choices& choices);

}  // namespace cordon::fuzz
