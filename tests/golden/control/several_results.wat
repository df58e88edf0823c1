;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32 i32) (result i32 i32)
    (local.get 1)
    (local.get 0)))
