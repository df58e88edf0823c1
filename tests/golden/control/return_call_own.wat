;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; So does a tail call, once the frame is given back.
;; options: as_needed
(module
  (func (param i32) (result i32)
    local.get 0
    call 0
    i64.const 7
    return_call 1)
  (func (param i32 i64) (result i32)
    local.get 0))
