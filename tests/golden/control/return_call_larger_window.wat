;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; The window of every function is that of the largest tail call: the first has no slots itself, and
;; the last leaves room for three when it calls it.
(module
  (func $first (param i64) (result i64)
    (return_call $wide (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
                       (local.get 0) (local.get 0) (i64.const 8) (local.get 0)))
  (func $wide (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (i64.add (local.get 6) (local.get 8)))
  (func (param i64) (result i64) (call $first (local.get 0))))
