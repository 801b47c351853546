#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the corpus sees every operator's arithmetic: each line of mutations.txt changes one
file by one unit, and the cases of its operator must fail.

  tests/conformance/mutate.py [--build FOLDER] [--jobs N] [FILTER…]

A FILTER is a part of a line, e.g. an operator. The sources are built once; for a mutation only what
includes the changed file is compiled again, from a copy, and linked in front of the library. Lines
with the same change share that.
"""

import argparse
import concurrent.futures
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_TARGET = "conformance_runner"
_SECONDS = 120


def mutations():
  """(cases, file, old text, new text) per line."""
  for line in (_ROOT / "tests/conformance/mutations.txt").read_text().splitlines():
    if line and not line.startswith("#"):
      cases, file, change = (part.strip() for part in line.split("|", 2))
      old, new = change.split(" => ")
      yield cases, file, old.strip(), new.strip()


def run(*command, cwd=None, timeout=None):
  return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                        text=True, check=False, timeout=timeout)


def output_of(*command):
  result = run(*command)
  if result.returncode != 0:
    sys.exit(result.stdout[-2000:])
  return result.stdout


class Build:
  """A build of the runner, and what it takes to build it with one file changed."""

  def __init__(self, folder, jobs):
    self._folder = folder
    output_of("cmake", "-S", str(_ROOT), "-B", str(folder), "-G", "Ninja",
              "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DMIDGE_PORT=host",
              "-DMIDGE_BUILD_EXAMPLES=OFF", "-DMIDGE_BUILD_BENCHMARKS=OFF",
              "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    output_of("cmake", "--build", str(folder), "--target", _TARGET, "--parallel", str(jobs))
    self._runner = folder / "tests/conformance" / _TARGET
    commands = output_of("ninja", "-C", str(folder), "-t", "commands", _TARGET).splitlines()
    self._link = next(c for c in reversed(commands) if f"-o tests/conformance/{_TARGET}" in c)
    used = set()  # objects of the runner: other targets compile the same sources differently
    for command in commands:
      words = shlex.split(command)
      if "-c" in words:
        used.add(words[words.index("-o") + 1])
    self._compile = {}  # object -> (source, command)
    for entry in json.loads((folder / "compile_commands.json").read_text()):
      words = shlex.split(entry["command"])
      made = words[words.index("-o") + 1]
      if made in used:
        self._compile[made] = (pathlib.Path(entry["file"]), words)
    self._includes = {}  # object -> files
    made = None
    for line in output_of("ninja", "-C", str(folder), "-t", "deps").splitlines():
      if line and not line.startswith(" "):
        made = line.split(":")[0]
        self._includes[made] = set()
      elif line:
        self._includes[made].add((folder / line.strip()).resolve())

  def cases_pass(self, cases, runner=None):
    packs = [str(path) for path in sorted((_ROOT / "tests/conformance/corpus").glob("*.cases"))]
    try:  # a mutant may crash, or never end
      return run(str(runner or self._runner), *packs, "--filter", cases,
                 timeout=_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
      return False

  def outcomes(self, number, change, of):
    """What became of a change for each of several cases: "seen" if all is well."""
    place = self._folder / "mutants" / str(number)
    runner, failure = self._mutant(place, *change)
    if failure:
      return [failure] * len(of)
    found = ["SURVIVES" if self.cases_pass(cases, runner) else "seen" for cases in of]
    shutil.rmtree(place)
    return found

  def _mutant(self, place, file, old, new):
    """The runner with the change, and why there is none."""
    path = _ROOT / file
    text = path.read_text()
    if text.count(old) != 1:
      return None, "NO SUCH TEXT"
    copy = place / "sources" / file
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text.replace(old, new))
    objects = []
    for made, (source, words) in self._compile.items():
      if path not in self._includes.get(made, ()):
        continue
      words = list(words)
      objects.append(str(place / f"{len(objects)}.o"))
      words[words.index("-o") + 1] = objects[-1]
      words[words.index("-c") + 1] = str(copy if source == path else source)
      # The copy comes first for whoever includes the file.
      compiler = next(i for i, word in enumerate(words) if word.startswith("-"))
      words.insert(compiler, f"-I{place / 'sources'}")
      built = run(*words, cwd=self._folder)
      if built.returncode != 0:
        return None, f"DOES NOT COMPILE\n{built.stdout[-1500:]}"
    runner = place / "runner"
    link = self._link.replace(f"-o tests/conformance/{_TARGET}",
                              f"{' '.join(objects)} -o {runner}")
    built = run("sh", "-c", link, cwd=self._folder)
    if built.returncode != 0:
      return None, f"DOES NOT LINK\n{built.stdout[-1500:]}"
    return runner, None


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--build", type=pathlib.Path, default=_ROOT / "build/mutate")
  parser.add_argument("--jobs", type=int, default=2)
  parser.add_argument("filters", nargs="*")
  arguments = parser.parse_args()
  build = Build(arguments.build.resolve(), arguments.jobs)
  chosen = [m for m in mutations()
            if not arguments.filters or any(f in " | ".join(m) for f in arguments.filters)]
  for cases in sorted({m[0] for m in chosen}):
    if not build.cases_pass(cases):
      sys.exit(f"{cases}: none, or they fail without a mutation")
  changes = {}  # (file, old text, new text) -> cases
  for cases, *change in chosen:
    changes.setdefault(tuple(change), []).append(cases)
  bad = 0
  with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
    running = {pool.submit(build.outcomes, number, *entry): entry
               for number, entry in enumerate(changes.items())}
    for done in concurrent.futures.as_completed(running):
      (file, old, new), of = running[done]
      for cases, outcome in zip(of, done.result()):
        bad += outcome != "seen"
        print(f"{outcome}: {cases}: {file}: {old} => {new}", flush=True)
  print(f"{len(chosen) - bad} of {len(chosen)} mutations seen")
  return bad > 0


if __name__ == "__main__":
  sys.exit(main())
