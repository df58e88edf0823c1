;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Locals that a call before the loop has saved; the loop only reads them, also after its own calls.
(module
  (func $id (param i32) (result i32) (local.get 0))
  (func (export "run") (result i32)
    (local $i i32) (local $x i32) (local $y i64) (local $sum i32)
    (local.set $x (i32.const 42))
    (local.set $y (i64.const 0x123456789))
    (local.set $sum (call $id (local.get $x)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $x) (i32.wrap_i64 (local.get $y)))))
      (local.set $sum (call $id (local.get $sum)))
      (local.set $sum (i32.xor (local.get $sum) (local.get $x)))
      (local.set $sum (i32.add (local.get $sum) (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 4)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (local.get $sum)))
