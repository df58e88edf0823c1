;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Instructions that charge by what they move.
(module
  (memory (export "memory") 1 1)
  (func (export "run") (result i32) (local $i i32)
    (loop $next
      (memory.fill (i32.mul (local.get $i) (i32.const 100)) (local.get $i) (i32.const 90))
      (memory.copy (i32.const 3000) (i32.mul (local.get $i) (i32.const 50)) (i32.const 64))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (i32.load (i32.const 3000))))
