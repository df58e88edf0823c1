;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory (export "memory") 1 1)
  (func $load (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func $f (param $at i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br $next))
    (unreachable))
  (func (export "run") (result i32) (call $f (i32.const 5))))
