;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (import "host" "import" (func $import (param i32 f64) (result i64)))
  (func (param i32) (result i64)
    (call $import (local.get 0) (f64.const 1.5))))
