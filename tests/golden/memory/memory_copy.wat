;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2))))
