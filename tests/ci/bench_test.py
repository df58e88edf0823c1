# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""bench/'s harness on engines that are shell commands: what it must notice, and the figures it must make."""
import json
import os
import subprocess
import sys
import tempfile
import types
import unittest
import xml.dom.minidom

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "bench"))
from harness import chart, engines, measure, paired, table, workloads  # noqa: E402

OPTIONS = types.SimpleNamespace(rounds=2, scale=0.01, timeout=5, net=False)


class Shell(engines.Engine):
    """An engine that runs one shell command whatever the workload."""

    def __init__(self, name, script, **more):
        super().__init__(name, "1.0", **more)
        self.script = script

    def command(self, builder, workload, scale):
        return ["sh", "-c", self.script]


def results_of(*found, names=("vm", "json")):
    rows = measure.measure(list(found), None, list(names), OPTIONS, lambda line: None)
    return table.Results(list(found), list(names), rows, OPTIONS)


class MeasureTest(unittest.TestCase):
    def test_a_wrong_result_is_an_error_and_not_a_time(self):
        results = results_of(Shell("native", "echo 7"), Shell("liar", "echo 8"))
        self.assertEqual(results.wrong(), [("liar", "vm"), ("liar", "json")])
        self.assertEqual(results.ratios(results.engines[1]), {})
        self.assertIn("WRONG", table.markdown(results))

    def test_a_failing_engine_is_marked_with_its_reason(self):
        results = results_of(Shell("native", "echo 7"), Shell("broken", "echo no such opcode >&2; exit 3"))
        text = table.markdown(results)
        self.assertIn("can't", text)
        self.assertIn("exit 3: no such opcode", text)
        self.assertEqual(results.wrong(), [])

    def test_an_endless_engine_is_cut_off(self):
        OPTIONS.timeout = 0.2
        self.addCleanup(setattr, OPTIONS, "timeout", 5)
        results = results_of(Shell("native", "echo 7"), Shell("endless", "exec sleep 60"), names=("vm",))
        self.assertIn("over 0.2 s", table.markdown(results))

    def test_a_slower_engine_has_the_greater_ratio(self):
        results = results_of(Shell("native", "sleep 0.2; echo 7"), Shell("slow", "sleep 1.2; echo 7"))
        self.assertTrue(3 < results.mean(results.engines[1]) < 7, results.mean(results.engines[1]))

    def test_processor_time_is_finer_than_a_tick(self):
        cpus = [measure.run_once(["sh", "-c", ":"], 5)[1] for _ in range(5)]
        self.assertTrue(all(0 < cpu < 0.5 for cpu in cpus), cpus)

    def test_geometric_mean(self):
        self.assertAlmostEqual(measure.geometric_mean([1, 4, 16]), 4)
        self.assertIsNone(measure.geometric_mean([]))

    def test_ratio_is_taken_within_a_round(self):
        rows = {(e, n): measure.Row() for e in ("native", "x") for n in ("vm", workloads.HELLO)}
        rows["native", "vm"].walls, rows["x", "vm"].walls = [1, 10, 1], [2, 20, 2]
        self.assertEqual(measure.ratio(rows, "x", "native", "vm", False), 2)

    def test_net_subtracts_what_hello_takes(self):
        rows = {(e, n): measure.Row() for e in ("native", "x") for n in ("vm", workloads.HELLO)}
        rows["native", "vm"].walls, rows["x", "vm"].walls = [1.5], [4.0]
        rows["native", workloads.HELLO].walls, rows["x", workloads.HELLO].walls = [0.5], [1.0]
        self.assertEqual(measure.ratio(rows, "x", "native", "vm", True), 3)


class ShownTest(unittest.TestCase):
    def setUp(self):
        self.results = results_of(Shell("native", "echo 7"), Shell("cordon <interp>", "echo 7", ours=True),
                                  Shell("broken", "exit 1"))

    def test_json_has_every_sample(self):
        found = json.loads(table.as_json(self.results))
        self.assertEqual([e["name"] for e in found["engines"]], ["native", "cordon <interp>", "broken"])
        self.assertEqual(len(found["engines"][1]["runs"]["vm"]["wall_s"]), 2)
        self.assertEqual(found["engines"][2]["runs"]["vm"]["state"], measure.MISSING)

    def test_chart_is_xml_and_names_who_ran_nothing(self):
        text = chart.svg(self.results)
        xml.dom.minidom.parseString(text)
        self.assertIn("broken ran none", text)
        self.assertIn("cordon &lt;interp&gt;", text)

    def test_axis_ends_on_ticks_around_the_values(self):
        axis = chart.Axis(0.7, 33)
        self.assertEqual((axis.low, axis.high), (0.5, 50))
        self.assertLess(axis.x(0.7), axis.x(33))


