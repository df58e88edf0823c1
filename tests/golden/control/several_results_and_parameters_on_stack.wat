;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Results but the first come before the parameters that have no register, in both windows.
(module
  (func $f (param i64 i64 i64 i64 i64 i64 i64) (result i64 i64 i64)
    local.get 0
    local.get 6
    local.get 1)
  (func (param i64) (result i64 i64 i64)
    i64.const 1
    i64.const 2
    i64.const 3
    i64.const 4
    i64.const 5
    i64.const 6
    local.get 0
    call $f))
