// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CORDON_INLINE_CALL before a statement inlines the calls in it, however large. The loops over
// instructions need it: otherwise the decoder's switch saves and restores all registers once an
// instruction. CORDON_INLINE before a function inlines it wherever its body is visible. Compilers
// other than clang decide for themselves.
#pragma once

#if defined(__clang__)
#define CORDON_INLINE_CALL [[clang::always_inline]]
#define CORDON_INLINE [[clang::always_inline]]
#else
#define CORDON_INLINE_CALL
#define CORDON_INLINE
#endif
