// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors: the part of a macro assembler for v128. This header selects the machine's; all name
// their operations by the rows of core/wasm/opcodes/simd.def.
#pragma once

#include "core/abi/machine.h"
#include "core/jit/masm/masm.h"

#if defined(CORDON_MACHINE_X64)
#include "core/jit/masm/x64/vectors.h"
#endif
