;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 100))))
