# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators of two operands beside int8 and float ADD and MUL."""

import copy
import dataclasses

import numpy as np

import oracle
from case import EXACT, Case, Oracle, Random, ulp
from families.maps import quantize_real, saturated_int8
from model import Activation, Model
from twins import quantize_multiplier

_SHAPES = [
    ((), ()),
    ((7,), (7,)),
    ((1, 3, 3, 5), (1, 3, 3, 5)),
    ((2, 3, 4), ()),
    ((), (9,)),
    ((2, 3, 4), (4,)),
    ((3, 1), (1, 4)),
    ((1, 4, 3, 5), (1, 4, 3, 1)),
    ((1, 1, 1, 9), (1, 3, 2, 9)),
    ((2, 3, 2, 4), (1, 3, 1, 1)),
    ((2, 1, 4, 1), (2, 3, 1, 5)),
    ((2, 1, 3, 1, 2), (1, 4, 1, 5, 2)),
]
_LITERT = Oracle.LITERT_REFERENCE


@dataclasses.dataclass(frozen=True)
class Pair:
  """Two operands in one setting, without their numbers."""

  shapes: tuple
  activation: Activation = Activation.NONE
  constant: int = None  # which operand is a constant
  scales: tuple = None  # of operands 0, 1 and the output; None: drawn
  zero_points: tuple = None

  def __str__(self):
    parts = ["x".join(map(str, shape)) or "scalar" for shape in self.shapes]
    if self.activation != Activation.NONE:
      parts.append(self.activation.name.lower())
    if self.constant is not None:
      parts.append(f"const{self.constant}")
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    if self.zero_points is not None:
      parts.append("z" + "_".join(map(str, self.zero_points)))
    return "-".join(parts)


@dataclasses.dataclass(frozen=True)
class Operator:
  """An operator of one type. `natural(a, b)` is an output scale that fits; None: no scales."""

  name: str
  kind: str
  options: str = None  # the table's type
  natural: object = None
  output: str = None  # type of the output, if another
  low: float = None  # of operands, in invoke 0
  high: float = None
  second: object = None  # makes operand 1 from what was drawn
  second_kind: str = None
  tolerance: object = EXACT
  oracle: Oracle = Oracle.TFLM_REFERENCE

  def case(self, pair):
    output = self.output or self.kind
    kinds = (self.kind, self.second_kind or self.kind, output)
    name = f"{self.name}/{self.kind}/{pair}"
    random = Random(name)
    parameters = [{}, {}, {}]
    if self.natural is not None:
      a, b = random.scale(0.01, 0.1), random.scale(0.01, 0.1)
      if self.kind == "int16":
        a, b = np.float32(a / 256), np.float32(b / 256)
      scales = pair.scales or (a, b, np.float32(self.natural(a, b) * random.floats((), 0.6, 1.4)))
      zero_points = pair.zero_points or [int(z) for z in random.integers("int8", (3,), -90, 90)]
      if self.kind == "int16":
        zero_points = (0, zero_points[1] if self.second_kind == "int8" else 0, 0)
      parameters = [dict(scale=s, zero_point=z) for s, z in zip(scales, zero_points)]
      if output == "bool":
        parameters[2] = {}
    model = Model()
    operands, columns = [], []
    for i, shape in enumerate(pair.shapes):
      data = [self._data(random, kinds[i], shape, i, invoke) for invoke in range(2)]
      if i == pair.constant:
        operands.append(model.tensor(kinds[i], shape, **parameters[i], data=data[0]))
      else:
        operands.append(model.input(kinds[i], shape, **parameters[i]))
        columns.append(data)
    y = model.output(output, np.broadcast_shapes(*pair.shapes), **parameters[2])
    options = {}
    if self.options is not None:
      options = dict(options_type=self.options, fusedActivationFunction=pair.activation)
    model.operator(self.name, operands, [y], version=1, **options)
    invokes = [list(invoke) for invoke in zip(*columns)]
    case = Case(name, model, invokes, oracle=self.oracle)
    if output == "float32":
      case.tolerance = self.tolerance
    return case

  def _data(self, random, kind, shape, operand, invoke):
    if kind == "bool":
      return random.integers("int8", shape, 0, 1).astype(np.bool_)
    low, high = self.low, self.high
    if kind == "int64" and low is None:
      low, high = -(2**40), 2**40
    if invoke == 1 and kind in ("int8", "int16") and self.natural is not None:
      low, high = -20, 20
    data = random.data(kind, shape, low, high)
    return self.second(data) if operand == 1 and self.second is not None else data


