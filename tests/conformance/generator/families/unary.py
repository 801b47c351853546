# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators of one operand, and SOFTMAX: LOGISTIC, SOFTMAX."""

import numpy as np

from case import UNIT_ROUNDOFF, Case, Kind, Random, abs_rel, ulp
from model import Model

_EVERY_INT8 = np.arange(-128, 128, dtype=np.int8)
# Both operators have an output whose scale and zero point the format fixes.
_UNIT_SCALE = 1 / 256
_UNIT_ZERO_POINT = -128
# Simple maps of one float operation chain, in units in the last place.
_MAP_ULPS = 4


def _shape_text(shape):
  return "x".join(map(str, shape)) or "scalar"


def logistic():
  usual = (0.01, 0.03125, 0.05, 0.0625, 0.1, 0.125, 0.2, 0.25, 0.5)
  for scale in (4e-9, 0.0001, *usual, 0.7, 1.0, 2.5, 20.0):
    for zero_point in (0, -128, 127, 5):
      if zero_point and scale not in (0.01, 0.0625, 0.1, 0.5, 2.5):
        continue
      name = f"LOGISTIC/int8/256-scale{scale:g}-z{zero_point}"
      model = Model()
      x = model.input("int8", (256,), scale, zero_point)
      y = model.output("int8", (256,), _UNIT_SCALE, _UNIT_ZERO_POINT)
      model.operator("LOGISTIC", [x], [y], version=2)
      yield Case(name, model, [[_EVERY_INT8]])
  yield _refused("LOGISTIC", "output_zero_point", _UNIT_SCALE, 0)
  # Whatever the file says of the output's scale, the format fixes it.
  model = Model()
  x = model.input("int8", (256,), 0.05, 3)
  y = model.output("int8", (256,), 0.01, _UNIT_ZERO_POINT)
  model.operator("LOGISTIC", [x], [y], version=2)
  yield Case("LOGISTIC/int8/256-output_scale0.01", model, [[_EVERY_INT8]])
  for shape in ((), (1,), (3,), (2, 5), (1, 7, 3), (1, 3, 3, 5), (2, 2, 2, 9)):
    for kind in ("int8", "float32"):
      name = f"LOGISTIC/{kind}/{_shape_text(shape)}"
      random = Random(name)
      model = Model()
      if kind == "int8":
        x = model.input(kind, shape, random.scale(0.02, 0.1), int(random.integers(kind, ())))
        y = model.output(kind, shape, _UNIT_SCALE, _UNIT_ZERO_POINT)
      else:
        x = model.input(kind, shape)
        y = model.output(kind, shape)
      model.operator("LOGISTIC", [x], [y], version=1 if kind == "float32" else 2)
      invokes = [[values] for values in random.inputs(kind, shape)]
      if kind == "int8":
        yield Case(name, model, invokes)
      else:
        yield Case(name, model, invokes, ulp(_MAP_ULPS))
  model = Model()
  x = model.input("float32", (64,))
  y = model.output("float32", (64,))
  model.operator("LOGISTIC", [x], [y])
  wide = np.linspace(-80, 80, 64, dtype=np.float32)
  special = np.zeros(64, np.float32)
  special[:8] = [0.0, -0.0, 1e-38, -1e-38, 1000.0, -60.0, np.inf, 16.5]
  # Below x = -9 the oracle takes exp(x) for the sigmoid: exp(x)^2, at most 1.6e-8, too much.
  tolerance = abs_rel(1.6e-8, 2 * _MAP_ULPS * UNIT_ROUNDOFF)
  yield Case("LOGISTIC/float32/64-wide", model, [[wide], [special]], tolerance)


def _refused(op, what, scale, zero_point, **options):
  model = Model()
  x = model.input("int8", (1, 4), 0.05, 3)
  y = model.output("int8", (1, 4), scale, zero_point)
  model.operator(op, [x], [y], "SoftmaxOptions" if options else None, 2, **options)
  invokes = [[np.zeros((1, 4), np.int8)]]
  return Case(f"{op}/int8/refused-{what}", model, invokes, kind=Kind.REFUSE)


