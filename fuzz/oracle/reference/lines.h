// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lines: an Observation as the text that run.mjs gives too, so that the two are compared as text.
//
//     host NAME ARGUMENT...                 a call of a host function, before the call that made it
//     instantiation END                     END as in traps.def; anything but "returns" is the last
//     call EXPORT returns RESULT...         or another END, " at FUNC:OFFSET" where the innermost
//                                           frame is of a module; OFFSET counts its bytes; an
//                                           uncaught exception and a failure of the host
//                                           have no place
//     memory EXPORT PAGES pages, hash HEX
//     global EXPORT VALUE
//     table EXPORT VALUE...
//
// Only exports appear. A value is "i32:HEX" and so on, "f32:nan" any NaN; a function is
// "funcref:PLACE" of its first export, "funcref:foreign" without one.
#pragma once

#include <string>
#include <vector>

#include "core/wasm/module.h"
#include "fuzz/oracle/observation.h"

namespace cordon::fuzz {

// `seen` is an observation of `module` and was not refused.
std::string lines_of(const Observation& seen, const wasm::Module& module);

// The same without the places of calls' ends, for modules that differ in their bytes alone.
std::string without_places(const std::string& lines);

// The first difference, with both sides; nothing if they agree up to a call that met a limit.
std::optional<std::string> lines_differ(const std::string& ours, const std::string& theirs);

}  // namespace cordon::fuzz
