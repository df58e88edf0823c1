// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Program: one program of cordon-accepted, run in this process: several modules in one store, some
// native and some interpreted, called in some order and observed. A broken promise ends the process
// with a message (breach.h); so does what the runtime itself refuses (runtime/trap_handler.h). So
// it is run in a child (campaign.h).
//
// Checked after each call: canaries, the contexts' fixed part, constants, the host's stack,
// tables and cells of references, 32-bit cells, the state of groups that the call could not
// reach, and secrets in what the guests wrote; at the end also the guests' stacks and all of
// their memories.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/runtime/execution.h"

namespace cordon::fuzz::accepted {

enum class End : uint8_t {
  Returned,    // every call gave its results
  Trapped,     // a call trapped
  Unloaded,    // code that the verifier must refuse was refused
  Caught,      // the runtime ended it: a builtin got a forbidden argument
  Endless,     // the clock ended it
  Refused,     // the verifier refused code that it should accept, or a module did not load
  FalseAlarm,  // the runtime ended an honest program
  Breach,      // anything else
};
inline constexpr const char* kEndNames[] = {"returned", "trapped", "dared, refused", "caught",
                                            "endless",  "REFUSED", "FALSE ALARMS",   "BREACHES"};

// What a program did, added up over programs. In memory that parent and child share.
struct Tally {
  uint64_t calls, host_calls, instances, native_instances, dares_accepted;
  uint64_t traps[32];
};

// Runs the program that the choices `input` make. `why` has the reason of a refusal.
End run_program(ByteSpan input, runtime::Execution& execution, Tally& tally, std::string& why);

// Whether all its values are those of honest code.
bool is_honest(ByteSpan input);

}  // namespace cordon::fuzz::accepted
