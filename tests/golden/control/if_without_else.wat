;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32 i32) (result i32)
    (if (i32.lt_s (local.get 0) (local.get 1))
      (then (local.set 0 (local.get 1))))
    (local.get 0)))
