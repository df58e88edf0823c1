;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f32) (result i64)
    (i64.trunc_f32_u (local.get 0))))
