// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the end of a run must look like whatever its workers sent, for the target `report`: text
// that moves no terminal's cursor and forges no line ([P1]), a report that is JSON, and a verdict
// that no message outranks ([V1]).
#pragma once

#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

void check_printable(Choices& choices);
// The report of a run with hostile texts, as JSON and as messages on standard error.
void check_report(Choices& choices);
// The verdict on how workers ended and what they sent.
void check_judge(Choices& choices);

}  // namespace cordon::fuzz
