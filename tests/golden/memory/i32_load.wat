;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32) (result i32)
    (i32.load offset=16 (local.get 0))))
