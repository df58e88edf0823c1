;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
(module
  (global $g (export "g") (mut i32) (i32.const 1))
  (global $f (export "f") (mut f64) (f64.const 1))
  (global $v (mut v128) (v128.const i32x4 1 2 3 4))
  (func (export "run") (result i32) (local $i i32)
    (loop $next
      (global.set $g (i32.mul (global.get $g) (i32.const 7)))
      (global.set $f (f64.mul (global.get $f) (f64.const 1.125)))
      (global.set $v (i32x4.add (global.get $v) (i32x4.splat (global.get $g))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
    (i32x4.extract_lane 2 (global.get $v))))
