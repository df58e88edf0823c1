;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result i32)
    (block (result i32)
      (drop (br_if 0 (i32.const 7) (local.get 0)))
      (i32.const 8))))
