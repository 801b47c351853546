#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the corpus sees every operator's arithmetic: each line of mutations.txt changes one
kernel by one unit, and the cases of its operator must fail.

  tests/conformance/mutate.py [--build FOLDER] [--jobs N] [FILTER…]

Works on a copy of the sources. A FILTER is a part of a line, e.g. an operator.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_SOURCES = ("CMakeLists.txt", "cmake", "include", "kernels", "ports", "schema", "src", "tests",
            "tools")


def mutations():
  """(cases, file, old text, new text) per line; a line without cases has those of the last."""
  for line in (_ROOT / "tests/conformance/mutations.txt").read_text().splitlines():
    if line and not line.startswith("#"):
      cases, file, change = (part.strip() for part in line.split("|", 2))
      old, new = change.split(" => ")
      yield cases, file, old.strip(), new.strip()


def run(*command):
  return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                        check=False)


class Build:
  """A build of the runner from a copy of the sources."""

  def __init__(self, folder, jobs):
    self._sources, self._folder, self._jobs = folder / "sources", folder / "build", str(jobs)
    for name in _SOURCES:
      source, copy = _ROOT / name, self._sources / name
      # Files that are the same keep their time, so that a second run builds little.
      for path in [source] if source.is_file() else sorted(source.rglob("*")):
        to = copy if path == source else copy / path.relative_to(source)
        if path.is_dir() or path.suffix == ".cases":
          continue
        if not to.exists() or to.read_bytes() != path.read_bytes():
          to.parent.mkdir(parents=True, exist_ok=True)
          shutil.copy(path, to)
    configured = run("cmake", "-S", str(self._sources), "-B", str(self._folder), "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Release", "-DMIDGE_PORT=host",
                     "-DMIDGE_BUILD_EXAMPLES=OFF", "-DMIDGE_BUILD_BENCHMARKS=OFF")
    if configured.returncode != 0:
      sys.exit(configured.stdout)

  def make(self):
    return run("cmake", "--build", str(self._folder), "--target", "conformance_runner",
               "--parallel", self._jobs)

  def cases_pass(self, cases):
    packs = [str(path) for path in sorted((_ROOT / "tests/conformance/corpus").glob("*.cases"))]
    runner = self._folder / "tests/conformance/conformance_runner"
    result = run(str(runner), *packs, "--filter", cases)
    if result.returncode not in (0, 1) or " passed" not in result.stdout:
      sys.exit(f"{cases}: {result.stdout[-500:]}")
    return result.returncode == 0

  def survives(self, cases, file, old, new):
    """Whether the corpus misses the mutation; None if there is no such text."""
    path = self._sources / file
    text = path.read_text()
    if text.count(old) != 1:
      return None
    path.write_text(text.replace(old, new))
    try:
      built = self.make()
      if built.returncode != 0:
        sys.exit(f"{file}: {old} => {new}\n{built.stdout[-2000:]}")
      return self.cases_pass(cases)
    finally:
      path.write_text(text)


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--build", type=pathlib.Path, default=_ROOT / "build/mutate")
  parser.add_argument("--jobs", type=int, default=2)
  parser.add_argument("filters", nargs="*")
  arguments = parser.parse_args()
  build = Build(arguments.build.resolve(), arguments.jobs)
  made = build.make()
  if made.returncode != 0:
    sys.exit(made.stdout[-2000:])
  chosen = [m for m in mutations()
            if not arguments.filters or any(f in " | ".join(m) for f in arguments.filters)]
  for cases in sorted({m[0] for m in chosen}):
    if not build.cases_pass(cases):
      sys.exit(f"{cases}: fails without a mutation")
  bad = 0
  for cases, file, old, new in chosen:
    outcome = {None: "NO SUCH TEXT", True: "SURVIVES", False: "seen"}[
        build.survives(cases, file, old, new)]
    bad += outcome != "seen"
    print(f"{outcome}: {cases}: {file}: {old} => {new}", flush=True)
  print(f"{len(chosen) - bad} of {len(chosen)} mutations seen")
  return bad > 0


if __name__ == "__main__":
  sys.exit(main())
