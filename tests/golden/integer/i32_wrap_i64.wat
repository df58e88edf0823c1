;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i64) (result i32)
    (i32.wrap_i64 (local.get 0))))
