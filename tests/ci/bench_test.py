# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""bench/'s harness on engines that are shell commands: what it must notice, and the figures it must make."""
import json
import os
import sys
import tempfile
import types
import unittest
import xml.dom.minidom

from support import ROOT

sys.path.insert(0, os.path.join(ROOT, "bench"))
from harness import chart, engines, measure, table, workloads  # noqa: E402

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
        results = results_of(Shell("native", "sleep 0.05; echo 7"), Shell("slow", "sleep 0.3; echo 7"))
        self.assertTrue(3 < results.mean(results.engines[1]) < 7, results.mean(results.engines[1]))

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


class WorkloadsTest(unittest.TestCase):
    """Natively compiled at the least size: each builds without a warning and depends on its rounds."""

    def test_every_workload_computes_something_that_its_rounds_change(self):
        with tempfile.TemporaryDirectory() as directory:
            builder = workloads.Builder(directory)
            for name in workloads.WORKLOADS:
                with self.subTest(name):
                    program = builder.native(name)
                    printed = [measure.run_once([program, str(count)], 20)[2] for count in (1, 2, 2)]
                    self.assertEqual(printed[1], printed[2])
                    self.assertNotEqual(printed[0], printed[1])

    def test_each_file_is_in_the_table(self):
        files = {name[:-2] for name in os.listdir(workloads.SOURCES) if name.endswith(".c")}
        self.assertEqual(files - {"main", "bare", workloads.HELLO}, set(workloads.WORKLOADS))


if __name__ == "__main__":
    unittest.main()
