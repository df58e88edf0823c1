;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64 f64) (result i32)
    (f64.eq (local.get 0) (local.get 1))))
