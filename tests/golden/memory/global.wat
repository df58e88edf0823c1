;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (global $count (mut i64) (i64.const 0))
  (func
    (global.set $count (i64.add (global.get $count) (i64.const 1)))))
