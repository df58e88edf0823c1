# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz` as the subcommand: it hands its words over as they are, and says what is missing where it is
installed."""
import os
import shutil
import subprocess
import unittest

from support import CampaignTest

CORDON = os.environ.get("CORDON_PROGRAM", "")


class CommandTest(CampaignTest):
    def cordon(self, program, *words):
        return subprocess.run([program, "fuzz", *words], text=True, capture_output=True, check=False, cwd=self.top)

    def test_the_words_reach_the_program(self):
        done = self.cordon(CORDON, "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("usage: cordon fuzz", done.stdout)
        done = self.cordon(CORDON, "start", "a b", "--dir", self.folder, "--time", "1s")
        self.assertIn("no target is called 'a b'", done.stderr)
        self.assertEqual(done.returncode, 2)

    def test_where_it_is_not_installed_the_message_says_so(self):
        lone = os.path.join(self.top, "cordon")
        shutil.copy(CORDON, lone)
        done = self.cordon(lone, "start")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cordon-fuzz, looked for in", done.stderr)
        self.assertIn("docs/fuzzing.md", done.stderr)


if __name__ == "__main__":
    unittest.main()
