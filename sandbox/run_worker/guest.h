// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run worker does with its job: load the module and, for a run, instantiate it with WASI and
// call it.
#pragma once

#include "sandbox/run_worker/prologue.h"

namespace cordon::run_worker {

// The verdict on the job. Puts on the guest filter (close_the_jail) before the first instruction of
// the guest, so that decoding and validating still stand under the set-up filter. Text for the user
// goes out by Output messages.
protocol::Verdict do_job(Prologue& worker);

}  // namespace cordon::run_worker
