;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Interpreted callers, calls in loops, values that only the caller knows.
(module
  (memory (export "memory") 1 1)
  (func $inner (param $n i32) (param $x f64) (result f64) (local $i i32)
    (loop $next
      (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.75)) (f64.convert_i32_u (local.get $i))))
      (i32.store8 (i32.add (local.get $i) (i32.mul (local.get $n) (i32.const 16))) (local.get $n))
      (br_if $next (i32.le_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $x))
  (func (export "run") (result f64) (local $i i32) (local $sum f64) (local $k i64)
    (local.set $k (i64.const 0x1122334455667788))
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (call $inner (local.get $i) (local.get $sum))))
      (local.set $k (i64.rotl (local.get $k) (i64.const 5)))
      (i64.store offset=1024 (i32.shl (local.get $i) (i32.const 3)) (local.get $k))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (f64.add (f64.const 1) (call $inner (i32.const 3) (local.get $sum)))))
