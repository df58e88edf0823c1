;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; A vector over a call is in its slots, and goes to the callee and back in memory.
(module
  (func $mix (param v128 i32 v128) (result v128 i32)
    (i32x4.add (local.get 0) (i32x4.shl (local.get 2) (local.get 1)))
    (local.get 1))
  (func (param v128) (result v128)
    (local $kept v128)
    (local.set $kept (i32x4.neg (local.get 0)))
    (call $mix (local.get 0) (i32.const 3) (v128.const i32x4 1 2 3 4))
    (drop)
    (v128.xor (local.get $kept))))
