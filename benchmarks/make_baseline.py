#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tflm_baseline.csv and tflm_baseline_nodes.csv.

usage: make_baseline.py [SHARED_DIR]

SHARED_DIR (default: ../shared beside the project) holds `anchors/`, the measurements of TFLM as
tflm_cortex_m.csv and tflm_cortex_m_ops.csv, and `models/`, whose manifests give each model's hash.
"""

import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent

# The boards that TFLM was measured on, by the measurements' own names.
BOARDS = {"m4": "mps2-an386", "m7": "mps2-an500", "m0p": "mps2-an385", "m55": "mps3-an547"}
# Kernel sets as released (-O2); others are studies of optimisation levels.
KERNELS = ("ref", "cmsis")

MODEL_FIELDS = [
    "model", "sha256", "board", "kernels", "instructions_invoke", "instructions_allocate",
    "arena_bytes", "flash_bytes", "flash_int8_bytes", "output_crc32", "macs",
]
NODE_FIELDS = ["model", "board", "kernels", "node", "layer", "instructions"]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, fields, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    shared = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else HERE.parent.parent / "shared"
    anchors = shared / "anchors"

    models = []
    for row in read(anchors / "tflm_cortex_m.csv"):
        if row["kernels"] not in KERNELS or row["error"]:
            continue
        manifest = shared / "models" / "golden" / row["model"] / "manifest.json"
        models.append({
            "model": row["model"],
            "sha256": json.loads(manifest.read_text(encoding="utf-8"))["sha256"],
            "board": BOARDS[row["target"]],
            "kernels": row["kernels"],
            "instructions_invoke": row["instr_invoke"],
            "instructions_allocate": row["instr_alloc"],
            "arena_bytes": row["arena_used"],
            "flash_bytes": row["flash"],
            "flash_int8_bytes": row["flash_int8reg"],
            "output_crc32": row["crc"],
            "macs": row["macs"],
        })
    write(HERE / "tflm_baseline.csv", MODEL_FIELDS, models)

    nodes = []
    for row in read(anchors / "tflm_cortex_m_ops.csv"):
        nodes.append({
            "model": row["model"],
            "board": BOARDS[row["target"]],
            "kernels": row["kernels"],
            "node": row["i"],
            "layer": row["op"],
            "instructions": row["instr"],
        })
    write(HERE / "tflm_baseline_nodes.csv", NODE_FIELDS, nodes)


if __name__ == "__main__":
    main()
