# SPDX-License-Identifier: Apache-2.0
"""Operators between number formats: QUANTIZE, DEQUANTIZE."""

import numpy as np

from case import Case, Random
from model import Model


def _text(shape):
  return "x".join(map(str, shape)) or "scalar"


def _parameters_text(*parameters):
  return "-".join(f"{scale:g}z{zero_point}" for scale, zero_point in parameters)


def _quantize_floats(kind, shape, scale, zero_point):
  name = f"QUANTIZE/float32-{kind}/{_text(shape)}-{_parameters_text((scale, zero_point))}"
  random = Random(name)
  info = np.iinfo(kind)
  model = Model()
  x = model.input("float32", shape)
  y = model.output(kind, shape, scale, zero_point)
  model.operator("QUANTIZE", [x], [y])
  low, high = (info.min - zero_point) * scale, (info.max - zero_point) * scale
  inside = random.floats(shape, low, high)
  # Halves between two steps, both signs; around zero; and values far outside.
  halves = (random.integers("int16", shape, -300, 300) + np.float32(0.5)) * np.float32(scale)
  halves = np.asarray(halves, np.float32)
  outside = random.floats(shape, 50 * low - 1, 50 * high + 1)
  return Case(name, model, [[inside], [halves], [outside]])


def _requantize(source, target, shape, source_parameters, target_parameters):
  text = _parameters_text(source_parameters, target_parameters)
  name = f"QUANTIZE/{source}-{target}/{_text(shape)}-{text}"
  random = Random(name)
  model = Model()
  x = model.input(source, shape, *source_parameters)
  y = model.output(target, shape, *target_parameters)
  model.operator("QUANTIZE", [x], [y], version=2)
  if shape == (256,):
    info = np.iinfo(source)
    return Case(name, model, [[np.arange(info.min, info.max + 1).astype(source)]])
  if source == "int32":
    info = np.iinfo(source)
    narrow = random.integers(source, shape, -40000, 40000)
    if source_parameters[0] >= target_parameters[0] / 2:
      # The multiplier shifts left: larger values overflow there, which defines nothing.
      return Case(name, model, [[narrow], [random.integers(source, shape, -(2**24), 2**24)]])
    ends = random.integers(source, shape)
    ends.flat[:2] = [info.min, info.max]
    return Case(name, model, [[narrow], [ends]])
  return Case(name, model, [[values] for values in random.inputs(source, shape)])


def quantize():
  for kind in ("int8", "int16"):
    for shape in ((), (1,), (5,), (3, 7), (2, 3, 4), (1, 3, 3, 5)):
      yield _quantize_floats(kind, shape, 0.037, -11 if kind == "int8" else 0)
    zero_points = (-128, 127, 0, -1) if kind == "int8" else (0,)
    for scale in (0.0001, 0.0078125, 0.1, 0.3, 1.0, 2.5):
      for zero_point in zero_points:
        yield _quantize_floats(kind, (17,), scale, zero_point)
  pairs = [
      ((0.05, 0), (0.05, 0)),
      ((0.05, -128), (0.05, 127)),
      ((0.05, 127), (0.05, -128)),
      ((0.5, 3), (0.25, -4)),
      ((0.25, 3), (0.5, -4)),
      ((0.25, -128), (1.0, 7)),
      ((0.07, -3), (0.031, 9)),
      ((0.031, 9), (0.07, -3)),
      ((0.07, 10), (0.0007, -20)),
      ((0.0007, 10), (0.07, -20)),
      ((0.00390625, -128), (0.1, -1)),
  ]
  for source_parameters, target_parameters in pairs:
    yield _requantize("int8", "int8", (256,), source_parameters, target_parameters)
    # The shift by 128 that turns signed into unsigned with an equal scale, and unequal ones.
    unsigned = (target_parameters[0], target_parameters[1] + 128)
    yield _requantize("int8", "uint8", (256,), source_parameters, unsigned)
    unsigned = (source_parameters[0], source_parameters[1] + 128)
    yield _requantize("uint8", "int8", (256,), unsigned, target_parameters)
  yield _requantize("int8", "int8", (2, 3, 5), (0.05, 4), (0.06, -7))
  for scales in ((0.05, 0.0005), (0.05, 0.05), (0.07, 0.031), (0.5, 0.125)):
    for zero_point in (-128, 0, 127):
      yield _requantize("int8", "int16", (256,), (scales[0], zero_point), (scales[1], 0))
      yield _requantize("int16", "int8", (37,), (scales[1] / 100, 0), (scales[0], zero_point))
      yield _requantize("int8", "int32", (256,), (scales[0], zero_point), (scales[1], 0))
      yield _requantize("int32", "int8", (37,), (scales[1] / 100, 0), (scales[0], zero_point))
    yield _requantize("int16", "int16", (37,), (scales[0], 0), (scales[1], 0))
    yield _requantize("int16", "int32", (37,), (scales[0], 0), (scales[1], 0))
    yield _requantize("int32", "int16", (37,), (scales[1], 0), (scales[0], 0))


def dequantize():
  for kind, zero_points in (
      ("int8", (-128, 127, 0, 5)),
      ("uint8", (0, 255, 128, 3)),
      ("int16", (0, -77)),
  ):
    for scale in (0.00001, 0.00390625, 0.037, 1.0, 12.5):
      for zero_point in zero_points:
        shape = (256,) if kind != "int16" and scale == 0.037 else (19,)
        name = f"DEQUANTIZE/{kind}-float32/{_text(shape)}-{_parameters_text((scale, zero_point))}"
        random = Random(name)
        model = Model()
        x = model.input(kind, shape, scale, zero_point)
        y = model.output("float32", shape)
        model.operator("DEQUANTIZE", [x], [y], version=2)
        values = np.arange(256) + np.iinfo(kind).min if shape == (256,) else None
        values = random.integers(kind, shape) if values is None else values.astype(kind)
        yield Case(name, model, [[values]])
    for shape in ((), (1,), (3, 7), (2, 3, 4), (1, 3, 3, 5)):
      name = f"DEQUANTIZE/{kind}-float32/{_text(shape)}"
      random = Random(name)
      model = Model()
      x = model.input(kind, shape, random.scale(), int(random.integers(kind, (), 0, 100)))
      y = model.output("float32", shape)
      model.operator("DEQUANTIZE", [x], [y], version=2)
      yield Case(name, model, [[random.integers(kind, shape)]])


PACKS = {"quantize": quantize, "dequantize": dequantize}
