;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; The sum wraps at 32 bits, so it is never folded into the address.
(module
  (memory 1 1)
  (func (param i32) (result i32)
    (i32.load (i32.add (local.get 0) (i32.const 4)))))
