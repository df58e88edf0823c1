;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Long enough for many slices, at every level of a recursion.
(module
  (func $f (param $depth i32) (param $sum i64) (result i64) (local $i i32)
    (if (local.get $depth)
      (then
        (local.set $sum (call $f (i32.sub (local.get $depth) (i32.const 1)) (local.get $sum)))))
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3)) (i64.extend_i32_u (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000))))
    (if (result i64) (local.get $depth)
      (then
        (local.set $i (i32.const 0))
        (loop $again
          (local.set $sum (call $f (i32.sub (local.get $depth) (i32.const 1)) (local.get $sum)))
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
        (local.get $sum))
      (else (local.get $sum))))
  (func (export "run") (result i64) (call $f (i32.const 4) (i64.const 1))))
