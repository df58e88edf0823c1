;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; options: fuel
(module
  (memory 1 1)
  (func (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.load (local.get 0))))
      (br_if 0
        (i32.ne
          (local.tee 0 (i32.add (local.get 0) (i32.const 4)))
          (i32.const 64))))
    (local.get 1)))