def _softmax(kind, shape, beta, scale=None, zero_point=None, reach=8.0):
  name = f"SOFTMAX/{kind}/{_shape_text(shape)}-beta{beta:g}"
  if scale is not None:
    name += f"-scale{scale:g}-z{zero_point}"
  if reach != 8.0:
    name += f"-reach{reach:g}"
  random = Random(name)
  model = Model()
  if kind == "int8":
    drawn_scale, drawn_zero_point = random.scale(0.02, 0.3), int(random.integers(kind, ()))
    scale = drawn_scale if scale is None else scale
    zero_point = drawn_zero_point if zero_point is None else zero_point
    x = model.input(kind, shape, scale, zero_point)
    y = model.output(kind, shape, _UNIT_SCALE, _UNIT_ZERO_POINT)
    invokes = [[values] for values in random.inputs(kind, shape)]
  else:
    x = model.input(kind, shape)
    y = model.output(kind, shape)
    invokes = [[random.floats(shape)], [random.floats(shape, -reach, reach)]]
  model.operator("SOFTMAX", [x], [y], "SoftmaxOptions", 1 if kind == "float32" else 2, beta=beta)
  case = Case(name, model, invokes)
  if kind == "float32":
    # Each exponential and the final division may be _MAP_ULPS apart, the sum of n positive terms
    # 2 * n roundoffs; the smallest normal number stands for exponentials that underflow.
    depth = shape[-1]
    case.tolerance = abs_rel(2.0**-126, 2 * (depth + 2 * _MAP_ULPS) * UNIT_ROUNDOFF)
  return case


def softmax():
  for kind in ("int8", "float32"):
    for depth in (1, 2, 3, 4, 5, 7, 8, 9, 10, 17, 100):
      yield _softmax(kind, (1, depth), 1.0)
    for shape in ((6,), (3, 5), (2, 3, 4), (1, 2, 3, 5), (2, 2, 2, 3), (1, 1, 1, 12), (4, 1)):
      yield _softmax(kind, shape, 1.0)
    for beta in (0.125, 0.5, 1.7, 3.0, 10.0):
      yield _softmax(kind, (2, 9), beta)
  for scale in (0.0005, 0.00390625, 0.0625, 0.1, 0.5, 1.0, 4.0, 30.0):
    for zero_point in (-128, 0, 127):
      yield _softmax("int8", (2, 12), 1.0, scale, zero_point)
  for beta, scale in ((0.01, 0.0005), (10.0, 4.0), (0.25, 0.25), (4.0, 0.0625)):
    yield _softmax("int8", (2, 12), beta, scale, -7)
  yield _softmax("float32", (2, 9), 1.0, reach=80.0)
  yield _softmax("float32", (3, 4), 2.0, reach=0.001)
  yield _refused("SOFTMAX", "output_zero_point", _UNIT_SCALE, 0, beta=1.0)
  yield _refused("SOFTMAX", "output_scale", 1 / 128, _UNIT_ZERO_POINT, beta=1.0)
  # All 256 values in one row; all equal; one far above the rest.
  name = "SOFTMAX/int8/3x256-patterns"
  model = Model()
  x = model.input("int8", (3, 256), 0.05, 0)
  y = model.output("int8", (3, 256), _UNIT_SCALE, _UNIT_ZERO_POINT)
  model.operator("SOFTMAX", [x], [y], "SoftmaxOptions", 2, beta=1.0)
  peak = np.full(256, -128, np.int8)
  peak[77] = 127
  yield Case(name, model, [[np.stack([_EVERY_INT8, np.full(256, 127, np.int8), peak])]])


PACKS = {"logistic": logistic, "softmax": softmax}
