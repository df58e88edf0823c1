;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Locals of all number types, some of them negative, read and written.
(module
  (func (export "run") (result i32 i64 f32 f64)
    (local $i i32) (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $e i64)
    (local.set $a (i32.const -1))
    (local.set $b (i64.const -2))
    (local.set $c (f32.const -1.5))
    (local.set $d (f64.const -2.5))
    (local.set $e (i64.const 0x8000000000000000))
    (loop $next
      (local.set $a (i32.mul (local.get $a) (i32.const 3)))
      (local.set $b (i64.add (i64.mul (local.get $b) (i64.const 5)) (local.get $e)))
      (local.set $c (f32.add (f32.mul (local.get $c) (f32.const 1.25)) (f32.const 0.5)))
      (local.set $d (f64.sub (f64.mul (local.get $d) (f64.const 1.125)) (f64.const 0.25)))
      (local.set $e (i64.shr_u (local.get $e) (i64.const 1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
    (local.get $a) (local.get $b) (local.get $c) (local.get $d)))
