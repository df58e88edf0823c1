;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f32 f32) (result f32)
    (f32.min (local.get 0) (local.get 1))))
