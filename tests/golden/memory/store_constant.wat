;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32)
    (i32.store16 (local.get 0) (i32.const -1))))
