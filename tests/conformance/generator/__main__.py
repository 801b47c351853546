# SPDX-License-Identifier: Apache-2.0
"""Writes the conformance corpus: see ../README.md.

  python tests/conformance/generator [--only PACK…] [--output FOLDER]
"""

import argparse
import importlib
import importlib.metadata
import pathlib
import pkgutil
import platform
import sys

import numpy as np

import families
import oracle
import pack
from case import EXACT, Compare, Kind, Oracle, SumOf, UNIT_ROUNDOFF, abs_rel

# Every module of the folder that has packs.
FAMILIES = [
    module
    for entry in pkgutil.iter_modules(families.__path__)
    if hasattr(module := importlib.import_module(f"families.{entry.name}"), "PACKS")
]


def sum_tolerance(case):
  """The bound of SumOf, from the largest magnitude sum that any output of the case has."""
  magnitudes = (case.oracle_model or case.model).magnitudes().serialize()
  inputs = [[np.abs(array) for array in arrays] for arrays in case.invokes]
  outputs = oracle.run(magnitudes, inputs, case.oracle)
  largest = max(float(np.max(array, initial=0)) for results in outputs for array in results)
  return abs_rel(2 * (case.tolerance.terms + 1) * UNIT_ROUNDOFF * largest, 0)


def make_record(case):
  """The case's record. Raises oracle.Refused if the oracle does not run a case meant to run."""
  model_bytes = case.model.serialize()
  if case.kind == Kind.REFUSE:
    try:
      oracle.run(model_bytes, case.invokes, case.oracle)
    except oracle.Refused:
      return pack.record(case, model_bytes, [], [], EXACT, [], case.oracle)
    sys.exit(f"the oracle runs {case.name}")
  if case.oracle == Oracle.TWIN:
    outputs = [case.twin(*inputs) for inputs in case.invokes]
  else:
    oracle_model = case.oracle_model or case.model
    outputs = oracle.run(oracle_model.serialize(), case.invokes, case.oracle)
  tolerance = case.tolerance
  if isinstance(tolerance, SumOf):
    tolerance = sum_tolerance(case)
  if tolerance.compare == Compare.ABS_REL:  # a bound relative to infinity admits everything
    assert all(np.isfinite(array).all() for results in outputs for array in results), case.name
  return pack.record(
      case,
      model_bytes,
      case.model.input_types(),
      case.model.output_types(),
      tolerance,
      outputs,
      case.oracle,
  )


def write_versions(path):
  lines = [
      "Made by tests/conformance/generator with",
      f"Python {platform.python_version()} on {platform.machine()}",
  ]
  for name in ("tflite-micro", "ai-edge-litert", "flatbuffers", "numpy"):
    lines.append(f"{name} {importlib.metadata.version(name)}")
  path.write_text("\n".join(lines) + "\n")


def main():
  makers = {name: maker for family in FAMILIES for name, maker in family.PACKS.items()}
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  default = pathlib.Path(__file__).resolve().parent.parent / "corpus"
  parser.add_argument("--output", type=pathlib.Path, default=default, help="folder of the packs")
  parser.add_argument("--only", nargs="+", choices=sorted(makers), help="packs to write")
  arguments = parser.parse_args()
  arguments.output.mkdir(parents=True, exist_ok=True)

  names = set()
  total = dropped = 0
  for pack_name in arguments.only or makers:
    records = []
    # Cases of one operator and type side by side, so that a reader can sum them up as it goes.
    for case in sorted(makers[pack_name](), key=lambda case: case.name.split("/")[:2]):
      if case.name in names:
        sys.exit(f"two cases are named {case.name}")
      names.add(case.name)
      try:
        records.append(make_record(case))
      except oracle.Refused as refusal:
        dropped += 1
        print(f"dropped {case.name}: the oracle says: {refusal}")
    data = pack.pack(records)
    (arguments.output / f"{pack_name}.cases").write_bytes(data)
    total += len(records)
    print(f"{pack_name}: {len(records)} cases, {len(data)} bytes")
  write_versions(arguments.output / "VERSIONS.txt")
  print(f"{total} cases written, {dropped} dropped")


if __name__ == "__main__":
  main()
