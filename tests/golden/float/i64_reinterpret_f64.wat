;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64) (result i64)
    (i64.reinterpret_f64 (local.get 0))))
