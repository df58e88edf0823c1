;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param i32) (result f32)
    (f32.convert_i32_u (local.get 0))))
