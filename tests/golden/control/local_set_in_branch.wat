;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result i32) (local i32)
    (if (local.get 0)
      (then (local.set 1 (i32.const 3))))
    (local.get 1)))
