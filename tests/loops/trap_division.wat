;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $f (param $n i32) (result i32) (local $sum i32)
    (loop $next (result i32)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.div_u (i32.const 1000) (local.get $n))))
      (br $next)))
  (func (export "run") (result i32) (local $i i32)
    (loop $next
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
    (nop)
    (call $f (i32.const 20))))