def _without_zero(data):
  return np.where(data == 0, data.dtype.type(3), data).astype(data.dtype)


def _activations():
  for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
    yield Pair(((3, 7), (7,)), activation)


def _pairs(operator):
  for shapes in _SHAPES:
    yield Pair(shapes)
  yield Pair(((2, 2, 5), (5,)), constant=1)
  yield Pair(((), (2, 2, 5)), constant=0)
  if operator.options is not None:
    yield from _activations()
  if operator.natural is None:
    return
  equal = ((4, 9), (4, 9))
  if operator.kind == "int8":
    for zero_points in ((-128, -128, -128), (127, 127, 127), (-128, 127, 0), (0, 0, 0)):
      yield Pair(equal, zero_points=zero_points)
  unit = 1.0 if operator.kind == "int8" else 1 / 256
  for a, b, c in ((0.5, 0.5, 1), (1.0, 0.5, 0.7), (0.25, 0.5, 8), (0.001, 1, 1), (1, 0.001, 1),
                  (0.05, 0.07, 0.1), (0.05, 0.07, 20)):
    scales = (a * unit, b * unit, float(np.float32(operator.natural(a, b) * c * unit)))
    yield Pair(equal, scales=scales, zero_points=(3, -5, 1))
    yield Pair(((4, 9), ()), scales=scales, zero_points=(-128, 0, -1), constant=1)


def _cases(*operators):
  for operator in operators:
    for pair in _pairs(operator):
      yield operator.case(pair)


def _sum(a, b):
  return (a + b) * 0.7


def _product(a, b):
  return a * b * 90


def _wide_product(a, b):
  return a * b * 20000


def _larger(a, b):
  return max(a, b)


def add_and_mul():
  """The types that packs add and mul do not have."""
  yield from _cases(
      Operator("ADD", "int16", "AddOptions", _sum),
      Operator("ADD", "int32"),
      Operator("ADD", "int64", oracle=_LITERT),
      Operator("MUL", "int16", "MulOptions", _wide_product),
      Operator("MUL", "int32", "MulOptions", low=-40000, high=40000),
      Operator("MUL", "int64", "MulOptions", low=-(2**30), high=2**30, oracle=_LITERT),
  )


def sub():
  yield from _cases(
      Operator("SUB", "int8", "SubOptions", _sum),
      Operator("SUB", "int16", "SubOptions", _sum),
      Operator("SUB", "int32", "SubOptions", low=-(2**30), high=2**30),
      Operator("SUB", "int64", "SubOptions", oracle=_LITERT),
      Operator("SUB", "float32", "SubOptions", low=-9, high=9),
  )


def div():
  yield from _cases(
      Operator("DIV", "int32", "DivOptions", low=-1000, high=1000, second=_without_zero),
      Operator("DIV", "float32", "DivOptions", low=-9, high=9, second=_without_zero),
  )
  for operator in (
      Operator("DIV", "int8", "DivOptions", lambda a, b: a / b * 0.05),
      Operator("DIV", "int16", "DivOptions", lambda a, b: a / b * 0.005, oracle=_LITERT),
  ):
    # The last: quotients that need a shift to the left.
    far = Pair(((4, 9), (4, 9)), scales=(400.0, 0.0001, 0.01), zero_points=(1, 2, 3))
    for pair in (*_pairs(operator), far):
      case = operator.case(pair)
      base, case.oracle = case.oracle, Oracle.TWIN
      case.twin = lambda *inputs, case=case, base=base: _div_twin(case, base, inputs)
      yield case


def _div_twin(case, base, inputs):
  """The quotients of TFLM, or LiteRT for int16, but where it shifts by more than a word has or by
  less than nothing, or divides by zero."""
  model = case.model
  a, b, scales, zero_points = _operands(model, inputs)
  # No activation clamps the quotients 0 and infinity to anything else than these.
  model_inputs = list(inputs)
  if base == _LITERT:  # which refuses to divide by zero
    if 1 in model._constants:
      model = copy.deepcopy(model)
      model._constants[1] = _without_zero(b)
    else:
      model_inputs[-1] = _without_zero(b)
  result = oracle.run(model.serialize(), [model_inputs], base)[0][0]
  _, exponent = quantize_multiplier(scales[0] / (scales[1] * scales[2]))
  dividend = a.astype(np.int64) - zero_points[0]
  divisor = b.astype(np.int64) - zero_points[1]
  dividend, divisor = np.broadcast_arrays(dividend, divisor)
  bits = np.array([abs(int(d)).bit_length() for d in divisor.flat]).reshape(divisor.shape)
  # Leading bits that repeat the sign, once it is the divisor's sign times that.
  signed = np.where(divisor < 0, -dividend, dividend)
  magnitude = np.where(signed < 0, -signed - 1, signed)
  headroom = np.array([31 - int(m).bit_length() for m in magnitude.flat]).reshape(divisor.shape)
  shift = bits - 1 + headroom - exponent
  vanishes = (shift > 31) & (divisor != 0)
  low, high = _activation_range(model, scales[2], zero_points[2], np.iinfo(a.dtype))
  zero = np.clip(zero_points[2], low, high)
  result = np.where(vanishes, zero, result)
  result = np.where((shift < 0) & (divisor != 0), np.where(signed < 0, low, high), result)
  infinite = np.where(dividend > 0, high, np.where(dividend < 0, low, zero))
  return [np.where(divisor == 0, infinite, result).astype(a.dtype)]


