// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear memory in this machine's MacroAssembler, for the .cc files of compilers.
#pragma once

#include "core/abi/machine.h"

#if defined(CORDON_MACHINE_X64)
#include "core/jit/masm/x64/heap_inl.h"
#endif
