;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32 f64)
    (f64.store offset=8 (local.get 0) (local.get 1))))
