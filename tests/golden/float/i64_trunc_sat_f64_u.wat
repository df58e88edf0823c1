;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64) (result i64)
    (i64.trunc_sat_f64_u (local.get 0))))
