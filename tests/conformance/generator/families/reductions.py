# SPDX-License-Identifier: Apache-2.0
"""Operators that fold axes: MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY, REDUCE_ALL,
ARG_MAX, ARG_MIN; and CUMSUM."""

import numpy as np

from case import Case, Kind, Oracle, Random, SumOf
from families.moving import draw, oracle_of
from model import Model


def _text(values):
  return "x".join(map(str, values)) or "scalar"


def _reduced(shape, axes, keep_dims):
  folded = {axis % len(shape) for axis in axes}
  kept = [(1 if i in folded else d) for i, d in enumerate(shape) if keep_dims or i not in folded]
  return tuple(kept), int(np.prod([shape[i] for i in folded]))


def _mean(kind, shape, axes, keep_dims, quantization=None, scalar_axis=False, operator="MEAN"):
  axes_text = "_".join(f"n{-a}" if a < 0 else str(a) for a in axes)
  name = f"{operator}/{kind}/{_text(shape)}-over{axes_text}"
  if scalar_axis:
    name += "s"
  if keep_dims:
    name += "-keep"
  if quantization is not None:
    name += "-q" + "_".join(f"{q:g}" for q in quantization)
  random = Random(name)
  target, count = _reduced(shape, axes, keep_dims)
  source_parameters, target_parameters = {}, {}
  if kind in ("int8", "int16", "uint8"):
    drawn_scale = random.scale()
    drawn_zero_points = random.integers("int8", (2,), -100, 100).astype(int) * (kind != "int16")
    drawn_zero_points = drawn_zero_points + 128 * (kind == "uint8")
    if quantization is None:
      # Means of random values crowd around the middle; a finer output scale spreads them. Sums
      # need a coarser one.
      width = min(count, 6) ** 0.5
      spread = drawn_scale * width if operator == "SUM" else drawn_scale / width
      quantization = (
          drawn_scale,
          int(drawn_zero_points[0]),
          np.float32(spread * random.floats((), 0.7, 1.3)),
          int(drawn_zero_points[1]),
      )
    source_parameters = dict(scale=quantization[0], zero_point=quantization[1])
    target_parameters = dict(scale=quantization[2], zero_point=quantization[3])
  model = Model()
  x = model.input(kind, shape, **source_parameters)
  a = model.tensor("int32", () if scalar_axis else (len(axes),), data=axes)
  y = model.output(kind, target, **target_parameters)
  version = 1 if kind == "float32" else 2
  model.operator(operator, [x, a], [y], "ReducerOptions", version, keepDims=keep_dims)
  case = Case(name, model, [[values] for values in random.inputs(kind, shape)])
  if kind == "float32":
    case.tolerance = SumOf(count + 1)
  if kind in ("int32", "uint8"):
    case.oracle = Oracle.LITERT_REFERENCE
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


_SOME = [
    ((7,), (0,)),
    ((3, 5), (1,)),
    ((2, 3, 4), (1,)),
    ((2, 3, 4), (0, 2)),
    ((1, 4, 5, 3), (1, 2)),
    ((2, 4, 5, 3), (-1,)),
    ((2, 3, 2, 3), (0, 1, 2, 3)),
]


def mean_of_more_kinds():
  for kind in ("int16", "int32", "uint8"):
    for shape, axes in _SOME:
      for keep_dims in (False, True):
        yield _mean(kind, shape, axes, keep_dims)
  for quantization in ((0.05, 0, 0.05, 0), (0.05, 255, 0.05, 255), (0.05, 255, 0.02, 0)):
    yield _mean("uint8", (1, 7, 7, 5), (1, 2), True, quantization)
  for quantization in ((0.5, 0, 0.25, 0), (0.001, 0, 0.05, 0), (1.0, 0, 3.0, 0)):
    yield _mean("int16", (1, 4, 4, 6), (1, 2), True, quantization)
    yield _mean("int16", (3, 6, 4), (2,), False, quantization)


