;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory (export "memory") 1 1)
  (func (export "run") (local $at i32)
    (local.set $at (i32.const 65000))
    (loop $next
      (i32.store (local.get $at) (local.get $at))
      (local.set $at (i32.add (local.get $at) (i32.const 17)))
      (br $next))))
