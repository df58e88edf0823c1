;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i64) (result i64)
    (i64.popcnt (local.get 0))))
