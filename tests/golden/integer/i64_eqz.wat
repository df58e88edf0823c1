;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i64) (result i32)
    (i64.eqz (local.get 0))))