def all_means():
  yield from mean()
  yield from mean_of_more_kinds()


def sum_():
  for kind in ("int8", "float32", "int16", "int32"):
    for shape, axes in _SOME + [((2, 3, 4), (1, -1)), ((3, 2, 2, 5), (0,)), ((1, 7, 7, 5), (1, 2))]:
      for keep_dims in (False, True):
        yield _mean(kind, shape, axes, keep_dims, operator="SUM")
  for quantization in (
      (0.05, -128, 0.05, -128),
      (0.05, 127, 0.05, 127),
      (0.05, 127, 0.5, -128),
      (0.05, 3, 0.05, 3),
      (0.05, 10, 0.0005, -20),
      (0.0005, 10, 0.05, -20),
  ):
    yield _mean("int8", (1, 4, 4, 6), (1, 2), True, quantization, operator="SUM")
    yield _mean("int8", (3, 6, 4), (2,), False, quantization, operator="SUM")
  for quantization in ((0.5, 0, 0.25, 0), (0.001, 0, 0.05, 0), (1.0, 0, 30.0, 0)):
    yield _mean("int16", (3, 6, 4), (2,), False, quantization, operator="SUM")


def _fold(operator, kind, shape, axes, keep_dims, values=None, note=""):
  axes_text = "_".join(f"n{-a}" if a < 0 else str(a) for a in axes)
  name = f"{operator}/{kind}/{_text(shape)}-over{axes_text}" + ("-keep" if keep_dims else "") + note
  random = Random(name)
  target, _ = _reduced(shape, axes, keep_dims)
  parameters = {}
  if kind in ("int8", "uint8", "int16"):
    zero_point = 0 if kind == "int16" else int(random.integers(kind, ()))
    parameters = dict(scale=random.scale(), zero_point=zero_point)
  data = draw(random, kind, shape) if values is None else np.asarray(values, kind).reshape(shape)
  if operator == "REDUCE_PROD" and kind == "float32":
    data = random.floats(shape, -2.0, 2.0)
  model = Model()
  x = model.input(kind, shape, **parameters)
  a = model.tensor("int32", (len(axes),), data=axes)
  y = model.output(kind, target, **parameters)
  model.operator(operator, [x, a], [y], "ReducerOptions", keepDims=keep_dims)
  tflm = {"REDUCE_MAX": ("float32", "int8"), "REDUCE_MIN": ("float32", "int8"),
          "REDUCE_ALL": ("bool",)}
  return Case(name, model, [[data]], oracle=oracle_of(kind, tflm.get(operator, ())))


