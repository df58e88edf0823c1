# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which files ci/tidy --changed takes, in repositories made for the purpose, with a clang-tidy that writes down
what it is asked about."""
import json
import os
import shutil
import subprocess
import unittest

from support import ROOT, RepositoryTest

CLANG_TIDY = """#!/bin/sh
for last; do :; done
echo "$last" >>"$(dirname "$0")/asked"
awk '/bad/ { print FILENAME ":" FNR ":1: warning: bad [some-check]" }' "$last"
"""


class TidyTest(RepositoryTest):
    def setUp(self):
        super().setUp()
        self.write("bin/clang-tidy-19", CLANG_TIDY, spdx=False)
        os.chmod(os.path.join(self.root, "bin/clang-tidy-19"), 0o755)
        os.makedirs(os.path.join(self.root, "ci"))
        shutil.copy(os.path.join(ROOT, "ci/tidy"), os.path.join(self.root, "ci/tidy"))
        for name in ("a", "b", "c"):
            self.write(f"core/{name}.cc", f'#include "core/{name}.h"\n#include "core/shared.h"\n')
            self.write(f"core/{name}.h", "")
        self.write("core/shared.h", "")
        self.write(".gitignore", "/bin/\n/build/\n", spdx=False)
        sources = [{"file": os.path.join(self.root, f"core/{name}.cc"), "command": "cc"} for name in ("a", "b", "c")]
        self.write("build/release/compile_commands.json", json.dumps(sources), spdx=False)
        self.git("init", "-q", "-b", "main")
        self.commit()

    def git(self, *arguments):
        who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        subprocess.run(["git", "-C", self.root, *who, *arguments], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit")

    def tidy(self, *arguments):
        """How it ended, and the files that were looked at."""
        asked = os.path.join(self.root, "bin/asked")
        if os.path.exists(asked):
            os.remove(asked)
        path = os.path.join(self.root, "bin") + ":" + os.environ["PATH"]
        done = subprocess.run([os.path.join(self.root, "ci/tidy"), "-j", "1", *arguments], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "PATH": path})
        if not os.path.exists(asked):
            return done, []
        with open(asked, encoding="utf-8") as file:
            return done, [os.path.relpath(line.strip(), self.root) for line in file]

    def test_a_branch_is_compared_with_where_it_left_main(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("core/a.cc", "int a;\n")
        self.commit()
        self.write("core/b.cc", "int b;\n")
        self.commit()
        done, asked = self.tidy("--changed")
        self.assertEqual((done.returncode, sorted(asked)), (0, ["core/a.cc", "core/b.cc"]), done.stderr)

    def test_main_is_compared_with_the_commit_before(self):
        self.write("core/a.cc", "int a;\n")
        self.commit()
        self.write("core/b.cc", "int b;\n")
        self.commit()
        self.assertEqual(self.tidy("--changed")[1], ["core/b.cc"])

    def test_what_is_not_committed_counts(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("core/c.cc", "int c;\n")
        self.assertEqual(self.tidy("--changed")[1], ["core/c.cc"])

    def test_a_header_is_looked_at_by_its_own_source_or_another(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("core/c.h", "int c;\n")
        self.assertEqual(self.tidy("--changed")[1], ["core/c.cc"])
        self.git("checkout", "-q", "core/c.h")
        self.write("core/shared.h", "int s;\n")
        self.assertEqual(self.tidy("--changed")[1], ["core/a.cc"])

    def test_what_is_not_compiled_is_passed_over(self):
        self.git("checkout", "-q", "-b", "branch")
        os.remove(os.path.join(self.root, "core/a.cc"))
        self.write("docs/page.md", "")
        done, asked = self.tidy("--changed")
        self.assertEqual((done.returncode, asked), (0, []))

    def test_a_limit_takes_the_most_changed_and_names_the_rest(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("core/a.cc", "int a;\n")
        self.write("core/b.cc", "int b;\n" * 10)
        self.write("core/c.cc", "int c;\n" * 5)
        done, asked = self.tidy("--changed", "--limit", "2")
        self.assertEqual(asked, ["core/b.cc", "core/c.cc"])
        self.assertIn("1 left out: core/a.cc", done.stdout)

    def test_a_finding_fails(self):
        self.git("checkout", "-q", "-b", "branch")
        self.write("core/a.cc", "bad\n")
        done, _ = self.tidy("--changed")
        self.assertEqual(done.returncode, 1)
        self.assertIn("core/a.cc:2:1: warning: bad", done.stdout)

    def test_a_finding_on_a_line_that_was_there_before_does_not(self):
        self.write("core/a.cc", "bad\nint a;\n")
        self.commit()
        self.write("core/a.cc", "bad\nint b;\n")
        done, asked = self.tidy("--changed")
        self.assertEqual((done.returncode, asked), (0, ["core/a.cc"]), done.stdout)
        self.assertEqual(self.tidy()[0].returncode, 1)

    def test_without_history_it_says_so(self):
        shutil.rmtree(os.path.join(self.root, ".git"))
        done, _ = self.tidy("--changed")
        self.assertEqual(done.returncode, 77)
        self.assertIn("no history", done.stderr)


if __name__ == "__main__":
    unittest.main()
