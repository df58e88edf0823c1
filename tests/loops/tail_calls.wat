;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Functions with loops that hand over to each other.
(module
  (func $even (param $n i32) (param $sum i64) (result i64) (local $i i32)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3)) (i64.extend_i32_u (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
    (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1)) (local.get $sum) (f64.const 1) (i32.const 2)
      (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8)))
  (func $odd (param $n i32) (param $sum i64) (param f64 i32 i32 i32 i32 i32 i32 i32) (result i64)
    (loop $next
      (local.set $sum (i64.xor (local.get $sum) (i64.extend_i32_u (local.get 9))))
      (br_if $next (local.tee 9 (i32.sub (local.get 9) (local.get 3)))))
    (return_call $even (i32.sub (local.get $n) (i32.const 1)) (local.get $sum)))
  (func $caller (result i64)
    (i64.add (i64.const 5) (call $even (i32.const 8) (i64.const 1))))
  (func (export "run") (result i64)
    (drop (call $caller))
    (return_call $even (i32.const 10) (i64.const 1))))
