# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators of one operand: activations and elementary functions."""

import dataclasses

import numpy as np

from case import Case, Oracle, Random, abs_rel, ulp
from model import Model
from twins import quantize_multiplier, requantize

_EVERY_INT8 = np.arange(-128, 128, dtype=np.int8)
_SHAPES = ((), (1,), (3,), (2, 5), (1, 7, 3), (1, 3, 3, 5), (2, 2, 2, 9), (2, 1, 3, 1, 4))
# The C libraries' functions, in units in the last place.
_ULPS = 4


def _text(shape):
  return "x".join(map(str, shape)) or "scalar"


@dataclasses.dataclass(frozen=True)
class Map:
  """An operator in one setting, without its numbers."""

  op: str
  kind: str
  setting: str
  shape: tuple
  input: tuple = None  # scale, zero point
  output: tuple = None
  options_type: str = None
  options: tuple = ()  # of pairs
  tolerance: object = ulp(0)
  oracle: Oracle = Oracle.TFLM_REFERENCE

  def case(self, invokes):
    model = Model()
    x = model.input(self.kind, self.shape, *(self.input or ()))
    y = model.output(self.kind, self.shape, *(self.output or ()))
    model.operator(self.op, [x], [y], self.options_type, 1, **dict(self.options))
    arrays = [[np.asarray(values)] for values in invokes]
    case = Case(f"{self.op}/{self.kind}/{self.setting}", model, arrays, oracle=self.oracle)
    if self.kind == "float32" and self.tolerance.a > 0:
      case.tolerance = self.tolerance
    return case


# Where and how float inputs are drawn: low, high of two invokes; values of a third.
_FINITE = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, 3.0, -3.0, 6.0, 6.5, 1e-30, -1e-30, 100.0]


def _reals(op, tolerance, low, high, values=_FINITE, oracle=Oracle.TFLM_REFERENCE, **options):
  for shape in _SHAPES:
    m = Map(op, "float32", _text(shape), shape, tolerance=tolerance, oracle=oracle, **options)
    random = Random(f"{op}/float32/{_text(shape)}")
    yield m.case([random.floats(shape, low, high)])
  m = Map(op, "float32", "61", (61,), tolerance=tolerance, oracle=oracle, **options)
  yield m.case([Random(f"{op}/float32/61").floats((61,), low, high)])
  m = Map(op, "float32", "values", (len(values),), tolerance=tolerance, oracle=oracle, **options)
  yield m.case([np.array(values, np.float32)])


_SCALES = (0.0001, 0.0078125, 0.02, 0.05, 0.1, 0.25, 1.0, 4.0)


def _int8_tables(op, parameters, setting="", oracle=Oracle.TFLM_REFERENCE, twin=None, **options):
  """All 256 inputs; `parameters` are pairs of input and output (scale, zero point).

  `twin`, of an array, two scales and two zero points, is the oracle where there is one.
  """
  for x, y in parameters:
    name = f"256{setting}-{x[0]:g}z{x[1]}-{y[0]:g}z{y[1]}"
    case = Map(op, "int8", name, (256,), x, y, oracle=oracle, **options).case([_EVERY_INT8])
    yield case if twin is None else _with_int8_twin(case, x, y, twin)


def _with_int8_twin(case, x, y, twin):
  case.oracle = Oracle.TWIN
  scales, zero_points = (np.float32(x[0]), np.float32(y[0])), (x[1], y[1])
  case.twin = lambda q: [saturated_int8(twin(q, *scales, *zero_points))]
  return case


def saturated_int8(values):
  return np.clip(values, -128, 127).astype(np.int8)


def _neg_twin(q, input_scale, output_scale, input_zero_point, output_zero_point):
  """LiteRT negates the bytes, whatever they stand for."""
  m, exponent = quantize_multiplier(float(input_scale) / float(output_scale))
  difference = q.astype(np.int64) - input_zero_point
  return output_zero_point + requantize(difference, -m, exponent)


def _saturated_int16(values):
  return np.clip(values, -32768, 32767).astype(np.int16)


def _twin_int16(cases, twin):
  """The cases with twin(array, scale in, scale out) as their oracle."""
  for case in cases:
    tensors = case.model._tensors
    scales = [np.float32(tensors[i].quantization.scale[0]) for i in range(2)]
    case.oracle = Oracle.TWIN
    case.twin = lambda q, s=scales: [_saturated_int16(twin(q.astype(np.int64), *s))]
    yield case


