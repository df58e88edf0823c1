;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f32) (result f32)
    (f32.neg (local.get 0))))
