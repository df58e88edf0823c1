;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; A call of a function that has no code yet goes through the runtime, with everything in place as
;; for a direct call.
;; options: as_needed
(module
  (func (param i32 i64) (result i32)
    local.get 0
    local.get 1
    f64.const 1.5
    call 1
    i32.load)
  (func (param i32 i64 f64) (result i32)
    local.get 0)
  (memory 1))
