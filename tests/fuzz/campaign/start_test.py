# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`cordon fuzz start`, `status` and `targets`: what is found, what is reported, and what a kill -9 leaves."""
import json
import os
import pty
import signal
import subprocess
import unittest

from support import CampaignTest


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class StartTest(CampaignTest):
    def test_a_quiet_campaign_ends_in_time_and_has_figures(self):
        text = self.fuzz("start", "tiny", "--time", "3s", "--jobs", "2", TINY_SILENT="1")
        status = self.status()
        row = status["targets"]["tiny"]
        self.assertTrue(status["finished"])
        self.assertGreater(row["runs"], 1000)
        self.assertGreater(row["cover"], 0)
        self.assertGreater(row["corpus"], 0)
        self.assertEqual(sum(row["ends"].values()), row["runs"])
        self.assertLess(status["elapsed"], 10)
        self.assertIn("0 bugs", text)
        self.assertIn("tiny ends: ", text)
        self.assertTrue(os.listdir(self.file("corpus/tiny")))
        with open(self.file("history.jsonl"), encoding="utf-8") as file:
            self.assertIn("tiny", json.loads(file.readlines()[-1])["targets"])

    def test_each_way_to_end_has_its_bucket_and_kind(self):
        found = self.found(b"DIFF1", b"SLOP12345", b"HANG", b"LEAK", b"FATS", b"EXIT")
        kinds = {what: finding["kind"] for what, finding in found.items()}
        self.assertLessEqual({"difference": "bug", "heap-buffer-overflow": "bug", "death": "bug", "timeout": "timeout",
                                 "memory": "memory", "leak": "leak"}.items(), kinds.items())
        self.assertIn("run", found["heap-buffer-overflow"]["frames"])
        self.assertIn("exit status 9", found["death"]["text"])
        with open(found["death"]["smallest"], "rb") as file:
            self.assertEqual(file.read()[:4], b"EXIT", "no artifact was written; the record has the input")

    def test_numbers_and_lengths_make_no_second_bucket(self):
        self.seed(b"DIFF1", b"DIFF22", b"DIFF333")
        process = self.begin("--time", "60", "--jobs", "1")
        self.until(lambda: self.status().get("findings") and self.status()["findings"][0]["count"] >= 3)
        process.terminate()
        self.assertEqual(process.wait(), 1)
        self.assertEqual([f["what"] for f in self.status()["findings"]].count("difference"), 1)

    def test_a_child_killed_from_outside_over_an_innocent_input_is_no_finding(self):
        process = self.begin("--time", "60", "--jobs", "1", TINY_SILENT="1")
        self.until(lambda: self.status().get("runs", 0) > 100)
        with open(self.file("work/tiny-0/pid"), encoding="utf-8") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        runs = self.status()["runs"]
        self.until(lambda: self.status()["runs"] > runs + 1000)
        process.terminate()
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.status()["findings"], [])

    def test_a_target_that_kills_itself_is_a_finding(self):
        self.assertIn("killed", self.found(b"KILL"))

    def test_it_goes_on_after_kill_9_and_its_children_die_with_it(self):
        process = self.begin("--time", "60", "--jobs", "2", TINY_SILENT="1")
        self.until(lambda: self.status().get("runs", 0) > 1000)
        children = []
        for slot in (0, 1):
            with open(self.file(f"work/tiny-{slot}/pid"), encoding="utf-8") as file:
                children.append(int(file.read()))
        process.kill()
        process.wait()
        self.until(lambda: not any(map(is_alive, children)))
        before = self.status()
        self.assertFalse(before["finished"])
        self.assertIn("goes on with it", self.fuzz("status"))
        again = self.begin(TINY_SILENT="1")
        self.until(lambda: self.status()["pid"] != before["pid"] and self.status()["runs"] > before["runs"] + 1000)
        self.assertGreaterEqual(self.status()["elapsed"], before["elapsed"])
        self.assertEqual(self.status()["seconds"], 60)
        again.terminate()
        self.assertEqual(again.wait(), 0)

    def test_the_input_that_ran_at_a_kill_9_is_tried_again(self):
        self.seed(b"ZZZZ", )
        process = self.begin("--time", "60", "--jobs", "1")
        record = self.file("work/tiny-0/record")

        def runs_it():
            if not os.path.exists(record):
                return False
            with open(record, "rb") as file:
                file.seek(4096)
                return file.read(4) == b"ZZZZ"

        self.until(runs_it)
        process.kill()
        process.wait()
        for seed in os.listdir(self.file("corpus/tiny")):
            os.remove(self.file("corpus/tiny", seed))
        again = self.begin("--time", "60", "--jobs", "1", TINY_CRASH="1")
        self.until(lambda: self.status().get("findings"))
        again.terminate()
        again.wait()
        with open(self.status()["findings"][0]["smallest"], "rb") as file:
            self.assertEqual(file.read(), b"ZZZZ")

    def test_two_at_once_in_a_folder_are_refused(self):
        process = self.begin("--time", "60", "--jobs", "1", TINY_SILENT="1")
        self.until(lambda: self.status().get("runs", 0) > 0)
        self.assertIn("another `cordon fuzz start` runs", self.fuzz("start", status=3))
        self.assertTrue(json.loads(self.fuzz("status", "--json"))["running"])
        process.terminate()
        process.wait()

    def test_what_a_target_writes_reaches_neither_shell_nor_terminal(self):
        self.found(b"EVIL")
        self.assertNotIn("\x1b", self.fuzz("status"))
        for folder in (self.top, self.folder, self.file("work")):
            self.assertNotIn("owned", os.listdir(folder))

    def test_a_terminal_gets_one_screen(self):
        self.seed(b"DIFF1")
        parent, child = pty.openpty()
        process = subprocess.Popen(self.command("start", "--time", "3s", "--jobs", "1"), cwd=self.top, stdin=child,
                                   stdout=child, stderr=child, close_fds=True)
        os.close(child)
        said = b""
        while True:
            try:
                data = os.read(parent, 65536)
            except OSError:
                break
            said += data
        os.close(parent)
        self.assertEqual(process.wait(), 1)
        self.assertRegex(said.decode(), r"\x1b\[\d+A")
        self.assertIn("1 bugs", said.decode())

    def test_json_is_one_object(self):
        status = json.loads(self.fuzz("start", "--time", "2s", "--jobs", "1", "--json", TINY_SILENT="1"))
        self.assertEqual(status["findings"], [])

    def test_mistakes_are_named(self):
        self.assertIn("no target is called 'none'", self.fuzz("start", "none", status=2))
        self.assertIn("no target is called '?[2J'", self.fuzz("start", "\x1b[2J", status=2))
        self.assertIn("is no duration", self.fuzz("start", "--time", "soon", status=2))
        self.assertIn("no number of jobs", self.fuzz("start", "--jobs", "0", status=2))
        self.assertIn("holds no campaign", self.fuzz("status", status=2))
        self.assertFalse(os.path.exists(self.folder))

    def test_targets_lists_what_is_built_with_its_options(self):
        self.assertRegex(self.fuzz("targets"), r"tiny +-max_len=64 -timeout=2")


if __name__ == "__main__":
    unittest.main()
