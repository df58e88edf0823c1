;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $callee (param i32 i32) (result i32)
    (local.get 0))
  (func (param i32 i32) (result i32)
    (call $callee (local.get 1) (local.get 0))))
