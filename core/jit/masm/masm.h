// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MacroAssembler: the instructions of a compiler, in the shapes of docs/generated-code.md; the only
// layer above core/asm that knows the machine. One object compiles function after function of a
// chunk. This header selects the machine's; concept.h describes the common interface.
#pragma once

#include "core/abi/machine.h"
#include "core/jit/masm/concept.h"

#if defined(CORDON_MACHINE_X64)
#include "core/jit/masm/x64/masm.h"
#endif

namespace cordon::jit::masm {

static_assert(Masm<MacroAssembler>);

}  // namespace cordon::jit::masm
