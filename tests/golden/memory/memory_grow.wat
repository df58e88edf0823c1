;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32) (result i32)
    (memory.grow (local.get 0))))
