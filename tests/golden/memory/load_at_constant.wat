;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (result i32)
    (i32.load offset=8 (i32.const 1024))))
