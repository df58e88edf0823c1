# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is read from the words of a child that died, and what makes two deaths one bucket."""
import os
import sys
import unittest

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "fuzz"))
from cordon_fuzz import log, text  # noqa: E402
from cordon_fuzz.errors import Stop  # noqa: E402

STACK = """    #0 0x5581 in abort (/lib/libc.so+0x1) (BuildId: 93ac61)
    #0 0x5581 in raise signal/../sysdeps/posix/raise.c:26:13
    #1 0x5582 in cordon::check_failed(char const*, char const*, int) /src/core/base/check.cc:20:3
    #2 0x5583 in cordon::jit::Masm<cordon::X64>::add(unsigned int, unsigned long) /src/core/jit/masm.cc:7:1
    #3 0x5584 in cordon::jit::(anonymous namespace)::compile(cordon::Module const&) const /src/core/jit/c.cc:7:1
    #4 0x5585 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) (/x/fuzz-tiers+0x2)
"""


def deadly(said):
    return f"#12\tNEW    cov: 7 ft: 8 corp: 2/9b lim: 4\n{said}\n==77== ERROR: libFuzzer: deadly signal\n{STACK}SUMMARY: libFuzzer\n"


class LogTest(unittest.TestCase):
    def test_frames_are_ours_and_bare(self):
        report = log.report_of(deadly("/src/core/jit/masm.cc:7: CHECK failed: a < b"), 77)
        self.assertEqual(report.what, "check")
        self.assertEqual(report.frames, ["cordon::jit::Masm::add", "cordon::jit::compile"])

    def test_the_oracle_s_words_are_the_finding_and_numbers_do_not_count(self):
        one = log.report_of(deadly("jit: call 3, f7 result 0: i32:0x1 and i32:0x22\nwritten to ./aa.wasm"), 77)
        two = log.report_of(deadly("jit: call 12, f32 result 1: i32:0xab and i32:0x2\nwritten to ./bb.wasm"), 77)
        other = log.report_of(deadly("jit: call 12, f32 result 1: f64:0xab and f64:0x2"), 77)
        self.assertEqual(one.what, "difference")
        self.assertEqual(one.key(), two.key())
        self.assertNotEqual(one.key(), other.key())
        self.assertEqual(one.shape(), other.shape(), "while it shrinks, values may change their type")

    def test_a_refusal_is_known_by_the_verifier_s_rule(self):
        report = log.report_of(deadly("refused: index of linear memory not known to be zero-extended: func 3, 8b 04"), 77)
        self.assertEqual((report.what, report.rule), ("refused", "heap_index"))
        self.assertIn("heap_index", report.key())

    def test_a_sanitizer_s_report_is_its_kind_and_frames(self):
        said = "==9==ERROR: AddressSanitizer: heap-use-after-free on address 0x602 at pc 0x1\nREAD of size 4\n" + STACK
        report = log.report_of(said, 1)
        self.assertEqual((report.what, report.kind()), ("heap-use-after-free", "bug"))
        self.assertEqual(report.frames[0], "cordon::jit::Masm::add")
        report = log.report_of("core/a.cc:3:4: runtime error: signed integer overflow: 7 + 9\n" + STACK, 77)
        self.assertEqual(report.what, "undefined-behaviour")

    def test_what_is_no_bug_is_kept_apart(self):
        for said, kind in (("==1== ERROR: libFuzzer: timeout after 25 seconds", "timeout"),
                           ("==1== ERROR: libFuzzer: out-of-memory (used: 3Mb; limit: 2Mb)", "memory"),
                           ("==1==ERROR: LeakSanitizer: detected memory leaks", "leak")):
            self.assertEqual(log.report_of(said, 70).kind(), kind)
        self.assertEqual(log.report_of("", -9).kind(), "memory")
        self.assertEqual(log.report_of("", -11).kind(), "bug")
        self.assertIsNone(log.report_of("Done 7 runs in 1 second(s)", 0))

    def test_hostile_words_are_made_printable(self):
        report = log.report_of(deadly("jit: \x1b[31m\u202eevil: 1 and 2"), 77)
        self.assertNotIn("\x1b", report.text)
        self.assertNotIn("\u202e", report.text)

    def test_durations(self):
        self.assertEqual([text.seconds_of(t) for t in ("90", "90s", "1.5h", "10m")], [90, 90, 5400, 600])
        for wrong in ("", "0", "-1", "1w", "1e9", "٣s"):
            with self.assertRaises(Stop):
                text.seconds_of(wrong)


if __name__ == "__main__":
    unittest.main()
