# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators of two operands that broadcast: ADD, MUL."""

import dataclasses

import numpy as np

from case import Case, Random
from model import Activation, Model

# Equal shapes, then every way of broadcasting that the format's users meet.
_SHAPES = [
    *[((n,), (n,)) for n in (1, 3, 4, 5, 7, 8, 9, 17)],
    ((), ()),
    ((2, 3), (2, 3)),
    ((2, 3, 5), (2, 3, 5)),
    ((1, 3, 3, 7), (1, 3, 3, 7)),
    ((2, 2, 2, 5), (2, 2, 2, 5)),
    ((2, 3, 4), ()),
    ((), (5,)),
    ((7,), (1,)),
    ((1,), (2, 9)),
    ((2, 3, 4), (4,)),
    ((5,), (2, 3, 5)),
    ((2, 3, 4), (3, 1)),
    ((3, 1), (1, 4)),
    ((1, 4, 3, 8), (8,)),
    ((1, 4, 3, 8), (1, 1, 1, 8)),
    ((1, 1, 1, 9), (1, 3, 2, 9)),
    ((1, 4, 3, 5), (1, 4, 3, 1)),
    ((1, 4, 3, 5), (1, 1, 3, 1)),
    ((2, 1, 3, 1), (1, 4, 1, 5)),
    ((2, 3, 2, 4), (1, 3, 1, 1)),
    ((3, 1, 1, 2), (2, 2)),
    ((2, 1, 4, 1), (2, 3, 1, 5)),
]


@dataclasses.dataclass(frozen=True)
class Pair:
  """Two operands without their numbers."""

  shapes: tuple
  activation: Activation = Activation.NONE
  constant: int = None  # which operand is a constant
  same: bool = False  # both operands are one tensor
  zero_points: tuple = None  # of operands 0, 1 and the output; None: drawn
  scales: tuple = None
  table: bool = False  # so many pairs of values that one invoke is enough

  def output(self):
    return np.broadcast_shapes(*self.shapes)

  def __str__(self):
    parts = ["x".join(map(str, shape)) or "scalar" for shape in self.shapes]
    if self.activation != Activation.NONE:
      parts.append(self.activation.name.lower())
    if self.constant is not None:
      parts.append(f"const{self.constant}")
    if self.same:
      parts.append("same")
    if self.zero_points is not None:
      parts.append("z" + "_".join(map(str, self.zero_points)))
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    return "-".join(parts)


def _output_scale(op, scales, random):
  natural = scales[0] * scales[1] * 90 if op == "MUL" else (scales[0] + scales[1]) * 0.7
  return np.float32(natural * random.floats((), 0.6, 1.4))


def _case(op, kind, pair):
  name = f"{op}/{kind}/{pair}"
  random = Random(name)
  parameters = [{}, {}, {}]
  if kind != "float32":
    scales = pair.scales
    if scales is None:
      scales = [random.scale(0.01, 0.1), random.scale(0.01, 0.1)]
      scales.append(_output_scale(op, scales, random))
    zero_points = pair.zero_points
    if zero_points is None:
      zero_points = [int(z) for z in random.integers(kind, (3,), -100, 100)]
    parameters = [dict(scale=s, zero_point=z) for s, z in zip(scales, zero_points)]
  model = Model()
  operands = []
  columns = []
  for i, shape in enumerate(pair.shapes):
    if i == pair.constant:
      data = random.data(kind, shape)
      operands.append(model.tensor(kind, shape, **parameters[i], data=data))
    elif i == 1 and pair.same:
      operands.append(operands[0])
    else:
      operands.append(model.input(kind, shape, **parameters[i]))
      columns.append(random.inputs(kind, shape))
  y = model.output(kind, pair.output(), **parameters[2])
  options_type = op.capitalize() + "Options"
  version = 1 if kind == "float32" else 2
  model.operator(
      op, operands, [y], options_type, version, fusedActivationFunction=pair.activation
  )
  # One operation per element: every IEEE machine rounds it the same way, so floats are exact too.
  invokes = [list(invoke) for invoke in zip(*columns)]
  return Case(name, model, invokes[:1] if pair.table else invokes)


def _pairs():
  for shapes in _SHAPES:
    yield Pair(shapes)
  for constant in (0, 1):
    for shapes in (
        ((1, 3, 2, 5), (1, 3, 2, 5)),
        ((2, 9), (2, 9)),
        ((), (1, 3, 7)) if constant == 0 else ((1, 3, 7), ()),
        ((5,), (2, 2, 5)) if constant == 0 else ((2, 2, 5), (5,)),
        ((2, 2, 5), (5,)) if constant == 0 else ((5,), (2, 2, 5)),
    ):
      yield Pair(shapes, constant=constant)
  yield Pair(((2, 3, 4), (2, 3, 4)), same=True)
  for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
    yield Pair(((3, 7), (3, 7)), activation)
    yield Pair(((3, 7), (7,)), activation)
    yield Pair(((1, 2, 3, 4), (1, 1, 1, 1)), activation, constant=1)


def _quantized_pairs(op):
  equal = ((4, 9), (4, 9))
  for zero_points in (
      (-128, -128, -128),
      (127, 127, 127),
      (-128, 127, 0),
      (127, -128, -128),
      (0, 0, 127),
      (0, 0, 0),
  ):
    yield Pair(equal, zero_points=zero_points)
    yield Pair(((2, 1, 9), (3, 1)), zero_points=zero_points, activation=Activation.RELU)
  # Scales: equal, powers of two (halves that round), far apart; outputs that saturate or vanish.
  ratios = [
      (0.5, 0.5, 0.5),
      (0.5, 0.5, 1.0),
      (1.0, 0.5, 0.25),
      (0.25, 0.5, 8.0),
      (0.001, 1.0, 1.0),
      (1.0, 0.001, 1.0),
      (0.05, 0.07, 0.0005),
      (0.05, 0.07, 20.0),
      (3.0, 2.0, 1.5),
  ]
  if op == "MUL":
    ratios += [(1.0, 1.0, 1.0), (1.0, 1.0, 0.25), (1.0, 1.0, 64.0), (2.0, 2.0, 0.5)]
  for scales in ratios:
    yield Pair(equal, scales=scales, zero_points=(3, -5, 1))
    yield Pair(((4, 9), ()), scales=scales, zero_points=(-128, 0, -1), constant=1)


  # The last bits of the multipliers show in one output of some thousands.
  for a, b, c in ((0.05, 0.07, 0.09), (0.031, 0.0074, 0.02), (0.013, 0.11, 0.067), (1.1, 0.9, 1.7)):
    c = a * b * 90 if op == "MUL" else c
    yield Pair(((64, 1), (1, 128)), scales=(a, b, c), zero_points=(-7, 11, 2), table=True)
    yield Pair(((1, 128), (64, 1)), scales=(b, a, c), zero_points=(30, -30, -9), table=True)


def _cases(op):
  for pair in [*_pairs(), *_quantized_pairs(op)]:
    yield _case(op, "int8", pair)
  for pair in _pairs():
    yield _case(op, "float32", pair)


def add():
  return _cases("ADD")


def mul():
  return _cases("MUL")


PACKS = {"add": add, "mul": mul}
