;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $f (param i32 i64 i32 i64 i32 i64 i32 i64 i32 i64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f32) (result f64)
    (local $i i32)
    (loop $next
      (local.set 8 (i32.add (local.get 8) (local.get 0)))
      (local.set 9 (i64.add (local.get 9) (local.get 1)))
      (local.set 18 (f64.add (local.get 18) (local.get 10)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 11))))
    (f64.add (f64.convert_i32_s (local.get 8))
      (f64.add (f64.convert_i64_s (i64.add (local.get 9) (local.get 7)))
        (f64.add (local.get 18) (f64.promote_f32 (local.get 19))))))
  (func (export "run") (result f64)
    (call $f (i32.const 1) (i64.const 2) (i32.const 3) (i64.const 4) (i32.const 5) (i64.const 6) (i32.const 7)
      (i64.const 8) (i32.const -9) (i64.const -10) (f64.const 11) (f64.const 12) (f64.const 13) (f64.const 14)
      (f64.const 15) (f64.const 16) (f64.const 17) (f64.const 18) (f64.const 19) (f32.const 20.5))))
