// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CORDON_INLINE_CALL before a statement: the calls in it are inlined, however large. The loops over
// instructions want it: the decoder's switch saves and restores as many registers as there are,
// once an instruction. CORDON_INLINE before a function: it is inlined wherever its body is known.
// Other compilers decide for themselves.
#pragma once

#if defined(__clang__)
#define CORDON_INLINE_CALL [[clang::always_inline]]
#define CORDON_INLINE [[clang::always_inline]]
#else
#define CORDON_INLINE_CALL
#define CORDON_INLINE
#endif
