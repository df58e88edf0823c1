;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (func $f (param $n i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))
        (then (unreachable)))
      (br $next))
    (unreachable))
  (func $g (param i32) (result i32)
    (i32.add (i32.const 1) (call $f (local.get 0))))
  (func (export "run") (result i32) (drop (i32.const 3)) (call $g (i32.const 17))))
