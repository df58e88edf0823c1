;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result i64)
    (i64.extend_i32_u (local.get 0))))
