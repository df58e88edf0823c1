;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; More parameters than registers for them.
(module
  (func (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.sub (local.get 0) (local.get 7))))
