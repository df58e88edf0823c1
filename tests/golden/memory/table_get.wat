;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (table $table 2 2 funcref)
  (func (param i32) (result i32)
    (ref.is_null (table.get $table (local.get 0)))))
