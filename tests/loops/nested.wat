;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (export "run") (result i64) (local $i i32) (local $j i32) (local $k i32) (local $sum i64)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $middle
        (local.set $k (local.get $j))
        (loop $inner
          (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 7))
            (i64.extend_i32_s (i32.sub (local.get $k) (local.get $i)))))
          (br_if $inner (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 5))))
        (br_if $middle (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 4))))
      (br_if $outer (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6))))
    (local.get $sum)))
