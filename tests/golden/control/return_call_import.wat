;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (import "host" "f" (func $host (param i32 f64) (result i32)))
  (func (param f64 i32) (result i32)
    (return_call $host (local.get 1) (local.get 0))))
