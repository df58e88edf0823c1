;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32 i32) (result i32)
    (i32.add (local.get 0) (i32.load offset=4 (local.get 1)))))
