;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $callee (param i32 i32) (result i32)
    (local.get 0))
  (func (param i32) (result i32)
    (i32.add
      (call $callee (local.get 0) (local.get 0))
      (local.get 0))))
