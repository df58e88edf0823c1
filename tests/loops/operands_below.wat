;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Operands of every kind wait below the loops: constants, values of locals, results.
(module
  (func (export "run") (result i64 f64 i32 f32 i32)
    (local $i i32) (local $x i32) (local $y f64)
    (local.set $x (i32.const 77))
    (local.set $y (f64.const 0.1))
    (i64.const 123456789012345)
    (f64.mul (local.get $y) (f64.const 3))
    (local.get $x)
    (f32.const -0.5)
    (loop $outer (result i32)
      (i32.const 9)
      (local.get $i)
      (local.set $x (i32.const 5))
      (loop $inner
        (local.set $x (i32.add (local.get $x) (i32.add (local.get $i) (i32.const 3))))
        (br_if $inner (i32.lt_u (local.get $x) (i32.const 40))))
      (i32.add)
      (local.set $x)
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8)))
      (local.get $x))))
