# SPDX-License-Identifier: Apache-2.0
"""Operators that fold axes: MEAN."""

import numpy as np

from case import Case, Random, SumOf
from model import Model


def _text(values):
  return "x".join(map(str, values)) or "scalar"


def _reduced(shape, axes, keep_dims):
  folded = {axis % len(shape) for axis in axes}
  kept = [(1 if i in folded else d) for i, d in enumerate(shape) if keep_dims or i not in folded]
  return tuple(kept), int(np.prod([shape[i] for i in folded]))


def _mean(kind, shape, axes, keep_dims, quantization=None, scalar_axis=False):
  axes_text = "_".join(f"n{-a}" if a < 0 else str(a) for a in axes)
  name = f"MEAN/{kind}/{_text(shape)}-over{axes_text}"
  if scalar_axis:
    name += "s"
  if keep_dims:
    name += "-keep"
  if quantization is not None:
    name += "-q" + "_".join(f"{q:g}" for q in quantization)
  random = Random(name)
  target, count = _reduced(shape, axes, keep_dims)
  source_parameters, target_parameters = {}, {}
  if kind == "int8":
    drawn_scale = random.scale()
    drawn_zero_points = random.integers(kind, (2,), -100, 100)
    if quantization is None:
      # Means of random values crowd around the middle; a finer output scale spreads them.
      quantization = (
          drawn_scale,
          int(drawn_zero_points[0]),
          np.float32(drawn_scale / min(count, 6) ** 0.5 * random.floats((), 0.7, 1.3)),
          int(drawn_zero_points[1]),
      )
    source_parameters = dict(scale=quantization[0], zero_point=quantization[1])
    target_parameters = dict(scale=quantization[2], zero_point=quantization[3])
  model = Model()
  x = model.input(kind, shape, **source_parameters)
  a = model.tensor("int32", () if scalar_axis else (len(axes),), data=axes)
  y = model.output(kind, target, **target_parameters)
  version = 1 if kind == "float32" else 2
  model.operator("MEAN", [x, a], [y], "ReducerOptions", version, keepDims=keep_dims)
  case = Case(name, model, [[values] for values in random.inputs(kind, shape)])
  if kind == "float32":
    case.tolerance = SumOf(count + 1)
  return case


def mean():
  settings = [
      ((7,), (0,)),
      ((3, 5), (0,)),
      ((3, 5), (1,)),
      ((3, 5), (-1,)),
      ((3, 5), (0, 1)),
      ((2, 3, 4), (0,)),
      ((2, 3, 4), (1,)),
      ((2, 3, 4), (2,)),
      ((2, 3, 4), (0, 2)),
      ((2, 3, 4), (1, -1)),
      ((2, 3, 4), (0, 1, 2)),
      ((1, 4, 5, 3), (1, 2)),
      ((1, 4, 5, 3), (2, 1)),
      ((2, 4, 3, 9), (1, 2)),
      ((2, 4, 3, 4), (-3, -2)),
      ((1, 4, 5, 3), (1,)),
      ((1, 4, 5, 3), (2,)),
      ((2, 4, 5, 3), (3,)),
      ((3, 2, 2, 5), (0,)),
      ((2, 3, 2, 3), (0, 3)),
      ((2, 3, 2, 3), (1, 2, 3)),
      ((2, 3, 2, 3), (0, 1, 2, 3)),
      ((2, 3, 2, 3), (1, 1, -3)),
      ((1, 1, 1, 8), (1, 2)),
      ((1, 7, 7, 17), (1, 2)),
      ((1, 16, 8, 1), (1, 2)),
  ]
  for kind in ("int8", "float32"):
    for shape, axes in settings:
      for keep_dims in (False, True):
        yield _mean(kind, shape, axes, keep_dims)
    yield _mean(kind, (3, 4), (1,), True, scalar_axis=True)
    yield _mean(kind, (3, 4), (-2,), False, scalar_axis=True)
  for quantization in (
      (0.05, -128, 0.05, -128),
      (0.05, 127, 0.05, 127),
      (0.05, -128, 0.05, 127),
      (0.05, 0, 0.05, 0),
      (0.5, 3, 0.25, -4),
      (0.25, 3, 0.5, -4),
      (0.05, 10, 0.0005, -20),
      (0.0005, 10, 0.05, -20),
      (1.0, 0, 3.0, 0),
  ):
    yield _mean("int8", (1, 4, 4, 6), (1, 2), True, quantization)
    yield _mean("int8", (3, 6, 4), (2,), False, quantization)
    yield _mean("int8", (2, 5, 3), (1,), False, quantization)


PACKS = {"mean": mean}
