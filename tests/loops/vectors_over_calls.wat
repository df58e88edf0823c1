;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Calls in the loop put vectors into their homes; parameters on the stack.
(module
  (func $mix (param v128 i32 v128) (result v128)
    (i32x4.add (i16x8.mul (local.get 0) (local.get 2)) (i32x4.splat (local.get 1))))
  (func (export "run") (result v128) (local $i i32) (local $v v128) (local $w v128) (local $u v128)
    (local.set $v (v128.const i32x4 1 -2 3 -4))
    (local.set $w (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))
    (local.set $u (v128.const i64x2 7 9))
    (loop $next
      (local.set $v (call $mix (local.get $v) (local.get $i) (local.get $w)))
      (local.set $w (call $mix (local.get $w) (local.get $i) (local.get $v)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
    (v128.xor (local.get $u) (v128.xor (local.get $v) (local.get $w)))))
