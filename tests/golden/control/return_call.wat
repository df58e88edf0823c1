;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Two states that hand over to each other: what stays in its place is not moved.
(module
  (func $even (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0))))
  (func $odd (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
