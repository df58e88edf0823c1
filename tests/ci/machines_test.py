# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ci/machines.py on repositories in which a machine is named where it must not be."""
import unittest

from support import RepositoryTest

PICKER = '#if defined(CORDON_MACHINE_X64)\n#include "core/abi/x64/registers.h"\n#endif\n'


class MachinesTest(RepositoryTest):
    script = "machines.py"

    def setUp(self):
        super().setUp()
        self.write("core/abi/x64/registers.h", "int kContext = 14;  // r14\n")
        self.write("core/asm/arm64/forms.def", "FORM(movz, zh, 0x52800000, movz)  // x0\n")
        self.write("core/jit/compile.cc", '#include "core/abi/registers.h"\nint compile();  // of x86-64 or AArch64\n')
        self.write("core/abi/registers.h", PICKER)

    def test_accepts_machines_in_their_folders_and_a_header_that_picks(self):
        self.assert_accepts()

    def test_refuses_each_kind_of_word(self):
        for line, word in (("int a;  // in r14", "r14"), ("int b;  // below rsp", "rsp"), ("int c = eax;", "eax"),
                           ("int d;  // xmm15 is scratch", "xmm15"), ("asm_.ud2();", "ud2"), ("asm_.lea(a, b);", "lea"),
                           ("constexpr int kFill = 0xCC;", "0xCC"), ("is(0x0F, 0x0B);", "0x0F, 0x0B"),
                           ("bool has_avx2 = avx2;", "avx2"), ("use(machine->gregs[0]);", "gregs"),
                           ("use(REG_RIP);", "REG_RIP"), ("set(EM_X86_64);", "EM_X86_64"), ("ZydisDecoder d;", "ZydisDecoder"),
                           ("int e;  // in x28", "x28"), ("int f = wzr;", "wzr"), ("asm_.movk(a);", "movk")):
            self.write("core/jit/link.cc", line + "\n")
            self.assert_refuses("core/jit/link.cc:2", f'"{word}"')

    def test_accepts_words_that_only_look_alike(self):
        self.write("core/jit/link.cc", "int i32_popcnt, sp, relax, x_axis, max64, bitsr8x; // i32.popcnt, lead, [W1], release\n")
        self.assert_accepts()

    def test_refuses_one_machine_in_the_folder_of_another(self):
        self.write("core/asm/arm64/word.h", "int a;  // rax\n")
        self.assert_refuses("core/asm/arm64/word.h:2", "x64")
        self.write("core/asm/arm64/word.h", '#include "core/asm/x64/form.h"\n')
        self.assert_refuses("core/asm/arm64/word.h:2", "picked")

    def test_refuses_an_include_of_a_machine_that_is_not_picked(self):
        self.write("core/jit/link.cc", '#include "core/abi/x64/registers.h"\n')
        self.assert_refuses("core/jit/link.cc:2", "a file of x64")
        self.write("core/jit/link.h", '#if defined(NDEBUG)\n#include "core/abi/x64/registers.h"\n#endif\n')
        self.assert_refuses("core/jit/link.h:3", "a file of x64")

    def test_refuses_a_source_that_picks(self):
        self.write("core/jit/link.cc", PICKER)
        self.assert_refuses("core/jit/link.cc:3")

    def test_leaves_tests_alone(self):
        self.write("tests/core/jit/compile_test.cc", "int a;  // rax\n")
        self.assert_accepts()

    def test_refuses_a_repository_without_machines(self):
        import os
        os.remove(os.path.join(self.root, "core/abi/x64/registers.h"))
        os.remove(os.path.join(self.root, "core/asm/arm64/forms.def"))
        self.write("core/abi/registers.h", "")
        self.assert_refuses("no folder of a machine")


if __name__ == "__main__":
    unittest.main()
