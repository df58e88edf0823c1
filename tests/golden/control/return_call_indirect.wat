;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (type $unary (func (param i32) (result i32)))
  (table 2 2 funcref)
  (func (param i32 i32) (result i32)
    (return_call_indirect (type $unary) (local.get 0) (local.get 1))))