def _operands(model, inputs):
  """Both operands, then all scales and zero points."""
  a, b = (model._constants.get(i) for i in range(2))
  if a is None:
    a = inputs[0]
  if b is None:
    b = inputs[-1]
  parameters = [tensor.quantization for tensor in model._tensors]
  scales = [float(p.scale[0]) for p in parameters]
  zero_points = [int(p.zeroPoint[0]) for p in parameters]
  return a, b, scales, zero_points


def _activation_range(model, scale, zero_point, limits):
  activation = model._operators[0].builtinOptions.fusedActivationFunction
  bounds = {
      Activation.NONE: (-np.inf, np.inf),
      Activation.RELU: (0, np.inf),
      Activation.RELU6: (0, 6),
      Activation.RELU_N1_TO_1: (-1, 1),
  }[activation]
  steps = [np.floor(abs(b) / np.float32(scale) + 0.5) * np.sign(b) for b in bounds]
  return tuple(int(np.clip(zero_point + step, limits.min, limits.max)) for step in steps)


def maximum_minimum():
  for name in ("MAXIMUM", "MINIMUM"):
    same = lambda a, b: 0.05
    for kind in ("int8", "int16", "int32", "int64", "float32"):
      natural = same if kind in ("int8", "int16") else None
      operator = Operator(name, kind, natural=natural, low=-100, high=100)
      for shapes in _SHAPES:
        if natural is None:
          yield operator.case(Pair(shapes))
        else:
          yield operator.case(Pair(shapes, scales=(0.05, 0.05, 0.05), zero_points=(3, 3, 3)))
      yield operator.case(Pair(((2, 2, 5), (5,)), constant=1))


def squared_difference():
  yield from _cases(
      Operator("SQUARED_DIFFERENCE", "int8", natural=_product),
      Operator("SQUARED_DIFFERENCE", "int16", natural=_wide_product),
      Operator("SQUARED_DIFFERENCE", "int32", low=-30000, high=30000),
      Operator("SQUARED_DIFFERENCE", "float32", low=-9, high=9),
  )


def floor_div_mod():
  for name in ("FLOOR_DIV", "FLOOR_MOD"):
    kinds = ["int8", "int16", "int32", "float32"] + ["int64"] * (name == "FLOOR_MOD")
    for kind in kinds:
      oracle = Oracle.TFLM_REFERENCE if kind == "float32" else _LITERT
      yield from _cases(
          Operator(name, kind, low=-100, high=100, second=_without_zero, oracle=oracle)
      )


def power():
  yield from _cases(
      Operator("POW", "float32", low=0.1, high=4, tolerance=ulp(4), oracle=_LITERT),
      Operator("POW", "int32", low=0, high=9, oracle=_LITERT),
  )
  for case in _powers_of_int8():
    case.oracle = Oracle.TWIN
    case.twin = lambda *inputs, model=case.model: _pow_twin(model, inputs)
    yield case


