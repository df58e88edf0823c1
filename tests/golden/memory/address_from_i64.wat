;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i64) (result i32)
    (i32.load (i32.wrap_i64 (local.get 0)))))
