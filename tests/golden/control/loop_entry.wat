;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; options: loops
(module
  (func $f (param i32) (result i32) (local.get 0))
  (func (param i32) (result i32) (local i64 i32 f64)
    (i32.mul (local.get 0) (i32.const 5))
    (loop
      (local.set 2 (call $f (local.get 2)))
      (local.set 3 (f64.add (local.get 3) (f64.const 1)))
      (br_if 0 (i64.ne
        (local.tee 1 (i64.add (local.get 1) (i64.const 1)))
        (i64.const 9))))
    (i32.add (local.get 2)))
  (func (param i32 i64) (result i64)
    (loop
      (local.set 1 (i64.add (local.get 1) (i64.const 3)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))
