;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Thrown in the loop and caught around it, in the caller, and around a call in it; loops in the body
;; of a try have entries, those in a catch do not.
;; loops: 4
(module
  (tag $e (param i32 i64))
  (tag $other)
  (global $seen (export "seen") (mut i64) (i64.const 0))
  (func $throws (param $at i32) (local $i i32)
    (loop $next
      (if (i32.eq (local.get $i) (local.get $at))
        (then (throw $e (local.get $i) (i64.const 40))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9)))))
  (func $around (param $at i32) (result i32) (local $i i32) (local $x i64) (local $y f64)
    (local.set $y (f64.const 2.5))
    (local.set $x (i64.const 77))
    (try (result i32)
      (do
        (loop $next
          (local.set $x (i64.add (local.get $x) (i64.extend_i32_u (local.get $i))))
          (call $throws (i32.sub (local.get $at) (local.get $i)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
        (i32.const -1))
      (catch $other (i32.const -2))
      (catch $e
        (global.set $seen (i64.add (global.get $seen)))
        (loop $again
          (local.set $i (i32.add (local.get $i) (i32.const 3)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 15))))
        (i32.add (local.get $i))
        (global.set $seen (i64.mul (local.get $x) (global.get $seen)))))
    (i32.add (i32.trunc_f64_s (local.get $y))))
  (func (export "run") (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $around (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (try
      (do
        (loop $last
          (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
          (if (i32.and (local.get $sum) (i32.const 8)) (then (throw $other)))
          (br $last)))
      (catch_all (local.set $sum (i32.add (local.get $sum) (i32.const 1000)))))
    (local.get $sum)))
