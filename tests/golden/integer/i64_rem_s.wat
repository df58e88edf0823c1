;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i64 i64) (result i64)
    (i64.rem_s (local.get 0) (local.get 1))))