def _neg_int16_twin(q, input_scale, output_scale):
  return _neg_twin(q, input_scale, output_scale, 0, 0)


def _sqrt_int16_twin(q, input_scale, output_scale):
  """LiteRT drops the fraction instead of rounding."""
  roots = np.floor(np.sqrt(np.maximum(q, 0) * 2.0**30) + 0.5).astype(np.int64)
  m, exponent = quantize_multiplier(float(input_scale) ** 0.5 / float(output_scale))
  return np.where(q < 0, -32768, requantize(roots, m, exponent - 15))


def _sqrt_twin(q, input_scale, output_scale, input_zero_point, output_zero_point):
  """LiteRT drops the fraction instead of rounding."""
  steps = np.sqrt(input_scale * (q.astype(np.float32) - input_zero_point)) * (1 / output_scale)
  return output_zero_point + np.floor(steps + np.float32(0.5)).astype(np.int64)


def _real_twin(f, is_exact):
  """The table of a real function, which C libraries may give a neighbour of unless it is exact."""

  def twin(q, input_scale, output_scale, input_zero_point, output_zero_point):
    x = input_scale * (q.astype(np.float32) - np.float32(input_zero_point))
    with np.errstate(over="ignore"):
      y = f(x).astype(np.float32)
    return quantize_real(y, output_scale, output_zero_point, 0 if is_exact else 2)

  return twin


def quantize_real(y, scale, zero_point, ulps):
  """The results of a real function. C libraries may be off by some units in the last place: none may
  lie that close to a tie."""
  with np.errstate(over="ignore", invalid="ignore"):
    steps = y * (np.float32(1) / scale)
  steps = np.where(steps > -1024, np.minimum(steps, np.float32(1024)), np.float32(-1024))
  whole = np.trunc(steps)
  rest = np.abs(steps - whole)
  if ulps > 0:
    assert np.all(np.abs(rest - np.float32(0.5)) > np.abs(steps) * ulps * 2.0**-23)
  away = np.where(rest >= 0.5, np.sign(steps), 0)
  return zero_point + (whole + away).astype(np.int64)


def _int8_shapes(op, x, y, oracle=Oracle.TFLM_REFERENCE, twin=None, **options):
  for shape in _SHAPES:
    random = Random(f"{op}/int8/{_text(shape)}")
    m = Map(op, "int8", _text(shape), shape, x, y, oracle=oracle, **options)
    case = m.case(random.inputs("int8", shape))
    yield case if twin is None else _with_int8_twin(case, x, y, twin)


def _every_int16(count):
  """The ends, the middle, and values spread over the whole range."""
  spread = np.linspace(-32768, 32767, count - 9).astype(np.int64)
  values = np.concatenate([[-32768, -32767, -1, 0, 1, 32766, 32767, 255, -256], spread])
  return values.astype(np.int16)


def _int16(op, parameters, setting="", count=509, oracle=Oracle.TFLM_REFERENCE, **options):
  for x, y in parameters:
    name = f"{count}{setting}-{x:.9g}-{y:.9g}"
    m = Map(op, "int16", name, (count,), (x, 0), (y, 0), oracle=oracle, **options)
    yield m.case([_every_int16(count)])
  for shape in ((2, 5), (1, 3, 3, 5)):
    name = _text(shape) + setting
    random = Random(f"{op}/int16/{name}")
    x, y = parameters[0]
    m = Map(op, "int16", name, shape, (x, 0), (y, 0), oracle=oracle, **options)
    yield m.case(random.inputs("int16", shape))


_RESCALINGS = [
    ((0.05, 0), (0.05, 0)),
    ((0.05, -128), (0.05, 127)),
    ((0.05, 127), (0.05, -128)),
    ((0.5, 3), (0.25, -4)),
    ((0.25, 3), (0.5, -4)),
    ((0.07, -3), (0.031, 9)),
    ((0.031, 9), (0.07, -3)),
    ((0.07, 10), (0.0007, -20)),
    ((0.0007, 10), (0.07, -20)),
    ((0.1, -128), (0.1, -128)),
]


