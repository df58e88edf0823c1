;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Whether 16 bytes at a time are ASCII, and letters made lower: constants, comparisons, a test that branches.
(module
  (memory 1)
  (func (param $at i32) (param $end i32) (result i32)
    (local $bytes v128)
    (block $no
      (loop $next
        (br_if $no
          (v128.any_true
            (v128.and (local.tee $bytes (v128.load (local.get $at)))
              (v128.const i8x16 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128 -128))))
        (v128.store (local.get $at)
          (v128.or (local.get $bytes)
            (v128.and
              (i8x16.lt_u
                (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 65)))
                (v128.const i8x16 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26))
              (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (return (i32.const 1)))
    (i32.const 0)))
