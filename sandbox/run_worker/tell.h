// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a run worker reports to the supervisor: refusals and traps as fields of the verdict, text as
// Output messages. Everything is cut to the limits of the protocol here, so that a module's long
// names cannot make a message too large to send.
#pragma once

#include <string_view>

#include "core/abi/traps.h"
#include "core/base/diagnostic.h"
#include "core/engine/tiering.h"
#include "core/runtime/execution.h"
#include "core/wasm/module.h"
#include "sandbox/protocol/channel.h"

namespace cordon::run_worker {

// A refused module: the row's identifier and the message.
void tell_refusal(const Diagnostic& why, protocol::Verdict& verdict);
// Refuses code that another process compiled; names the rule that is broken.
void tell_code_refusal(const Diagnostic& why, protocol::Verdict& verdict);
// The trap that ended the last call with `execution`, with its frames, innermost first.
void tell_trap(Trap trap, const runtime::Execution& execution, protocol::Verdict& verdict);
// Whether the module says more of the frames than the verdict does: it has DWARF, or their names
// are mangled.
bool is_explainable(const wasm::Module& module, const protocol::Verdict& verdict);

// What a guest had of native code that came while it ran, from `begin` on (monotonic_ns).
void tell_switching(const engine::Tiering& tiering, const runtime::Execution& execution,
                    uint64_t begin, protocol::Verdict& verdict);

// The hottest places so far, at most kMaxHottest; none unless the guest was interpreted.
void tell_hottest(const runtime::Execution& execution, protocol::Verdict& verdict);

// Sends `text` in as many messages as needed. Ends the process if the supervisor is gone.
void print(protocol::Channel& channel, std::string_view text);
void print_summary(protocol::Channel& channel, const wasm::Module& module, bool json);

}  // namespace cordon::run_worker