def relu():
  for op in ("RELU", "RELU6", "RELU_N1_TO_1"):
    oracle = Oracle.LITERT_REFERENCE if op == "RELU_N1_TO_1" else Oracle.TFLM_REFERENCE
    yield from _int8_tables(op, _RESCALINGS, oracle=oracle)
    yield from _int8_shapes(op, (0.06, -7), (0.03, -100), oracle=oracle)
    yield from _reals(op, ulp(0), -8, 8, [*_FINITE, np.inf, -np.inf], oracle=oracle)
  pairs = [(0.001, 0.001), (0.0005, 0.0007), (0.002, 0.001), (2.0**-12, 2.0**-11), (0.0001, 0.01)]
  yield from _int16("RELU", pairs)
  yield from _int16("RELU6", [(s, s) for s in (0.001, 0.0005, 2.0**-12, 0.00001)])


def leaky_relu():
  for alpha in (0.0, 0.01, 0.1, 0.3, 1.0, 1.5, -0.2):
    options = dict(options_type="LeakyReluOptions", options=(("alpha", alpha),))
    setting = f"-alpha{alpha:g}"
    yield from _int8_tables("LEAKY_RELU", _RESCALINGS, setting, **options)
    pairs = [(0.001, 0.001), (0.0005, 0.0007), (2.0**-12, 2.0**-11)]
    yield from _int16("LEAKY_RELU", pairs, setting, 149, **options)
  # Where multipliers made of floats instead of doubles show.
  for s, t, alpha, values in (
      (0.004228518, 0.0072312127, 0.05009722, (10111, 17066, 23378, 24021, 30333)),
      (0.0030930925, 0.0015528833, 0.12848781, (-32057, -26911, -25266, -20120, -14974)),
      (0.001943976, 0.0035210513, 0.38725236, (4712, 8829, 14136, 18253, 22370)),
      (0.005434286, 0.004250026, 0.6324366, (-29145, -28868, -28591, -28314, -28037)),
  ):
    options = dict(options_type="LeakyReluOptions", options=(("alpha", alpha),))
    m = Map("LEAKY_RELU", "int16", f"ties-{s:g}", (5,), (s, 0), (t, 0), **options)
    yield m.case([np.array(values, np.int16)])
  options = dict(options_type="LeakyReluOptions", options=(("alpha", 0.2),))
  yield from _int8_shapes("LEAKY_RELU", (0.06, -7), (0.03, -100), **options)
  yield from _reals("LEAKY_RELU", ulp(0), -8, 8, **options)


def tanh():
  inputs = [(s, z) for s in (*_SCALES, 4e-9, 0.0625, 0.125, 0.5) for z in (0, -128, 127, 5)]
  yield from _int8_tables("TANH", [(x, (1 / 128, 0)) for x in inputs])
  yield from _int8_tables("TANH", [((0.05, 3), (0.01, 0))])
  yield from _int8_shapes("TANH", (0.03, 5), (1 / 128, 0))
  yield from _reals("TANH", ulp(_ULPS), -4, 4)
  yield from _sigmoid_int16("TANH")


def _sigmoid_int16(op):
  # Powers of two that are taken for themselves, their neighbours, and any.
  scales = [2.0**-12, 2.0**-11, 2.0**-12 * 1.0006, 2.0**-12 * 1.0008, 2.0**-11 / 1.0006]
  scales += [2.0**-11 / 1.0008, 2.0**-13, 2.0**-10, 0.0001, 0.0003, 0.00051, 0.001, 0.01, 0.3, 2.6]
  scales += [1e-9, 3e-6]
  yield from _int16(op, [(np.float32(s), 2.0**-15) for s in scales])


def logistic_int16():
  yield from _sigmoid_int16("LOGISTIC")


def hard_swish():
  pairs = [((s, z), (t, w)) for s, t in ((0.05, 0.03), (0.1, 0.1), (0.02, 0.025), (0.5, 0.4),
                                         (0.003, 0.01), (1.5, 1.5))
           for z, w in ((0, 0), (-128, -128), (127, -100), (5, 7))]
  yield from _int8_tables("HARD_SWISH", pairs)
  # Where multipliers made of floats instead of doubles show.
  for s, t in ((0.0786955, 0.08129681), (0.09377957, 0.033449102), (0.024743617, 0.023296809)):
    yield from _int8_tables("HARD_SWISH", [((s, 0), (t, 0))])
  yield from _int8_shapes("HARD_SWISH", (0.06, -7), (0.05, -100))
  # The oracle may contract its three roundings.
  yield from _reals("HARD_SWISH", ulp(2), -8, 8)