class PairedTest(unittest.TestCase):
    def test_the_builds_take_turns_in_going_first(self):
        order = []
        paired.alternate(3, lambda side: order.append(side) or ())
        self.assertEqual(order, ["before", "after", "after", "before", "before", "after"])

    def test_ratio_is_taken_within_a_round(self):
        before, after = iter([1, 10, 2]), iter([2, 20, 4])
        pairs = paired.alternate(3, lambda side: [("row", "ns", next(before if side == "before" else after))])
        self.assertEqual(pairs.rows["row"].ratio(), 2)
        self.assertEqual(paired.spread(pairs.rows["row"].ratios()), 0)

    def test_a_row_that_one_build_lacks_has_no_ratio_but_is_shown(self):
        pairs = paired.Pairs()
        pairs.add("after", [("new", "ns", 5.0)])
        self.assertIsNone(pairs.rows["new"].ratio())
        self.assertIn("| new | - | 5.00 ns | - | - | - |", paired.markdown("calls", pairs))

    def test_one_disturbed_round_does_not_touch_the_ratio_of_the_fastest(self):
        pairs = paired.Pairs()
        pairs.add("before", [("row", "ns", value) for value in (10.0, 90.0, 12.0)])
        pairs.add("after", [("row", "ns", value) for value in (70.0, 11.0, 12.0)])
        self.assertAlmostEqual(pairs.rows["row"].ratio_of_fastest(), 1.1)

    def test_spread_is_half_of_what_lies_between_the_quartiles(self):
        self.assertAlmostEqual(paired.spread([0.5, 0.9, 1.0, 1.1, 9.0]), 0.1)
        self.assertIsNone(paired.spread([1.0]))

    def test_call_figures_are_read_and_their_header_is_not(self):
        text = "      jit    interp  nanoseconds a call\n     1.25    302.75  table.get, own 8 funcref\n"
        self.assertEqual(list(paired.call_figures(text)), [("jit: table.get, own 8 funcref", "ns", 1.25),
                                                           ("interp: table.get, own 8 funcref", "ns", 302.75)])

    def test_the_round_that_pays_for_fresh_memory_is_left_out(self):
        line = ("validate {0}.5 ms, compile {0}.0 ms, verify 7.0 ms: 9.0 MB/s validated and compiled; "
                "code 1234 bytes, 2.00 a byte of wasm; 1 leaders, 2 trap sites, 3 pieces of 4 bytes\n")
        found = [("validate", "ms", 4.5), ("compile", "ms", 4.0), ("verify", "ms", 7.0), ("code", "bytes", 1234.0)]
        self.assertEqual(list(paired.compile_figures(line.format(90) + line.format(4))), found)
        self.assertEqual(list(paired.compile_figures(line.format(4))), found)


class CompareTest(unittest.TestCase):
    """bench/compare on builds whose programs are shell scripts."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name

    def build(self, name, script):
        os.makedirs(os.path.join(self.root, name, "bench"))
        path = os.path.join(self.root, name, "bench/cordon-call-figures")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)

    def compare(self, *arguments):
        command = [sys.executable, "-B", os.path.join(ROOT, "bench/compare"), "before", "after",
                   "--suites", "calls", "--rounds", "3", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.root)

    def test_a_dearer_call_has_a_ratio_above_one(self):
        self.build("before", "echo '    10.00     20.00  table.get'")
        self.build("after", "echo '    15.00     20.00  table.get'")
        done = self.compare("--json", "figures.json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| jit: table.get | 10.00 ns | 15.00 ns | 1.500 | ± 0.0 % | 1.500 |", done.stdout)
        with open(os.path.join(self.root, "figures.json"), encoding="utf-8") as file:
            rows = json.load(file)["suites"]["calls"]
        self.assertEqual(rows["jit: table.get"]["after"], [15.0, 15.0, 15.0])
        self.assertEqual(rows["interp: table.get"]["ratio"], 1.0)

    def test_a_program_that_fails_or_is_missing_ends_it(self):
        self.build("before", "echo '    10.00     20.00  table.get'")
        self.assertIn("no after/bench/cordon-call-figures", self.compare().stderr)
        self.build("after", "echo out of bounds table access >&2; exit 1")
        done = self.compare()
        self.assertEqual(done.returncode, 1)
        self.assertIn("exit 1: out of bounds table access", done.stderr)

    def test_figures_that_it_cannot_read_are_an_error(self):
        for name in ("before", "after"):
            self.build(name, "echo table.get: 10 ns")
        done = self.compare()
        self.assertEqual(done.returncode, 1)
        self.assertIn("calls: no figures", done.stderr)


class WorkloadsTest(unittest.TestCase):
    """Natively compiled at the least size: each builds without a warning and depends on its rounds."""

    def test_every_workload_computes_something_that_its_rounds_change(self):
        with tempfile.TemporaryDirectory() as directory:
            builder = workloads.Builder(directory)
            for name in workloads.ALL:
                with self.subTest(name):
                    program = builder.native(name)
                    printed = [measure.run_once([program, str(count)], 20)[2] for count in (1, 2, 2)]
                    self.assertEqual(printed[1], printed[2])
                    self.assertNotEqual(printed[0], printed[1])

    def test_each_file_is_in_the_table(self):
        files = {name[:-2] for name in os.listdir(workloads.SOURCES) if name.endswith(".c")}
        self.assertEqual(files - {"main", "bare", workloads.HELLO}, set(workloads.ALL))


if __name__ == "__main__":
    unittest.main()
