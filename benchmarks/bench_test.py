#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs bench twice on one model and holds what it reports against its promises.

usage: bench_test.py BOARD MODEL.tflite BUILD_DIR
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BOARD, MODEL, BUILD_DIR = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
UNIT = "nanoseconds" if BOARD == "host" else "instructions"


def bench(*arguments):
    return subprocess.run([HERE / "bench", "--build-dir", BUILD_DIR, *arguments],
                          capture_output=True, text=True, check=False)


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.objects, cls.tables = [], []
        for name in ("first.json", "second.json"):
            path = BUILD_DIR / name
            path.unlink(missing_ok=True)
            result = bench("--board", BOARD, "--json", path, MODEL)
            if result.returncode != 0:
                raise AssertionError(f"bench failed:\n{result.stdout}{result.stderr}")
            cls.objects.append(json.loads(path.read_text(encoding="utf-8")))
            cls.tables.append(result.stdout)

    def test_fields_are_exactly_the_documented_ones(self):
        (report,) = self.objects[0]
        self.assertEqual(
            list(report),
            ["model", "board", "variant", f"{UNIT}_invoke", f"{UNIT}_allocate", "arena_bytes",
             "flash_bytes", "output_crc32", "macs", "tflm", "nodes"])
        self.assertEqual(report["model"], MODEL.name.removesuffix(".tflite"))
        self.assertEqual(report["board"], BOARD)
        board = (HERE.parent / "ports" / BOARD / "board.cmake").read_text(encoding="utf-8")
        self.assertIn(f"set(MIDGE_BOARD_VARIANT {report['variant']})", board)
        self.assertRegex(report["output_crc32"], r"^[0-9a-f]{8}$")
        counts = [f"{UNIT}_invoke", f"{UNIT}_allocate", "arena_bytes", "macs"]
        if BOARD == "host":
            self.assertIsNone(report["flash_bytes"])
        else:
            counts.append("flash_bytes")
        for field in counts:
            self.assertIs(type(report[field]), int, field)
            self.assertGreater(report[field], 0, field)
        self.assertGreater(len(report["nodes"]), 0)
        for i, node in enumerate(report["nodes"]):
            self.assertEqual(
                list(node), ["node", "op", "input", "weights", "output", "macs", UNIT,
                             f"{UNIT}_per_mac", "tflm_instructions", "ratio"])
            self.assertEqual(node["node"], i)
            self.assertRegex(node["input"], r"^\d+(x\d+)*$")
            self.assertIsNone(node["ratio"])  # nobody measured TFLM with this model
            self.assertRegex(node["op"], r"^[A-Z0-9_]+$")
            self.assertIs(type(node[UNIT]), int)

    @unittest.skipIf(BOARD == "host", "times differ")
    def test_second_run_reports_the_same(self):
        self.assertEqual(self.objects[0], self.objects[1])
        self.assertEqual(self.tables[0], self.tables[1])

    @unittest.skipIf(BOARD == "host", "times differ")
    def test_nodes_add_up_to_the_whole(self):
        (report,) = self.objects[0]
        nodes = report["nodes"]
        outside_nodes = report["instructions_invoke"] - sum(node[UNIT] for node in nodes)
        # Entering and leaving Invoke; each node's count may be off by a few.
        self.assertGreaterEqual(outside_nodes, 0)
        self.assertLess(outside_nodes, 200 + 4 * len(nodes))

    def test_macs_add_up(self):
        (report,) = self.objects[0]
        self.assertEqual(report["macs"], sum(node["macs"] for node in report["nodes"]))
        self.assertEqual(report["macs"], 16 + 16 * 16 + 16)

    def test_table_is_not_too_wide(self):
        self.assertLessEqual(max(map(len, self.tables[0].splitlines())), 120)

    def test_table_ends_with_the_total(self):
        (report,) = self.objects[1]
        last = self.tables[1].strip().splitlines()[-1].split()
        self.assertEqual(last[:3], ["Invoke", f"{report['macs']:,}",
                                    f"{report[f'{UNIT}_invoke']:,}"])

    def test_table_shows_the_figures(self):
        (report,) = self.objects[1]
        for field in (f"{UNIT}_invoke", "arena_bytes"):
            self.assertIn(f"{report[field]:,}", self.tables[1])

    @unittest.skipIf(BOARD == "host", "a host counts no instructions")
    def test_functions_add_up_to_invoke(self):
        result = bench("--board", BOARD, "--functions", MODEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        table = result.stdout[result.stdout.index("  Invoke\n"):]
        counts = [int(count.replace(",", "")) for count in re.findall(r"^ +([\d,]+) ", table, re.M)]
        self.assertRegex(table, "midge::")
        (report,) = self.objects[0]
        # The image's inputs are zeros and not the benchmark's; some of the work follows the data.
        self.assertLess(abs(sum(counts) - report["instructions_invoke"]),
                        0.1 * report["instructions_invoke"])


@unittest.skipIf(BOARD == "host", "a host counts no instructions")
class Summary(unittest.TestCase):
    def test_lines_are_what_models_cost(self):
        path = BUILD_DIR / "summary.json"
        result = bench("--board", BOARD, "--summary", "--json", path, MODEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        (report,) = json.loads(path.read_text(encoding="utf-8"))
        self.assertLess(report["planned"]["arena_bytes"], report["arena_bytes"])
        for value in (report["instructions_invoke"], report["arena_bytes"],
                      report["planned"]["arena_bytes"], report["flash_bytes"]):
            self.assertIn(f" {value:,}", result.stdout)

    def test_markdown_has_as_many_columns_as_titles(self):
        result = bench("--board", BOARD, "--markdown", MODEL)
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        self.assertEqual({line.count("|") for line in lines}, {12})
        self.assertTrue(lines[2].startswith("| " + MODEL.name.removesuffix(".tflite")), lines)


@unittest.skipIf(BOARD == "host", "a host counts no instructions")
class Kernels(unittest.TestCase):
    def test_layers_are_compared(self):
        path = BUILD_DIR / "kernels.json"
        result = bench("--board", BOARD, "--kernels", "--json", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 120)
        report = json.loads(path.read_text(encoding="utf-8"))
        layers = {(layer["kernel"], layer["shape"]): layer for layer in report}
        self.assertEqual(len(layers), len(report))  # distinct
        layer = layers["Conv2DS8", "25x5x64 1x1 25x5x64"]
        self.assertEqual(layer["networks"], ["kws_ref_model"])
        self.assertEqual(layer["layers"], 4)
        self.assertEqual(layer["macs"], 25 * 5 * 64 * 64)
        self.assertTrue(layer["optimised"])
        self.assertLess(layer["instructions"], layer["instructions_portable"] / 2)
        for layer in report:
            if not layer["optimised"]:
                self.assertAlmostEqual(layer["ratio"], 1, delta=0.1)

    def test_filter_that_fits_nothing(self):
        result = bench("--board", BOARD, "--kernels", "no such layer")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "no layer")


class Budget(unittest.TestCase):
    @unittest.skipIf(BOARD == "host", "times have no budget")
    def test_growth_is_found_and_named(self):
        budget = BUILD_DIR / "budget.csv"
        models = str(MODEL.parent)
        arguments = ["--board", BOARD, "--budget", budget, "--models", models]
        name = MODEL.name.removesuffix(".tflite")
        budget.write_text("model,board,kind,what,value\n")
        result = bench(*arguments, MODEL)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "has no rows of it")
        self.assertEqual(bench(*arguments, "--update", MODEL).returncode, 0)
        whole = budget.read_text(encoding="utf-8")
        self.assertRegex(whole, rf"(?m)^{name},{BOARD},instructions,,\d+$")
        self.assertRegex(whole, rf"(?m)^{name},{BOARD},node,0 [A-Z0-9_]+,\d+$")
        self.assertEqual(bench(*arguments).returncode, 0)
        # One that was cheaper before.
        budget.write_text(re.sub(r"(,node,1 \w+),(\d+)",
                                 lambda m: f"{m[1]},{int(m[2]) * 99 // 100}", whole))
        result = bench(*arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertRegex(result.stdout, rf"{name}.*node 1 ")


class BadInput(unittest.TestCase):
    def fails(self, code, expected, *arguments):
        result = bench(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        lines = result.stderr.splitlines()
        self.assertRegex(lines[-1], f"^bench: .*{expected}")
        # What comes before is progress.
        self.assertTrue(all(line.startswith("bench: ") for line in lines), result.stderr)

    def test_usage(self):
        self.fails(2, "unknown board 'toaster'", "--board", "toaster", MODEL)
        self.fails(2, "unknown variant 'abacus'", "--variant", "abacus", MODEL)
        self.fails(2, "required", "--board", BOARD)
        self.fails(2, "three things", "--budget", "--kernels")
        self.fails(2, "counts no instructions", "--board", "host", "--summary")
        self.fails(2, "no such folder", "--json", BUILD_DIR / "nowhere" / "out.json", MODEL)

    def test_missing_file(self):
        self.fails(1, "none.tflite: No such file", "--board", BOARD, BUILD_DIR / "none.tflite")

    def test_not_a_model(self):
        self.fails(1, "README.md: not a .tflite model", "--board", BOARD, HERE / "README.md")

    def test_broken_model_leaves_no_report(self):
        broken = BUILD_DIR / "broken.tflite"
        broken.write_bytes(MODEL.read_bytes()[:200])
        report = BUILD_DIR / "broken.json"
        report.unlink(missing_ok=True)
        self.fails(1, re.escape(str(broken)), "--board", BOARD, "--json", report, MODEL, broken)
        self.assertFalse(report.exists())


if __name__ == "__main__":
    BUILD_DIR.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1])
