;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i64) (result f64)
    (f64.convert_i64_u (local.get 0))))
