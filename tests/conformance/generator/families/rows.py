# SPDX-License-Identifier: Apache-2.0
"""Operators along the innermost dimension, and elementwise ones of other forms: LOG_SOFTMAX, SOFTMAX
of int16, L2_NORMALIZATION, ADD_N, SELECT, SELECT_V2, CAST, DEQUANTIZE of float16 and per channel."""

import numpy as np

from case import Case, Oracle, Random, UNIT_ROUNDOFF, abs_rel
from model import Model

_LITERT = Oracle.LITERT_REFERENCE
_EVERY_INT8 = np.arange(-128, 128, dtype=np.int8)
_SHAPES = ((6,), (3, 5), (2, 3, 4), (1, 2, 3, 5), (2, 2, 2, 3), (1, 1, 1, 12), (4, 1), (2, 2, 1, 2, 3))


def _text(shape):
  return "x".join(map(str, shape)) or "scalar"


def _case(op, kinds, setting, shape, x, y, values=None, options_type=None, **options):
  """`kinds`: of input and output; `x`, `y`: their scale and zero point, or None."""
  types = kinds[0] if kinds[0] == kinds[1] else "-".join(kinds)
  name = f"{op}/{types}/{setting}"
  random = Random(name)
  model = Model()
  a = model.input(kinds[0], shape, *(x or ()))
  b = model.output(kinds[1], shape, *(y or ()))
  model.operator(op, [a], [b], options_type, 1, **options)
  arrays = random.inputs(kinds[0], shape) if values is None else values
  return Case(name, model, [[array] for array in arrays])


def softmax_int16():
  for kinds, y in ((("int16", "int16"), (2.0**-15, 0)), (("int8", "int16"), (2.0**-16, -32768))):
    wide = kinds[0] == "int16"
    table = dict(options_type="SoftmaxOptions", beta=1.0)
    for depth in (1, 2, 3, 4, 7, 10, 100):
      x = (0.0005, 0) if wide else (0.06, 5)
      yield _case("SOFTMAX", kinds, f"2x{depth}", (2, depth), x, y, **table)
    for shape in _SHAPES:
      yield _case("SOFTMAX", kinds, _text(shape), shape, (0.001, 0) if wide else (0.1, -9), y, **table)
    for beta in (0.125, 0.5, 1.7, 3.0):
      options = dict(options_type="SoftmaxOptions", beta=beta)
      x = (0.0007, 0) if wide else (0.05, 1)
      yield _case("SOFTMAX", kinds, f"2x9-beta{beta:g}", (2, 9), x, y, **options)
    scales = (1e-6, 10 / 65535, 0.0003, 0.002, 0.01) if wide else (0.0005, 0.0625, 0.1, 1.0, 30.0)
    for scale in scales:
      for z in (0,) if wide else (-128, 0, 127):
        setting = f"3x40-scale{scale:g}z{z}"
        yield _case("SOFTMAX", kinds, setting, (3, 40), (scale, z), y, **table)
  # The whole of both tables: differences over the range of exp, sums of 1 to 300 equal values.
  options = dict(options_type="SoftmaxOptions", beta=1.0)
  steps = np.full((1, 600), -32768, np.int64) + np.arange(600) * 109
  steps[0, 0] = 32767
  name = "exp"
  values = [steps.astype(np.int16)]
  yield _case("SOFTMAX", ("int16", "int16"), name, (1, 600), (10 / 65535, 0), (2.0**-15, 0), values,
              **options)
  for count in (2, 3, 5, 6, 11, 13, 23, 47, 97, 191, 300):
    values = [np.where(np.arange(300) < count, 1000, -32768).astype(np.int16).reshape(1, 300)]
    yield _case("SOFTMAX", ("int16", "int16"), f"equal{count}", (1, 300), (0.001, 0), (2.0**-15, 0),
                values, **options)


def log_softmax():
  y = (16 / 256, 127)
  kinds = ("int8", "int8")
  for depth in (1, 2, 3, 4, 5, 8, 17, 100, 256):
    yield _case("LOG_SOFTMAX", kinds, f"2x{depth}", (2, depth), (0.08, 4), y)
  for shape in _SHAPES:
    yield _case("LOG_SOFTMAX", kinds, _text(shape), shape, (0.1, -9), y)
  for scale in (0.0005, 0.00390625, 0.0625, 0.1, 0.2, 0.5, 1.0, 4.0):
    for zero_point in (-128, 0, 127):
      setting = f"2x12-scale{scale:g}z{zero_point}"
      yield _case("LOG_SOFTMAX", kinds, setting, (2, 12), (scale, zero_point), y)
    yield _case("LOG_SOFTMAX", kinds, f"256-scale{scale:g}", (1, 256), (scale, 0), y,
                [_EVERY_INT8.reshape(1, 256)])
  for shape in ((2, 9), *_SHAPES):
    random = Random(f"LOG_SOFTMAX/float32/{_text(shape)}")
    values = [random.floats(shape), random.floats(shape, -30, 30)]
    case = _case("LOG_SOFTMAX", ("float32", "float32"), _text(shape), shape, None, None, values)
    # Of terms up to 60 and a sum of as many exponentials as there are values.
    case.tolerance = abs_rel(2 * (shape[-1] + 8) * UNIT_ROUNDOFF + 60 * 2 * UNIT_ROUNDOFF, 0)
    yield case


