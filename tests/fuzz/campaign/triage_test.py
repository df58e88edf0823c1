# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is done with findings: `triage`, `minimize`, `repro`, `regress`, and `merge` of corpora."""
import json
import os
import shlex
import subprocess
import unittest

from support import CampaignTest


class TriageTest(CampaignTest):
    def test_buckets_are_listed_and_what_is_gone_is_marked(self):
        self.found(b"DIFF and so on", b"HANG")
        text = self.fuzz("triage", status=1)
        self.assertRegex(text, r"bugs: 1\n.*difference.*jit: call")
        self.assertRegex(text, r"timeouts: 1\n")
        kinds = {f["kind"]: f for f in json.loads(self.fuzz("triage", "--json", status=1))}
        self.assertLessEqual({"bug", "timeout"}, set(kinds), "the fuzzer may find more words by itself")
        self.assertTrue(os.path.exists(kinds["bug"]["smallest"]))
        self.fuzz("triage", "--check", status=1)
        text = self.fuzz("triage", "--check", status=0, TINY_SILENT="1")
        self.assertEqual(text.count("[gone]"), len(self.status()["findings"]))
        self.fuzz("triage", "--check", status=1)

    def test_only_timeouts_have_a_status_of_their_own(self):
        self.found(b"HANG")
        self.fuzz("triage", status=4)

    def test_an_input_becomes_as_small_as_it_can(self):
        identity = self.found(b"DIFF with a long tail of bytes")["difference"]["id"]
        result = json.loads(self.fuzz("minimize", identity, "--json"))[0]
        with open(result["file"], "rb") as file:
            self.assertEqual(file.read(), b"DIFF")
        self.assertIn("minimized", self.fuzz("triage", status=1))

    def test_what_does_not_fail_any_more_is_not_minimized(self):
        self.found(b"DIFF")
        self.assertIn("does not fail any more", self.fuzz("minimize", status=3, TINY_SILENT="1"))

    def test_repro_gives_a_line_that_fails_and_the_files(self):
        identity = self.found(b"DIFF1")["difference"]["id"]
        text = self.fuzz("repro", identity[:9], status=1)
        line = shlex.split(text.splitlines()[-1])
        self.assertNotEqual(subprocess.run(line, capture_output=True, check=False, cwd=self.top).returncode, 0)
        for name in ("input", "log.txt", "module.wasm"):
            self.assertTrue(os.path.exists(self.file("findings", identity, "repro", name)), name)
        self.assertIn("does not fail any more", self.fuzz("repro", identity, TINY_SILENT="1"))
        self.assertIn("no finding is called", self.fuzz("repro", "../../etc", status=2))

    def test_a_finding_becomes_a_regression_test_and_is_closed(self):
        identity = self.found(b"DIFF1")["difference"]["id"]
        into = os.path.join(self.top, "regress")
        result = json.loads(self.fuzz("regress", "add", identity, "--into", into, "--json"))
        self.assertFalse(result["module"], "no program takes the modules of this target")
        with open(result["file"], "rb") as file:
            self.assertEqual(file.read()[:4], b"DIFF")
        self.assertTrue(result["file"].startswith(os.path.join(into, "tiny/")))
        self.assertIn("[regress/tiny/", self.fuzz("triage", status=0))

    def state_when_found_again(self):
        self.write("corpus/tiny", "again", data=b"DIFF7")
        count = self.findings()["difference"]["count"]
        process = self.begin("--time", "100", "--jobs", "1")
        self.until(lambda: self.findings().get("difference", {}).get("count", 0) > count)
        process.terminate()
        process.wait()
        return self.findings()["difference"]["state"]

    def test_what_is_found_again_is_open_again(self):
        identity = self.found(b"DIFF1")["difference"]["id"]
        self.fuzz("triage", "--check", status=0, TINY_SILENT="1")
        self.assertEqual(self.state_when_found_again(), "open")
        self.fuzz("regress", "add", identity, "--into", os.path.join(self.top, "regress"))
        self.assertRegex(self.state_when_found_again(), "regress/", "the target is the one that it was found with")
        # One that was built since then should not have it any more.
        path = self.file("findings", identity, "finding.json")
        with open(path, encoding="utf-8") as file:
            facts = json.load(file)
        self.write("findings", identity, "finding.json", data=json.dumps({**facts, "closed": 1.0}).encode())
        self.assertEqual(self.state_when_found_again(), "open")

    def test_merging_keeps_what_is_needed_and_takes_in_others(self):
        self.fuzz("start", "--time", "3s", "--jobs", "1", TINY_SILENT="1")
        for number in range(50):
            self.write("corpus/tiny", f"same{number}", data=b"a" * 8)
        other = os.path.join(self.top, "other/tiny")
        os.makedirs(other)
        with open(os.path.join(other, "new"), "wb") as file:
            file.write(b"DI")
        result = json.loads(self.fuzz("merge", "--from", os.path.dirname(other), "--json", TINY_SILENT="1"))["tiny"]
        self.assertGreater(result["before"], 50)
        self.assertLess(result["after"], 20)
        self.assertEqual(len(os.listdir(self.file("corpus/tiny"))), result["after"])

    def test_a_folder_of_campaigns_is_merged_and_the_next_campaign_begins_with_it(self):
        pods = os.path.join(self.top, "pods")
        for name in ("0", "1 $(touch owned)"):
            os.makedirs(os.path.join(pods, name, "corpus/tiny"))
            with open(os.path.join(pods, name, "corpus/tiny/a"), "wb") as file:
                file.write(b"a" * (4 + len(name)))
        result = json.loads(self.fuzz("merge", "--from-each", pods, "--json", TINY_SILENT="1"))["tiny"]
        self.assertEqual(result["before"], 2)
        merged, self.folder = self.folder, os.path.join(self.top, "next")
        self.fuzz("start", "--time", "2s", "--jobs", "1", "--from", merged, TINY_SILENT="1")
        with open(self.file("work/tiny-0/log"), encoding="utf-8") as file:
            self.assertIn(merged, file.read())

    def test_a_merge_that_was_killed_loses_no_corpus(self):
        self.fuzz("start", "--time", "2s", "--jobs", "1", TINY_SILENT="1")
        os.rename(self.file("corpus/tiny"), self.file("corpus/tiny.old"))
        before = len(os.listdir(self.file("corpus/tiny.old")))
        result = json.loads(self.fuzz("merge", "--json", TINY_SILENT="1"))["tiny"]
        self.assertEqual(result["before"], before)


if __name__ == "__main__":
    unittest.main()
