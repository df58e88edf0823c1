;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $f (param $depth i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $sum (local.get $depth))
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 5)) (local.get $i)))
      (if (local.get $depth) (then
        (local.set $sum (i32.xor (local.get $sum)
          (call $f (i32.sub (local.get $depth) (i32.const 1)))))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (local.get $sum))
  (func (export "run") (result i32) (call $f (i32.const 4))))
