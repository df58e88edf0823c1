;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64) (result f64)
    (f64.mul (local.get 0) (f64.const 0.5))))
