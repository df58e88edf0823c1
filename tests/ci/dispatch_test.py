# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/dispatch.py on disassembly in which the compiler did what it must not."""
import os
import sys
import unittest

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "ci"))
import dispatch  # noqa: E402

TABLE = """// SPDX
CONTROL(0x10, call, "call", Func, mvp)
PURE(0x6a, i32_add, "i32.add", "ii:i", mvp)
FIXED(0xfc'0008, memory_init, "memory.init", MemoryInit, "iii:", bulk_memory, Memory, "wts")
"""
GOOD = "       0:      \taddl\t%eax, %ecx\n       2:      \tjmpq\t*(%r9,%r11,8)\n"
MERGED = "       0:      \taddl\t%eax, %ecx\n       2:      \tjmp\t0x40 <dispatch>\n"
FRAME = "       0:      \tpushq\t%rbp\n" + GOOD


def disassembly(**bodies):
    return "\n".join(f"0000000000000000 <void cordon::interp::on::{name}<{state}u>(cordon::interp::Context*)>:\n{body}"
                     for name, body in bodies.items() for state in "0123")


def errors(**bodies):
    return dispatch.check(dispatch.opcodes(TABLE), dispatch.handlers(disassembly(**bodies)))


class DispatchTest(unittest.TestCase):
    def test_takes_the_instructions_of_one_byte(self):
        self.assertEqual(dispatch.opcodes(TABLE), ["call", "i32_add"])

    def test_accepts_a_jump_in_each(self):
        self.assertEqual(errors(i32_add=GOOD, call=GOOD), [])

    def test_refuses_merged_jumps(self):
        found = errors(i32_add=MERGED, call=GOOD)
        self.assertEqual(len(found), 4)
        self.assertIn("i32_add<0>: no indirect jump", found[0])

    def test_refuses_a_frame_in_a_hot_handler_only(self):
        found = errors(i32_add=FRAME, call=GOOD)
        self.assertEqual(found, [f"i32_add<{state}>: makes a stack frame" for state in (1, 2, 3)])
        self.assertEqual(errors(i32_add=GOOD, call=FRAME), [])

    def test_refuses_a_missing_handler(self):
        self.assertEqual(len(errors(call=GOOD)), 4)

    def test_a_jump_of_the_next_function_does_not_count(self):
        text = disassembly(i32_add=MERGED, call=GOOD) + "\n0000000000000000 <other(int)>:\n" + GOOD
        self.assertEqual(len(dispatch.check(["i32_add"], dispatch.handlers(text))), 4)

    def test_the_real_table_has_rows(self):
        with open(os.path.join(ROOT, "core/wasm/opcodes/core.def"), encoding="utf-8") as file:
            self.assertGreater(len(dispatch.opcodes(file.read())), 150)


if __name__ == "__main__":
    unittest.main()
