;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (export "run") (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.xor (i32.mul (local.get $sum) (i32.const 31)) (local.get $i)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 50))))
    (local.get $sum)))