def l2_normalization():
  options = dict(options_type="L2NormOptions")
  y = (1 / 128, 0)
  for shape in ((1, 1), (2, 2), (2, 7), (3, 100), *_SHAPES[:-1]):
    yield _case("L2_NORMALIZATION", ("int8", "int8"), _text(shape), shape, (0.1, -9), y, **options)
  for zero_point in (-128, 0, 127):
    for scale in (0.001, 1.0):
      setting = f"3x40-scale{scale:g}z{zero_point}"
      yield _case("L2_NORMALIZATION", ("int8", "int8"), setting, (3, 40), (scale, zero_point), y,
                  **options)
  small = np.array([[0, 0, 0], [1, 0, 0], [0, -1, 1], [1, 1, 1], [2, 0, 0], [3, -4, 0]], np.int8)
  yield _case("L2_NORMALIZATION", ("int8", "int8"), "small", (6, 3), (0.1, 0), y, [small], **options)
  for shape in ((2, 9), *_SHAPES[:-1]):  # TFLM: up to 4 dimensions
    random = Random(f"L2_NORMALIZATION/float32/{_text(shape)}")
    values = [random.floats(shape), random.floats(shape, -30, 30)]
    case = _case("L2_NORMALIZATION", ("float32", "float32"), _text(shape), shape, None, None, values,
                 **options)
    case.tolerance = abs_rel(0, (shape[-1] + 4) * UNIT_ROUNDOFF)
    yield case


def add_n():
  for kind in ("int8", "int32", "float32"):
    for shape in ((), (5,), (3, 7), (1, 3, 3, 5), (100,)):
      for count in (2, 3, 5):
        name = f"ADD_N/{kind}/{_text(shape)}-{count}"
        # TFLM begins int8 sums at minus the zero point, so it is right about 0 alone.
        yield _sum(name, kind, shape, count, 0, 0.05, 0.08 * count)
  for scale, output_scale in ((0.05, 0.01), (0.05, 1.0), (1.0, 1.0), (0.25, 0.5)):
    name = f"ADD_N/int8/37-3-scales{scale:g}_{output_scale:g}"
    yield _sum(name, "int8", (37,), 3, 0, scale, output_scale)


def _sum(name, kind, shape, count, zero_point, scale, output_scale):
  random = Random(name)
  model = Model()
  q = (scale, zero_point) if kind == "int8" else ()
  low, high = (-(2**20), 2**20) if kind == "int32" else (None, None)
  inputs = [model.input(kind, shape, *q) for _ in range(count)]
  y = model.output(kind, shape, *((output_scale, 7) if kind == "int8" else ()))
  model.operator("ADD_N", inputs, [y], "AddNOptions")
  invokes = [[random.data(kind, shape, low, high) for _ in inputs] for _ in range(2)]
  oracle = _LITERT if kind == "int32" else Oracle.TFLM_REFERENCE
  return Case(name, model, invokes, oracle=oracle)


def select():
  shapes = [
      ((7,), (7,), (7,)),
      ((), (3, 5), (3, 5)),
      ((1, 3, 3, 5), (1, 3, 3, 5), (1, 3, 3, 5)),
      ((2, 2, 2, 3, 4), (2, 2, 2, 3, 4), (2, 2, 2, 3, 4)),
  ]
  broadcast = [
      ((), (4,), (3, 1)),
      ((3, 1), (3, 5), (3, 5)),
      ((3, 5), (5,), ()),
      ((1, 4, 3, 1), (1, 4, 3, 5), (1, 1, 1, 5)),
      ((5,), (1, 4, 3, 5), (1, 4, 1, 1)),
      ((2, 1, 3, 1), (1, 4, 1, 5), (2, 1, 3, 5)),
  ]
  by_rows = [((3,), (3, 5), (3, 5)), ((4,), (4, 2, 3, 2), (4, 2, 3, 2))]
  for op, sets in (("SELECT_V2", shapes + broadcast), ("SELECT", shapes + by_rows)):
    for kind in ("float32", "int8", "int16", "int32", "int64", "uint8", "bool"):
      tflm = op == "SELECT_V2" and kind in ("float32", "int8", "int16")
      for c, a, b in sets:
        name = f"{op}/{kind}/{'-'.join(map(_text, (c, a, b)))}"
        random = Random(name)
        q = (0.1, 3) if kind in ("int8", "uint8") else (0.1, 0) if kind == "int16" else ()
        model = Model()
        inputs = [model.input("bool", c), model.input(kind, a, *q), model.input(kind, b, *q)]
        output = a if op == "SELECT" else np.broadcast_shapes(c, a, b)
        y = model.output(kind, output, *q)
        model.operator(op, inputs, [y])
        invokes = []
        for _ in range(2):
          condition = random.integers("int8", c, 0, 1).astype(np.bool_)
          data = [
              random.integers("int8", shape, 0, 1).astype(np.bool_)
              if kind == "bool" else random.data(kind, shape) for shape in (a, b)
          ]
          invokes.append([condition, *data])
        # TFLM broadcasts a vector of conditions as LiteRT does.
        yield Case(name, model, invokes, oracle=Oracle.TFLM_REFERENCE if tflm else _LITERT)


