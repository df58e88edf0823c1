;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $f (param i32) (result i64 f32 i32 f64 i32) (local $i i32) (local $x i64)
    (loop $next
      (local.set $x (i64.add (local.get $x) (i64.const 1000000000000)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
    (local.get $x) (f32.const 1.5) (local.get $i) (f64.const 2.5) (i32.const -1))
  (func (export "run") (result i32 i64 f32 i32 f64 i32)
    (i32.const 9) (call $f (i32.const 12))))
