;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Loops in the parts of an if, and one that nothing reaches.
;; loops: 3
(module
  (func (export "run") (result i32) (local $i i32) (local $sum i32) (local $late i32)
    (loop $next
      (if (i32.and (local.get $i) (i32.const 1))
        (then
          (local.set $late (i32.const 4))
          (loop $a
            (local.set $sum (i32.add (local.get $sum) (local.get $late)))
            (br_if $a (local.tee $late (i32.sub (local.get $late) (i32.const 1))))))
        (else
          (local.set $late (i32.const 0))
          (loop $b
            (local.set $sum (i32.xor (local.get $sum) (i32.shl (local.get $i) (local.get $late))))
            (br_if $b (i32.lt_u (local.tee $late (i32.add (local.get $late) (i32.const 1))) (i32.const 3))))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
    (return (local.get $sum))
    (loop $never (br_if $never (local.get $i)))
    (unreachable)))
