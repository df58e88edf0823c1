;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Each level has a loop; the stack ends.
(module
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func $f (param i32) (result i32) (local $i i32)
    (loop $next
      (local.set 0 (i32.add (local.get 0) (local.get $i)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (i32.add (local.get 0) (call $f (local.get 0))))
  (func (export "run") (result i32) (call $f (i32.const 4))))