# Of tables of real functions: input and output (scale, zero point).
def _real_pairs(outputs):
  return [((s, z), (t, w)) for s, z in ((0.02, 0), (0.05, -128), (0.03, 127), (0.1, 5))
          for t, w in outputs]


def elu():
  yield from _int8_tables("ELU", _real_pairs(((0.05, 0), (0.02, -77), (0.01, 100))))
  yield from _int8_shapes("ELU", (0.06, -7), (0.05, -100))
  yield from _reals("ELU", ulp(_ULPS), -8, 8)


# Input and output scales; the last so coarse that chords miss the function.
_TABLES_INT16 = [(0.0003, 0.0003), (0.0001, 0.001), (0.0005, 0.0002), (2.0**-12, 2.0**-12),
                 (0.004, 0.01)]


def gelu():
  litert = Oracle.LITERT_REFERENCE
  for approximate in (False, True):
    options = dict(options_type="GeluOptions", options=(("approximate", approximate),))
    setting = "-approximate" if approximate else "-exact"
    pairs = _real_pairs(((0.05, 0), (0.02, -77), (0.01, 100)))
    yield from _int8_tables("GELU", pairs, setting, oracle=litert, **options)
    yield from _int16("GELU", _TABLES_INT16, setting, oracle=litert, **options)
    # Below zero the sum 1 + erf cancels: half a unit of 1, times x.
    m = Map("GELU", "float32", "61" + setting, (61,), tolerance=abs_rel(1e-6, 1e-6), oracle=litert,
            **options)
    yield m.case([Random("GELU/float32/61" + setting).floats((61,), -6, 6)])
  options = dict(options_type="GeluOptions", options=(("approximate", False),))
  yield from _int8_shapes("GELU", (0.06, -7), (0.05, -100), oracle=litert, **options)
  yield from _reals("GELU", abs_rel(1e-6, 1e-6), -4, 4, oracle=litert, **options)


def abs_and_neg():
  yield from _int8_tables("ABS", _RESCALINGS)
  yield from _int8_shapes("ABS", (0.06, -7), (0.03, -100))
  yield from _int16("ABS", [(0.001, 0.001), (0.0005, 0.0007), (0.002, 0.001), (0.0001, 0.01)])
  for op, kinds in (("ABS", ("int16", "int32")), ("NEG", ("int16", "int32", "int64"))):
    for kind in kinds:
      in_tflm = (op, kind) == ("ABS", "int16")
      oracle = Oracle.TFLM_REFERENCE if in_tflm else Oracle.LITERT_REFERENCE
      for shape in ((), (7,), (2, 3, 4)):
        random = Random(f"{op}/{kind}/plain-{_text(shape)}")
        m = Map(op, kind, f"plain-{_text(shape)}", shape, oracle=oracle)
        yield m.case([random.integers(kind, shape, -30000, 30000)])
  scales = [(0.001, 0.001), (0.0005, 0.0007), (0.002, 0.001)]
  yield from _twin_int16(_int16("NEG", scales), _neg_int16_twin)
  m = Map("NEG", "int16", "plain-ends", (5,), oracle=Oracle.LITERT_REFERENCE)
  yield m.case([np.array([-32768, -32767, 0, 1, 32767], np.int16)])
  yield from _reals("ABS", ulp(0), -8, 8)
  yield from _reals("NEG", ulp(0), -8, 8)


