;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func (param f64) (result f32)
    (f32.demote_f64 (local.get 0))))
