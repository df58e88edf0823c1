;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (memory 1 1)
  (func (param i32) (result f64) (local f64)
    (loop
      (local.set 1 (f64.add (local.get 1) (f64.load (local.get 0))))
      (br_if 0
        (local.tee 0 (i32.sub (local.get 0) (i32.const 8)))))
    (local.get 1)))