def elementary():
  positive = [0.0, 1.0, 0.25, 2.0, 4.0, 9.0, 1e-30, 1e30, 0.1, 10.0, 3.0]
  halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, -0.49999997, 8388607.5, -8388607.5, 1e20,
            -0.2, 0.2, -0.0, 0.0, 3.0, -3.0, -0.7]
  yield from _reals("EXP", ulp(_ULPS), -8, 8)
  yield from _reals("LOG", ulp(_ULPS), 0.01, 8, positive[1:])
  yield from _reals("SQRT", ulp(0), 0, 100, positive)
  yield from _reals("RSQRT", ulp(_ULPS), 0.01, 100, positive[1:])
  yield from _reals("SQUARE", ulp(0), -100, 100)
  yield from _reals("SIN", ulp(_ULPS), -8, 8)
  yield from _reals("COS", ulp(_ULPS), -8, 8)
  for op in ("FLOOR", "CEIL", "ROUND"):
    yield from _reals(op, ulp(0), -8, 8, halves)
  litert = Oracle.LITERT_REFERENCE
  yield from _int8_tables("EXP", _real_pairs(((0.05, 0), (0.5, -128))), oracle=litert)
  pairs = [((s, -128), y) for s in (0.02, 0.1, 1.5) for y in ((0.05, 0), (0.02, -77))]
  yield from _int8_tables("LOG", pairs, oracle=litert)
  yield from _int8_tables("SQRT", pairs, twin=_sqrt_twin)
  yield from _int8_tables("NEG", _RESCALINGS, twin=_neg_twin)
  scales = [(0.0003, 0.0003), (0.0001, 0.001), (0.0005, 0.2), (0.002, 1.0)]
  yield from _int16("EXP", scales, oracle=litert)
  # Of the last a chord rises by more than half of the range.
  scales = [(0.0003, 0.0003), (0.0001, 0.001), (0.1, 0.0005), (0.1, 0.0002)]
  yield from _int16("LOG", scales, oracle=litert)
  roots = [(0.0003, 0.0003), (0.0001, 0.001), (0.1, 0.0005), (1e-6, 0.5), (4.0, 0.001)]
  yield from _twin_int16(_int16("SQRT", roots), _sqrt_int16_twin)
  for x, y in roots:
    m = Map("RSQRT", "int16", f"509-{x:.9g}-{y:.9g}", (509,), (x, 0), (y, 0))
    yield m.case([np.maximum(_every_int16(509), 0)])
  m = Map("RSQRT", "int16", "below_zero", (4,), (0.001, 0), (0.001, 0), oracle=Oracle.TWIN)
  case = m.case([np.array([-32768, -1, 0, 9], np.int16)])  # which TFLM refuses when it meets them
  case.twin = lambda q: [np.array([32767, 32767, 32767, 10541], np.int16)]
  yield case
  above_zero = [((0.02, -128), y) for y in ((0.05, 0), (0.02, -77))]
  yield from _int8_tables("RSQRT", [*above_zero, ((1.5, -128), (0.01, -128)), ((0.1, -128), (0.5, 3))])


def elementary_int8():
  """Which neither TFLM nor LiteRT has."""
  waves = _real_pairs(((1 / 128, 0), (0.02, -77), (0.005, -128), (0.006, 127)))
  waves += [((4.0, -3), (0.01, 2)), ((0.0001, 127), (0.0003, -128))]
  squares = _real_pairs(((0.05, 0), (0.5, -128), (0.02, 100), (0.3, 127)))
  squares += [((1.0, 3), (2.0, -4)), ((1e20, 3), (1.0, -5)), ((1e-30, 3), (1.0, -5))]
  # Halves of the real numbers, and of the output's steps.
  steps = [((s, z), y) for s, z in ((0.5, 0), (0.25, -128), (0.1, 127), (0.7, 5))
           for y in ((1.0, 0), (2.0, -77), (0.4, 127), (0.05, -128))]
  for op, f, is_exact, pairs in (
      ("SIN", lambda x: np.sin(x.astype(np.float64)), False, waves),
      ("COS", lambda x: np.cos(x.astype(np.float64)), False, waves),
      ("SQUARE", np.square, True, squares),
      ("FLOOR", np.floor, True, steps),
      ("CEIL", np.ceil, True, steps),
      ("ROUND", np.rint, True, steps),
  ):
    twin = _real_twin(f, is_exact)
    yield from _int8_tables(op, pairs, twin=twin)
    yield from _int8_shapes(op, (0.06, -7), (0.05, -100), twin=twin)


def logical_not():
  for shape in _SHAPES:
    random = Random(f"LOGICAL_NOT/bool/{_text(shape)}")
    m = Map("LOGICAL_NOT", "bool", _text(shape), shape)
    yield m.case([random.integers("int8", shape, 0, 1).astype(np.bool_)])


def zeros_like():
  for kind in ("float32", "int8", "int32", "int64"):
    for shape in ((), (3,), (2, 3, 4)):
      q = (0.1, 7) if kind == "int8" else None
      random = Random(f"ZEROS_LIKE/{kind}/{_text(shape)}")
      yield Map("ZEROS_LIKE", kind, _text(shape), shape, q, q).case([random.data(kind, shape)])


def activations():
  for cases in (relu, leaky_relu, tanh, logistic_int16, hard_swish, elu, gelu):
    yield from cases()


def functions():
  for cases in (abs_and_neg, elementary, elementary_int8, logical_not, zeros_like):
    yield from cases()


PACKS = {"activations": activations, "functions": functions}