def _powers_of_int8():
  """Which neither TFLM nor LiteRT has."""
  operator = Operator("POW", "int8", natural=lambda a, b: 0.047)
  for pair in _pairs(operator):
    yield operator.case(pair)
  # Roots and powers of small numbers, most of which do not saturate.
  for scales, zero_points in (((0.011, 0.013, 0.017), (-128, 0, -128)),
                              ((0.007, 0.021, 0.033), (-100, -5, -90))):
    yield operator.case(Pair(((64, 1), (1, 9)), scales=scales, zero_points=zero_points))
  # A constant to the power of every number, and these to the power of one: 2, 1/2, 3, -1, 0, and
  # what no number below zero has.
  fixed = dataclasses.replace(operator, second=lambda data: np.full_like(data, 4))
  every = np.arange(-128, 128, dtype=np.int8)
  of_constant = (((0.05, 0.03, 0.041), (-90, 3, -100)), ((0.31, 0.02, 0.5), (90, 0, 0)))
  to_constant = (((0.073, 0.5, 0.4), (3, 0, -128)), ((0.05, 0.125, 0.021), (-128, 0, -100)),
                 ((0.037, 0.75, 0.6), (-7, 0, 5)), ((0.03, 0.25, 0.07), (-20, 8, 1)),
                 ((0.03, 0.25, 0.013), (-20, 4, -50)), ((0.021, 0.3, 0.05), (0, 0, 10)))
  for operand, settings in ((0, of_constant), (1, to_constant)):
    for scales, zero_points in settings:
      shapes = ((256,), ()) if operand == 1 else ((), (256,))
      make = fixed if operand == 1 else operator
      case = make.case(Pair(shapes, constant=operand, scales=scales, zero_points=zero_points))
      case.invokes = [[every]]
      yield case


def _pow_twin(model, inputs):
  a, b, scales, zero_points = _operands(model, inputs)
  base, exponent = (
      np.float32(scale) * (q.astype(np.float32) - np.float32(zero_point))
      for q, scale, zero_point in zip((a, b), scales, zero_points)
  )
  with np.errstate(all="ignore"):
    y = np.power(base.astype(np.float64), exponent.astype(np.float64)).astype(np.float32)
  return [saturated_int8(quantize_real(y, np.float32(scales[2]), zero_points[2], ulps=4))]


def prelu():
  slope = lambda a, b: a * max(1.0, b * 60)
  for operator in (
      Operator("PRELU", "int8", natural=slope),
      Operator("PRELU", "int16", natural=slope, second_kind="int8"),
      Operator("PRELU", "float32", low=-9, high=9),
  ):
    for pair in _pairs(operator):
      # The output has the input's shape.
      if np.broadcast_shapes(*pair.shapes) == pair.shapes[0]:
        yield operator.case(pair)


def comparisons():
  for name in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"):
    kinds = ["int8", "int16", "int32", "int64", "float32"] + ["bool"] * ("EQUAL" in name[-9:])
    for kind in kinds:
      if kind == "bool" and name not in ("EQUAL", "NOT_EQUAL"):
        continue
      # TFLM has int16 for GREATER alone, and reads memory there that was never set; LiteRT compares
      # int16 as it is stored.
      oracle = _LITERT if kind == "int16" else Oracle.TFLM_REFERENCE
      natural = _larger if kind == "int8" else None
      low, high = (-3, 3) if kind[:3] == "int" and kind != "int8" else (None, None)
      operator = Operator(name, kind, natural=natural, output="bool", low=low, high=high,
                          oracle=oracle)
      for shapes in _SHAPES:
        case = operator.case(Pair(shapes))
        if (name, kind) == ("NOT_EQUAL", "int16"):  # where LiteRT leaves the output as it was
          case.oracle = Oracle.TWIN
          case.twin = lambda a, b: [np.not_equal(a, b)]
        yield case
      if natural is None:
        continue
      for scales in ((0.5, 0.5), (0.25, 0.5), (0.05, 0.05), (0.99, 0.07), (0.0001, 0.0003)):
        yield operator.case(Pair(((9, 1), (1, 9)), scales=(*scales, 1), zero_points=(3, -5, 0)))
        yield operator.case(Pair(((40,), (40,)), scales=(*scales, 1), zero_points=(0, 0, 0)))
    if kinds[-1] != "int64":
      yield _with_nan(name)


def _with_nan(name):
  model = Model()
  a, b = model.input("float32", (3, 1)), model.input("float32", (1, 3))
  y = model.output("bool", (3, 3))
  model.operator(name, [a, b], [y])
  values = np.array([np.nan, 1.0, -np.inf], np.float32)
  return Case(f"{name}/float32/nan", model, [[values.reshape(3, 1), values.reshape(1, 3)]])


def logical():
  for name in ("LOGICAL_AND", "LOGICAL_OR"):
    for shapes in _SHAPES:
      yield Operator(name, "bool").case(Pair(shapes))


def arithmetic():
  for cases in (add_and_mul, sub, div, maximum_minimum, squared_difference, floor_div_mod, power,
                prelu):
    yield from cases()


def relations():
  for cases in (comparisons, logical):
    yield from cases()


PACKS = {"arithmetic": arithmetic, "relations": relations}
