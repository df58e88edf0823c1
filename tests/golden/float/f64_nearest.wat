;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64) (result f64)
    (f64.nearest (local.get 0))))
