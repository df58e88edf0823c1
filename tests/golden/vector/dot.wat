;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; A dot product of floats: a load folded, the sum in its register over all rounds, then summed up.
(module
  (memory 1)
  (func (param $a i32) (param $b i32) (param $end i32) (result f32)
    (local $sum v128)
    (loop $next
      (local.set $sum
        (f32x4.add (local.get $sum)
          (f32x4.mul (v128.load (local.get $a)) (v128.load (local.get $b)))))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br_if $next
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 16))) (local.get $end))))
    (local.set $sum
      (f32x4.add (local.get $sum)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $sum) (local.get $sum))))
    (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))))
