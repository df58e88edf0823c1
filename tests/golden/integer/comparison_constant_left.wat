;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result i32)
    (i32.lt_u (i32.const 5) (local.get 0))))
