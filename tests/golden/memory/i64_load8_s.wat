;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32) (result i64)
    (i64.load8_s (local.get 0))))
