;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (tag $e (param i32))
  (func $f (local $i i32)
    (loop $next
      (if (i32.eq (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))
        (then (throw $e (local.get $i))))
      (br $next)))
  (func $g (call $f))
  (func (export "run") (call $g)))