def _quantized_prod(kind, shape, axes, keep_dims, gain=1.0, zero_points=None):
  axes_text = "_".join(f"n{-a}" if a < 0 else str(a) for a in axes)
  name = f"REDUCE_PROD/{kind}/{_text(shape)}-over{axes_text}" + ("-keep" if keep_dims else "")
  name += f"-gain{gain:g}" if gain != 1 else ""
  name += "-z" + "_".join(map(str, zero_points)) if zero_points else ""
  random = Random(name)
  target, _ = _reduced(shape, axes, keep_dims)
  # Factors around 1, so that products are neither all zero nor all beyond the type.
  steps = 64 if kind == "int8" else 16384
  zi, zo = zero_points or (random.below(40) - 20, random.below(100) - 50)
  zi, zo = (0, 0) if kind == "int16" else (zi, zo)
  scales = [np.float32(random.floats((), 0.8, 1.2) / steps * by) for by in (1, 2 / gain)]
  model = Model()
  x = model.input(kind, shape, scales[0], zi)
  a = model.tensor("int32", (len(axes),), data=axes)
  y = model.output(kind, target, scales[1], zo)
  model.operator("REDUCE_PROD", [x, a], [y], "ReducerOptions", keepDims=keep_dims)
  signs = random.integers("int8", shape, 0, 1).astype(np.int64) * 2 - 1
  near_one = zi + signs * random.integers("int16", shape, steps // 2, steps * 3 // 2)
  info = np.iinfo(kind)
  invokes = [[np.clip(near_one, info.min, info.max).astype(kind)], [draw(random, kind, shape)]]
  return Case(name, model, invokes, oracle=Oracle.LITERT_REFERENCE)


def _reduce_prod():
  yield from _folds("REDUCE_PROD", ("float32", "int32", "int64"))
  for kind in ("int8", "int16"):
    for shape, axes in _SOME:
      yield _quantized_prod(kind, shape, axes, len(axes) == 1)
    for gain in (0.1, 4.0, 30.0):
      yield _quantized_prod(kind, (2, 5, 3), (1,), False, gain)
  for zero_points in ((-128, 127), (127, -128), (0, 0)):
    yield _quantized_prod("int8", (3, 4), (1,), False, zero_points=zero_points)


def _folds(operator, kinds):
  for kind in kinds:
    for shape, axes in _SOME:
      for keep_dims in (False, True):
        yield _fold(operator, kind, shape, axes, keep_dims)


def _order(operator):
  yield from _folds(operator, ("float32", "int8", "int16", "int32", "int64", "uint8"))
  values = [np.nan, 1, -np.inf, np.inf, np.nan, -3, -np.inf, -np.inf, -np.inf]
  yield _fold(operator, "float32", (3, 3), (1,), False, values, "-not_finite")
  # Other parameters on the output.
  model = Model()
  x = model.input("int8", (2, 3), scale=0.5, zero_point=1)
  a = model.tensor("int32", (1,), data=[1])
  y = model.output("int8", (2,), scale=0.25, zero_point=1)
  model.operator(operator, [x, a], [y], "ReducerOptions", keepDims=False)
  name = f"{operator}/int8/2x3-over1-different_scales"
  yield Case(name, model, [[np.zeros((2, 3), np.int8)]], kind=Kind.REFUSE)


def _arg(operator, kind, shape, axis, index_kind="int32", values=None, note=""):
  axis_text = f"n{-axis}" if axis < 0 else str(axis)
  name = f"{operator}/{kind}/{_text(shape)}-over{axis_text}"
  name += ("" if index_kind == "int32" else f"-{index_kind}") + note
  random = Random(name)
  parameters = {}
  if kind in ("int8", "uint8", "int16"):
    parameters = dict(scale=random.scale(), zero_point=0)
  target, _ = _reduced(shape, (axis,), False)
  model = Model()
  x = model.input(kind, shape, **parameters)
  a = model.tensor("int32", (), data=axis)
  y = model.output(index_kind, target)
  option = f"{operator.title().replace('_', '')}Options"
  model.operator(operator, [x, a], [y], option, outputType=model.schema_type(index_kind))
  data = draw(random, kind, shape) if values is None else np.asarray(values, kind).reshape(shape)
  few = random.integers("int8", shape, 0, 3).astype(kind)  # with many equal ones
  case = Case(name, model, [[data], [few]],
              oracle=Oracle.TFLM_REFERENCE
              if kind in ("float32", "int8") and index_kind == "int32" else Oracle.LITERT_REFERENCE)
  if kind == "int16":
    case.oracle = Oracle.TWIN
    find = np.argmax if operator == "ARG_MAX" else np.argmin
    case.twin = lambda x: [find(x, axis).astype(index_kind)]
  return case


def _args(operator):
  for kind in ("float32", "int8", "uint8", "int32", "int16"):
    for shape, axis in (((9,), 0), ((3, 5), 1), ((3, 5), 0), ((2, 4, 3), -2), ((1, 4, 3, 6), 3),
                        ((1, 4, 3, 2), 1), ((2, 1, 3), 1)):
      yield _arg(operator, kind, shape, axis)
    yield _arg(operator, kind, (3, 5), 1, "int64")


def _cum_sum(kind, shape, axis, exclusive, reverse, quantization=None, note=""):
  axis_text = f"n{-axis}" if axis < 0 else str(axis)
  name = f"CUMSUM/{kind}/{_text(shape)}-along{axis_text}"
  name += ("-exclusive" if exclusive else "") + ("-reverse" if reverse else "") + note
  random = Random(name)
  source, target = {}, {}
  if kind == "int8":
    if quantization is None:
      scale = random.scale()
      quantization = (scale, 0, np.float32(scale * random.floats((), 1.0, 3.0)),
                      int(random.integers("int8", (), -50, 50)))
    source = dict(scale=quantization[0], zero_point=quantization[1])
    target = dict(scale=quantization[2], zero_point=quantization[3])
  model = Model()
  x = model.input(kind, shape, **source)
  a = model.tensor("int32", (), data=axis)
  y = model.output(kind, shape, **target)
  model.operator("CUMSUM", [x, a], [y], "CumsumOptions", exclusive=exclusive, reverse=reverse)
  case = Case(name, model, [[draw(random, kind, shape)]],
              oracle=oracle_of(kind, ("float32", "int8")))
  if kind == "int8" and (quantization[1] != 0 or note):
    case.oracle = Oracle.TWIN
    case.twin = lambda x: [_cum_sum_twin(x, axis, exclusive, reverse, quantization)]
  return case


def _cum_sum_twin(x, axis, exclusive, reverse, quantization):
  """NUMERICS.md, CUMSUM, in Python's integers."""
  in_scale, in_zero, out_scale, out_zero = quantization
  d = x.astype(np.int64) - in_zero
  d = np.flip(d, axis) if reverse else d
  sums = np.cumsum(d, axis) - (d if exclusive else 0)
  sums = np.flip(sums, axis) if reverse else sums
  real = 2.0 * float(np.float32(in_scale)) / (2.0**20 * float(np.float32(out_scale)))
  fraction, exponent = np.frexp(real)
  m, e = int(np.floor(fraction * 2.0**31 + 0.5)), int(exponent)
  result = []
  for s in sums.ravel():
    y = (int(s) * 2**19 * m + 2**30) >> 31
    q = abs(y) + (1 << (-e - 1)) >> -e if e < 0 else abs(y)
    result.append(min(127, max(-128, out_zero + (q if y >= 0 else -q))))
  return np.array(result, np.int8).reshape(x.shape)


def cum_sum():
  for kind in ("float32", "int8", "int32", "int64"):
    for shape, axis in (((7,), 0), ((3, 5), 1), ((3, 5), 0), ((2, 4, 3), -2), ((1, 2, 3, 4), 3)):
      for exclusive in (False, True):
        for reverse in (False, True):
          yield _cum_sum(kind, shape, axis, exclusive, reverse)
  for zero_point in (-128, 5, 127):
    yield _cum_sum("int8", (3, 9), 1, False, False, (0.05, zero_point, 0.1, -7), f"-z{zero_point}")
    yield _cum_sum("int8", (3, 9), 1, True, True, (0.05, zero_point, 0.1, -7), f"-z{zero_point}")
  yield _cum_sum("int8", (1, 80), 1, False, False, (0.05, -100, 5.0, -100), "-long")


PACKS = {
    "mean": all_means,
    "sum": sum_,
    "reduce_max": lambda: _order("REDUCE_MAX"),
    "reduce_min": lambda: _order("REDUCE_MIN"),
    "reduce_prod": _reduce_prod,
    "reduce_any": lambda: _folds("REDUCE_ANY", ("bool",)),
    "reduce_all": lambda: _folds("REDUCE_ALL", ("bool",)),
    "arg_max": lambda: _args("ARG_MAX"),
    "arg_min": lambda: _args("ARG_MIN"),
    "cumsum": cum_sum,
}
