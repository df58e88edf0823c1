# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The tag by which longjmp throws; wasi-libc has it in a library of its own.
	.globl __c_longjmp
	.tagtype __c_longjmp i32
__c_longjmp:
