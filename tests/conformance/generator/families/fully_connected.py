# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED and BATCH_MATMUL."""

import dataclasses

import numpy as np

from case import EXACT, Case, Oracle, Random, SumOf
from families.float_weights import dynamic_range_tolerance, half_constant
from model import ABSENT, Activation, Model


@dataclasses.dataclass(frozen=True)
class Layer:
  """A layer without its numbers."""

  input: tuple  # any rank; its elements fill whole rows of `depth`
  depth: int
  units: int
  activation: Activation = Activation.NONE
  keep_num_dims: bool = False
  bias: str = "given"  # or "absent": index -1, or "short": no third operand
  per_channel: bool = False
  weight_zero_point: int = 0
  input_zero_point: int = None  # None: drawn
  output_zero_point: int = None
  gain: float = 1.0  # above 1 the outputs saturate; far below they crowd around the zero point
  scales: tuple = None  # input, weights, output; None: drawn

  def output(self):
    if self.keep_num_dims:
      return (*self.input[:-1], self.units)
    return (int(np.prod(self.input)) // self.depth, self.units)

  def __str__(self):
    parts = ["x".join(map(str, self.input)), f"{self.depth}to{self.units}"]
    if self.activation != Activation.NONE:
      parts.append(self.activation.name.lower())
    if self.keep_num_dims:
      parts.append("keep_num_dims")
    if self.bias != "given":
      parts.append(f"bias_{self.bias}")
    if self.per_channel:
      parts.append("per_channel")
    if self.weight_zero_point:
      parts.append(f"zw{self.weight_zero_point}")
    if self.input_zero_point is not None:
      parts.append(f"zi{self.input_zero_point}")
    if self.output_zero_point is not None:
      parts.append(f"zo{self.output_zero_point}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    return "-".join(parts)


def _case(kind, layer):
  name = f"FULLY_CONNECTED/{kind}/{layer}"
  random = Random(name)
  filter_shape = (layer.units, layer.depth)
  model = Model()
  if kind == "float32":
    x = model.input(kind, layer.input)
    w = model.tensor(kind, filter_shape, data=random.floats(filter_shape))
    b = model.tensor(kind, (layer.units,), data=random.floats((layer.units,), -2, 2))
    y = model.output(kind, layer.output())
  else:
    slices = layer.units if layer.per_channel else 1
    input_scale, weight_scale, output_scale = layer.scales or (
        random.scale(),
        random.scale(0.002, 0.02, slices),
        None,
    )
    weight_scale = np.broadcast_to(np.float32(weight_scale), slices)
    if output_scale is None:
      # 74 is the standard deviation of a uniform byte: see convolution.py.
      spread = 74 * 74 * np.sqrt(layer.depth) * input_scale * np.mean(weight_scale)
      output_scale = np.float32(spread / 60 / layer.gain * random.floats((), 0.8, 1.25))
    zi = int(random.integers("int8", ()))
    zo = int(random.integers("int8", (), -100, 100))
    zi = zi if layer.input_zero_point is None else layer.input_zero_point
    zo = zo if layer.output_zero_point is None else layer.output_zero_point
    weights = random.integers("int8", filter_shape, -127)
    reach = int(74 * 74 * np.sqrt(layer.depth))
    bias = random.integers("int32", (layer.units,), -reach, reach)
    x = model.input(kind, layer.input, input_scale, zi)
    w = model.tensor("int8", filter_shape, weight_scale, layer.weight_zero_point, 0, weights)
    b = model.tensor("int32", bias.shape, np.float32(input_scale) * weight_scale, 0, 0, bias)
    y = model.output(kind, layer.output(), output_scale, zo)
  operands = {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[layer.bias]
  model.operator(
      "FULLY_CONNECTED",
      operands,
      [y],
      "FullyConnectedOptions",
      1 if kind == "float32" else 4,
      fusedActivationFunction=layer.activation,
      keepNumDims=layer.keep_num_dims,
  )
  case = Case(name, model, [[values] for values in random.inputs(kind, layer.input)])
  if kind == "float32":
    case.tolerance = SumOf(layer.depth + 1)
  return case


def _narrow_or_wide(kind, layer, bias_type=None):
  """int8 activations with int4 weights, or int16 activations with int8 weights."""
  name = f"FULLY_CONNECTED/{kind}/{layer}" + (f"-{bias_type}" if bias_type else "")
  random = Random(name)
  activations, weight_kind, bias_kind = {
      "int8_int4": ("int8", "int4", "int32"),
      "int16_bias64": ("int16", "int8", "int64"),
      "int16_bias32": ("int16", "int8", "int32"),
  }[kind]
  filter_shape = (layer.units, layer.depth)
  # Standard deviations of uniform values of these types.
  input_spread = 18918 if activations == "int16" else 74
  weight_spread = 74 if weight_kind == "int8" else 4.3
  spread = input_spread * weight_spread * np.sqrt(layer.depth)
  slices = layer.units if layer.per_channel else 1
  input_scale = random.scale() * np.float32(74 / input_spread)
  weight_scale = random.scale(0.002, 0.02, slices)
  output_scale = np.float32(
      spread * input_scale * np.mean(weight_scale) / input_spread / 0.8 / layer.gain
  )
  if layer.scales is not None:
    input_scale, weight_scale, output_scale = layer.scales
    weight_scale = np.full(slices, weight_scale, np.float32)
  zi = int(random.integers("int8", ())) if activations == "int8" else 0
  zo = int(random.integers("int8", (), -100, 100)) if activations == "int8" else 0
  model = Model()
  x = model.input(activations, layer.input, input_scale, zi)
  low, high = (-127, 127) if weight_kind == "int8" else (-8, 7)
  weights = random.integers("int8", filter_shape, low, high)
  w = model.tensor(weight_kind, filter_shape, weight_scale, layer.weight_zero_point, 0, weights)
  reach = int(min(spread, 2**31 - 1))
  bias = random.integers("int32", (layer.units,), -reach, reach)
  bias_scale = np.float32(input_scale) * np.float32(weight_scale)
  b = model.tensor(bias_kind, bias.shape, bias_scale, 0, 0, bias)
  y = model.output(activations, layer.output(), output_scale, zo)
  options = dict(fusedActivationFunction=layer.activation, keepNumDims=layer.keep_num_dims)
  if bias_type is not None:
    options["quantizedBiasType"] = {"int32": 2, "int64": 4}[bias_type]
  operands = {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[layer.bias]
  model.operator("FULLY_CONNECTED", operands, [y], "FullyConnectedOptions", 11, **options)
  return Case(name, model, [[values] for values in random.inputs(activations, layer.input)])


def _few_layers():
  for depth in (1, 2, 3, 4, 5, 8, 9, 16, 17):
    yield Layer((2, depth), depth, depth * 3 % 10 + 1)
  yield Layer((1, 600), 600, 3)
  yield Layer((2, 3, 4), 4, 5, keep_num_dims=True)
  for activation in Activation:
    yield Layer((2, 10), 10, 6, activation)
  yield Layer((2, 11), 11, 6, per_channel=True)
  for gain in (0.02, 4.0, 50.0):
    yield Layer((2, 11), 11, 6, gain=gain)
  for scales in ((1.0, 1.0, 1.0), (0.5, 0.5, 64.0), (0.3, 0.01, 1.0), (2.0, 0.5, 0.125)):
    yield Layer((2, 11), 11, 6, scales=scales)


def fully_connected_int16():
  for kind in ("int16_bias64", "int16_bias32"):
    for layer in _few_layers():
      yield _narrow_or_wide(kind, layer)
    yield _narrow_or_wide(kind, Layer((2, 11), 11, 6, weight_zero_point=5))
  for bias in ("absent", "short"):
    for bias_type in ("int32", "int64"):
      yield _narrow_or_wide("int16_bias64", Layer((2, 11), 11, 6, bias=bias), bias_type)
    yield _narrow_or_wide("int16_bias64", Layer((2, 11), 11, 6, bias=bias))


def fully_connected_int4():
  for layer in _few_layers():
    yield _narrow_or_wide("int8_int4", layer)
  for bias in ("absent", "short"):
    yield _narrow_or_wide("int8_int4", Layer((2, 11), 11, 6, bias=bias))
  for zw in (-8, 7):
    yield _narrow_or_wide("int8_int4", Layer((2, 11), 11, 6, weight_zero_point=zw))


def _layers():
  for depth in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33):
    yield Layer((1, depth), depth, depth * 3 % 10 + 1)
  for units in (1, 2, 3, 4, 5, 7, 8, 9, 17):
    yield Layer((1, 6), 6, units)
  for batches in (2, 3, 4, 5):
    yield Layer((batches, 7), 7, 5)
  yield Layer((1, 320), 320, 3)
  # Ranks 1, 3 and 4: flattened to rows, or kept.
  yield Layer((9,), 9, 4)
  yield Layer((2, 3, 4), 12, 5)
  yield Layer((2, 3, 4), 4, 5)
  yield Layer((1, 2, 3, 4), 24, 3)
  yield Layer((2, 2, 3, 2), 6, 3)
  yield Layer((2, 3, 4), 4, 5, keep_num_dims=True)
  yield Layer((2, 1, 3, 5), 5, 2, keep_num_dims=True)
  yield Layer((3, 8), 8, 4, keep_num_dims=True)
  for activation in Activation:
    for bias in ("given", "absent", "short"):
      yield Layer((2, 10), 10, 6, activation, bias=bias)


def _quantized_layers():
  base = Layer((2, 11), 11, 6)
  for zi in (-128, 127, 0):
    for zo in (-128, 127, 0):
      yield dataclasses.replace(base, input_zero_point=zi, output_zero_point=zo)
  for zw in (-128, 127, 1, -37):
    yield dataclasses.replace(base, weight_zero_point=zw)
    yield dataclasses.replace(
        base, weight_zero_point=zw, input_zero_point=-128, activation=Activation.RELU, bias="short"
    )
  for gain in (0.02, 4.0, 50.0):
    yield dataclasses.replace(base, gain=gain)
    yield dataclasses.replace(base, gain=gain, activation=Activation.RELU6)
  # Where one unit of the accumulator shows.
  yield Layer((32, 1), 1, 9, bias="short", gain=16.0)
  yield Layer((32, 1), 1, 9, gain=16.0)
  for scales in (
      (1.0, 1.0, 1.0),
      (1.0, 1.0, 0.3),
      (2.0, 0.5, 0.125),
      (0.5, 0.5, 64.0),
      (0.25, 0.125, 16.0),
      (1e-5, 1e-4, 0.9),
  ):
    yield dataclasses.replace(base, scales=scales)
  for depth, units in ((3, 1), (4, 4), (8, 5), (9, 8), (17, 9)):
    yield Layer((2, depth), depth, units, per_channel=True)
  yield dataclasses.replace(base, per_channel=True, activation=Activation.RELU, bias="absent")
  yield dataclasses.replace(base, per_channel=True, input_zero_point=-128, gain=4.0)
  yield Layer((2, 3, 4), 4, 5, keep_num_dims=True, per_channel=True)


def fully_connected():
  for layer in [*_layers(), *_quantized_layers()]:
    yield _case("int8", layer)
  for layer in _layers():
    yield _case("float32", layer)


def _float_weights(kind, layer, asymmetric=False):
  """Float activations with int8 weights (hybrid), or float16 weights behind a DEQUANTIZE."""
  name = f"FULLY_CONNECTED/{kind}/{layer}" + ("-asymmetric" if asymmetric else "")
  random = Random(name)
  filter_shape = (layer.units, layer.depth)
  bias = random.floats((layer.units,), -2, 2)
  model = Model()
  x = model.input("float32", layer.input)
  if kind == "float32_int8":
    scale = random.scale(0.002, 0.02, layer.units if layer.per_channel else 1)
    weights = random.integers("int8", filter_shape, -127)
    w = model.tensor("int8", filter_shape, scale, 0, 0, weights)
    b = model.tensor("float32", bias.shape, data=bias)
  else:
    w = half_constant(model, random.floats(filter_shape))
    bias_is_half = kind == "float32_float16"
    b = half_constant(model, bias) if bias_is_half else model.tensor("float32", bias.shape, data=bias)
  y = model.output("float32", layer.output())
  operands = {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[layer.bias]
  model.operator(
      "FULLY_CONNECTED",
      operands,
      [y],
      "FullyConnectedOptions",
      9,
      fusedActivationFunction=layer.activation,
      keepNumDims=layer.keep_num_dims,
      asymmetricQuantizeInputs=asymmetric,
  )
  invokes = [[values] for values in random.inputs("float32", layer.input)]
  invokes.append([np.zeros(layer.input, np.float32)])
  case = Case(name, model, invokes, oracle=Oracle.LITERT_REFERENCE)
  if kind == "float32_int8":
    case.tolerance = dynamic_range_tolerance(bias if layer.bias == "given" else bias[:0])
  else:
    case.tolerance = SumOf(layer.depth + 1)
  return case


def _few_float_layers():
  for layer in _few_layers():
    if layer.gain == 1.0 and layer.scales is None:
      yield layer
  for bias in ("absent", "short"):
    yield Layer((2, 11), 11, 6, bias=bias)


def fully_connected_hybrid():
  for layer in _few_float_layers():
    yield _float_weights("float32_int8", layer)
    if not layer.per_channel:
      yield _float_weights("float32_int8", layer, asymmetric=True)


def fully_connected_float16():
  for layer in _few_float_layers():
    if not layer.per_channel:
      yield _float_weights("float32_float16", layer)
  for layer in list(_few_float_layers())[::5]:
    if not layer.per_channel:
      yield _float_weights("float32_float16_bias32", layer)


@dataclasses.dataclass(frozen=True)
class MatMul:
  """A product of matrices without its numbers: dimensions of the batches, then M, K, N."""

  a: tuple
  b: tuple
  m: int
  k: int
  n: int
  adj_x: bool = False
  adj_y: bool = False
  zero_points: tuple = (None, None, None)  # of a, b and the output; None: drawn
  gain: float = 1.0
  scales: tuple = None

  def __str__(self):
    size = lambda batches, *rest: "x".join(map(str, (*batches, *rest)))
    parts = [size(self.a, self.m, self.k), size(self.b, self.k, self.n)]
    if self.adj_x:
      parts.append("adj_x")
    if self.adj_y:
      parts.append("adj_y")
    for label, zero_point in zip(("za", "zb", "zo"), self.zero_points):
      if zero_point is not None:
        parts.append(f"{label}{zero_point}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    return "-".join(parts)


def _matmul(kind, product, constant=False):
  name = f"BATCH_MATMUL/{kind}/{product}" + ("-constant" if constant else "")
  random = Random(name)
  a_shape = (*product.a, *((product.k, product.m) if product.adj_x else (product.m, product.k)))
  b_shape = (*product.b, *((product.n, product.k) if product.adj_y else (product.k, product.n)))
  batches = np.broadcast_shapes(product.a, product.b)
  quantization = [{}, {}, {}]
  if kind != "float32":
    spread = 74 if kind == "int8" else 18918
    scales = [random.scale() * np.float32(74 / spread) for _ in range(2)]
    scales.append(np.float32(spread * np.sqrt(product.k) * scales[0] * scales[1] / product.gain))
    scales = product.scales or scales
    low = {"int8": -100, "int16": 0}[kind]
    drawn = [int(random.integers("int8", (), low, -low)) for _ in range(3)]
    points = [d if z is None else z for d, z in zip(drawn, product.zero_points)]
    quantization = [dict(scale=s, zero_point=z) for s, z in zip(scales, points)]
  model = Model()
  a = model.input(kind, a_shape, **quantization[0])
  constants = dict(data=random.data(kind, b_shape)) if constant else {}
  b = (model.tensor if constant else model.input)(kind, b_shape, **quantization[1], **constants)
  y = model.output(kind, (*batches, product.m, product.n), **quantization[2])
  model.operator(
      "BATCH_MATMUL",
      [a, b],
      [y],
      "BatchMatMulOptions",
      1,
      adjX=product.adj_x,
      adjY=product.adj_y,
  )
  invokes = [[values] for values in random.inputs(kind, a_shape)]
  if not constant:
    invokes = [[x, w] for (x,), w in zip(invokes, random.inputs(kind, b_shape))]
  return Case(name, model, invokes, SumOf(product.k) if kind == "float32" else EXACT)


def _products():
  for adj_x in (False, True):
    for adj_y in (False, True):
      for m, k, n in ((1, 1, 1), (2, 3, 4), (3, 4, 5), (5, 9, 8), (4, 7, 3), (1, 17, 9)):
        yield MatMul((), (), m, k, n, adj_x, adj_y)
      yield MatMul((2,), (2,), 3, 4, 5, adj_x, adj_y)
      yield MatMul((3, 1), (2,), 2, 3, 4, adj_x, adj_y)
  for a, b in (((2, 3), (2, 3)), ((2, 1), (1, 3)), ((), (3,)), ((3,), ()), ((2, 1, 3), (3, 1))):
    yield MatMul(a, b, 2, 3, 5)
  yield MatMul((1, 2), (2, 1), 3, 2, 4, adj_y=True)


def batch_matmul():
  for kind in ("int8", "int16", "float32"):
    for product in _products():
      yield _matmul(kind, product)
    yield _matmul(kind, MatMul((2,), (), 3, 6, 5), constant=True)
    yield _matmul(kind, MatMul((2,), (2,), 3, 6, 5, adj_y=True), constant=True)
  base = MatMul((2,), (2,), 3, 5, 6)
  for za in (-128, 127, 0):
    for zb in (-128, 127, 0):
      yield _matmul("int8", dataclasses.replace(base, zero_points=(za, zb, None)))
  for kind in ("int8", "int16"):
    for gain in (0.02, 4.0, 50.0):
      yield _matmul(kind, dataclasses.replace(base, gain=gain))
    for scales in ((1.0, 1.0, 1.0), (0.5, 0.5, 64.0), (0.3, 0.01, 1.0), (2.0, 0.5, 0.125)):
      yield _matmul(kind, dataclasses.replace(base, scales=scales))


def _matmul_hybrid(product, asymmetric=False):
  """Float a, int8 b."""
  name = f"BATCH_MATMUL/float32_int8/{product}" + "-asymmetric" * asymmetric
  random = Random(name)
  a_shape = (*product.a, *((product.k, product.m) if product.adj_x else (product.m, product.k)))
  b_shape = (*product.b, *((product.n, product.k) if product.adj_y else (product.k, product.n)))
  batches = np.broadcast_shapes(product.a, product.b)
  model = Model()
  a = model.input("float32", a_shape)
  b = model.tensor("int8", b_shape, random.scale(), data=random.integers("int8", b_shape, -127))
  y = model.output("float32", (*batches, product.m, product.n))
  options = dict(adjX=product.adj_x, adjY=product.adj_y, asymmetricQuantizeInputs=asymmetric)
  model.operator("BATCH_MATMUL", [a, b], [y], "BatchMatMulOptions", 4, **options)
  case = Case(name, model, [[values] for values in random.inputs("float32", a_shape)])
  case.oracle = Oracle.LITERT_REFERENCE
  case.tolerance = dynamic_range_tolerance(np.zeros(1))
  if len(batches) > 1:  # LiteRT takes the scale of another batch
    assert not asymmetric
    case.oracle = Oracle.TWIN
    weights, scale = model._constants[b], model._tensors[b].quantization.scale[0]
    case.twin = lambda values: [_matmul_hybrid_twin(product, values, weights, scale)]
  return case


def _matmul_hybrid_twin(product, a, b, b_scale):
  """docs/NUMERICS.md, "Float activations with narrower weights", symmetric."""
  a = a.swapaxes(-1, -2) if product.adj_x else a
  b = b.swapaxes(-1, -2) if product.adj_y else b
  reach = np.max(np.abs(a), axis=-1, keepdims=True)
  scaled = a * (np.float32(127) / reach)
  q = np.sign(scaled) * np.floor(np.abs(scaled) + np.float32(0.5))
  sums = np.matmul(q.astype(np.int64), b.astype(np.int64)).astype(np.float32)
  return sums * (reach / np.float32(127) * np.float32(b_scale))


def batch_matmul_hybrid():
  for product in _products():
    yield _matmul_hybrid(product)
  for adj_x in (False, True):
    for adj_y in (False, True):
      yield _matmul_hybrid(MatMul((2,), (), 3, 6, 5, adj_x, adj_y), asymmetric=True)


PACKS = {
    "fully_connected": fully_connected,
    "fully_connected_int16": fully_connected_int16,
    "fully_connected_int4": fully_connected_int4,
    "fully_connected_hybrid": fully_connected_hybrid,
    "fully_connected_float16": fully_connected_float16,
    "batch_matmul": batch_matmul,
    "batch_matmul_hybrid": batch_matmul_hybrid,
}
