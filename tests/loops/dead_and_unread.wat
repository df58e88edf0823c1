;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Locals that are read only before the loop, only after it, only written, and never.
(module
  (func $id (param i32) (result i32) (local.get 0))
  (func (export "run") (result i32)
    (local $i i32) (local $before i32) (local $after i64) (local $written f64) (local $never i32)
    (local $first i32)
    (local.set $before (i32.const 6))
    (local.set $after (i64.const 0x100000001))
    (local.set $i (i32.mul (local.get $before) (local.get $before)))
    (loop $next
      (local.set $written (f64.const 1))
      (local.set $first (i32.mul (local.get $i) (i32.const 3)))
      (local.set $first (call $id (i32.add (local.get $first) (i32.const 1))))
      (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (i32.add (local.get $first) (i32.wrap_i64 (i64.shr_u (local.get $after) (i64.const 3))))))