def cast():
  kinds = ("float32", "int8", "uint8", "int16", "int32", "uint32", "int64", "bool")
  tflm_in = ("int8", "int16", "int32", "uint32", "float32", "bool")
  tflm_out = ("int8", "int16", "int32", "uint32", "float32")
  for source in kinds:
    for target in kinds:
      oracle = Oracle.TFLM_REFERENCE
      if source not in tflm_in or target not in tflm_out:
        oracle = _LITERT
      for shape in ((29,), (2, 3, 5)):
        name = f"CAST/{source}-{target}/{_text(shape)}"
        random = Random(name)
        model = Model()
        x = model.input(source, shape)
        y = model.output(target, shape)
        model.operator("CAST", [x], [y])
        yield Case(name, model, [[_numbers(random, source, target, shape)]], oracle=oracle)


def _numbers(random, source, target, shape):
  """What fits the target if the source is a float: else C says nothing of the result."""
  if source == "bool":
    return random.integers("int8", shape, 0, 1).astype(np.bool_)
  if source == "float32":
    low, high = (0, 250) if target[0] == "u" else (-120, 120)
    data = random.floats(shape, low, high)
    if target == "bool":
      data.flat[::3] = 0
    return data
  data = random.integers(source, shape) if source != "int64" else random.integers(source, shape, -(2**40), 2**40)
  if target == "bool":
    data.flat[::3] = 0
  return data


def dequantize():
  halves = np.array(
      [0, 0x8000, 1, 0x8001, 0x3FF, 0x400, 0x83FF, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x3C00, 0xBC00,
       0x3555, 0x0200, 0x4248, 0x1234, 0x9876, 0x5678], np.uint16).view(np.float16)
  for shape in ((19,), (1, 19)):
    model = Model()
    x = model.input("float16", shape)
    y = model.output("float32", shape)
    model.operator("DEQUANTIZE", [x], [y], version=3)
    yield Case(f"DEQUANTIZE/float16-float32/{_text(shape)}", model, [[halves.reshape(shape)]],
               oracle=_LITERT)
  # As converters write it: a constant, and what it is for.
  random = Random("DEQUANTIZE/float16-float32/constant")
  model = Model()
  x = model.input("float32", (2, 19))
  w = model.tensor("float16", (19,), data=random.floats((19,), -3, 3))
  d = model.tensor("float32", (19,))
  y = model.output("float32", (2, 19))
  model.operator("DEQUANTIZE", [w], [d], version=3)
  model.operator("ADD", [x, d], [y], "AddOptions")
  yield Case("DEQUANTIZE/float16-float32/constant", model, [[random.floats((2, 19))]], oracle=_LITERT)
  for kind in ("int8", "uint8"):
    for shape in ((5,), (3, 7), (2, 3, 4), (2, 3, 2, 5)):
      for axis in range(len(shape)):
        name = f"DEQUANTIZE/{kind}-float32/{_text(shape)}-axis{axis}"
        random = Random(name)
        scales = random.scale(0.001, 0.1, shape[axis])
        low, high = (-20, 20) if kind == "int8" else (100, 150)
        zero_points = random.integers("int32", (shape[axis],), low, high)
        model = Model()
        x = model.input(kind, shape, scales, zero_points, axis)
        y = model.output("float32", shape)
        model.operator("DEQUANTIZE", [x], [y], version=5)
        yield Case(name, model, [[random.integers(kind, shape)]], oracle=_LITERT)


def inner():
  for cases in (softmax_int16, log_softmax, l2_normalization):
    yield from cases()


def choices():
  for cases in (add_n, select, cast, dequantize):
    yield from cases()


PACKS = {"inner": inner, "choices": choices}
