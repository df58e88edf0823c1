;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table 2 2 funcref)
  (func (param i32 i32 i32) (result i32)
    (call_indirect (type $binary) (local.get 0) (local.get 1) (local.get 2))))
