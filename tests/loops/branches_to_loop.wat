;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; A loop that is reached by br_table, by br with values that are dropped, and from an inner loop.
(module
  (func (export "run") (result i32) (local $i i32) (local $sum i32)
    (i32.const 1000)
    (i32.const 1)
    (loop $outer (param i32) (result i32)
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (block $end
        (loop $inner
          (block $go
            (br_table $go $inner $end (local.tee $sum (i32.add (local.get $sum) (i32.const 1)))))
          (br_if $end (i32.gt_u (local.get $i) (i32.const 12)))
          (i32.const 7) (i64.const 8) (local.get $i)
          (br $outer)))
      (br_if $outer (local.get $i) (i32.lt_u (local.get $i) (i32.const 12)))
      (drop)
      (local.get $sum))
    (i32.add)))
