# SPDX-License-Identifier: Apache-2.0
"""uint8 networks of TF 1: their operators beside those that other families have for all types.

Weights are uint8 with a zero point. Windows and layers are those of the other families.
"""

import copy
import dataclasses

import numpy as np

from case import Case, Kind, Oracle, Random
from families.arithmetic import Operator, Pair
from families.conversion import _requantize
from families.convolution import _few_windows, _operator as convolution_operator
from families.fully_connected import Layer, _few_layers
from families.pooling import SAME, VALID, Pool
from model import ABSENT, Activation, Model
from twins import quantize_multiplier, requantize

_LITERT = Oracle.LITERT_REFERENCE
_BYTE = 74  # the standard deviation of a uniform byte


def _numbers(random, weights_shape, units, terms, setting):
  """Parameters of input, weights, bias and output, and the constants."""
  drawn = (random.scale(), random.scale(0.002, 0.02), None)
  input_scale, weight_scale, output_scale = setting.scales or drawn
  if output_scale is None:
    spread = _BYTE * _BYTE * np.sqrt(terms) * input_scale * weight_scale
    output_scale = spread / 60 / setting.gain * random.floats((), 0.8, 1.25)
  zi, zw = (int(z) for z in random.integers("uint8", (2,)))
  zo = int(random.integers("uint8", (), 28, 228))
  zi = zi if setting.input_zero_point is None else setting.input_zero_point + 128
  zo = zo if setting.output_zero_point is None else setting.output_zero_point + 128
  reach = int(_BYTE * _BYTE * np.sqrt(terms))
  return (
      dict(scale=np.float32(input_scale), zero_point=zi),
      dict(
          scale=np.float32(weight_scale),
          zero_point=zw,
          data=random.integers("uint8", weights_shape),
      ),
      dict(
          scale=np.float32(input_scale) * np.float32(weight_scale),
          data=random.integers("int32", (units,), -reach, reach),
      ),
      dict(scale=np.float32(output_scale), zero_point=zo),
  )


def _operands(bias, x, w, b):
  return {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[bias]


def _convolution(op, window):
  name = f"{op}/uint8/{window}"
  random = Random(name)
  depthwise = op == "DEPTHWISE_CONV_2D"
  shape = (window.outputs, *window.kernel, window.image[3])
  if depthwise:
    shape = (1, *window.kernel, window.outputs)
  numbers = _numbers(random, shape, window.outputs, window.terms(depthwise), window)
  model = Model()
  x = model.input("uint8", window.image, **numbers[0])
  w = model.tensor("uint8", shape, **numbers[1])
  b = model.tensor("int32", (window.outputs,), **numbers[2])
  extents = (window.image[0], window.extent(0), window.extent(1), window.outputs)
  y = model.output("uint8", extents, **numbers[3])
  convolution_operator(model, op, window, x, w, b, y, 1)
  invokes = [[values] for values in random.inputs("uint8", window.image)]
  case = Case(name, model, invokes, oracle=_LITERT)
  if window.bias != "given":  # which LiteRT refuses
    case.oracle_model = copy.deepcopy(model)
    case.oracle_model._constants[b][:] = 0
    case.oracle_model._operators[0].inputs = [x, w, b]
  return case


def _windows(depthwise):
  for window in _few_windows(depthwise):
    yield dataclasses.replace(window, per_channel=False)
  base = next(_few_windows(depthwise))
  for zi in (-128, 127):
    for zo in (-128, 127):
      yield dataclasses.replace(base, input_zero_point=zi, output_zero_point=zo, per_channel=False)


def _clamp(activation, scale, zero_point):
  """The quantized values of the activation's ends, within uint8."""
  low, high = {
      Activation.NONE: (None, None),
      Activation.RELU: (0, None),
      Activation.RELU6: (0, 6),
      Activation.RELU_N1_TO_1: (-1, 1),
  }[activation]

  def quantized(value):
    steps = np.float32(value) / np.float32(scale)
    return zero_point + int(np.trunc(steps + np.copysign(0.5, steps)))

  return (
      0 if low is None else int(np.clip(quantized(low), 0, 255)),
      255 if high is None else int(np.clip(quantized(high), 0, 255)),
  )


def _fully_connected(layer):
  name = f"FULLY_CONNECTED/uint8/{layer}"
  random = Random(name)
  shape = (layer.units, layer.depth)
  numbers = _numbers(random, shape, layer.units, layer.depth, layer)
  model = Model()
  x = model.input("uint8", layer.input, **numbers[0])
  w = model.tensor("uint8", shape, **numbers[1])
  b = model.tensor("int32", (layer.units,), **numbers[2])
  y = model.output("uint8", layer.output(), **numbers[3])
  options = dict(fusedActivationFunction=layer.activation, keepNumDims=layer.keep_num_dims)
  operands = _operands(layer.bias, x, w, b)
  model.operator("FULLY_CONNECTED", operands, [y], "FullyConnectedOptions", 1, **options)

  def twin(values):
    inputs, weights, bias, output = numbers
    rows = values.reshape(-1, layer.depth).astype(np.int64) - inputs["zero_point"]
    sums = rows @ (weights["data"].astype(np.int64) - weights["zero_point"]).T
    if layer.bias == "given":
      sums += bias["data"]
    real = float(inputs["scale"]) * float(weights["scale"]) / float(output["scale"])
    scaled = requantize(sums, *quantize_multiplier(real)) + output["zero_point"]
    clamped = np.clip(scaled, *_clamp(layer.activation, output["scale"], output["zero_point"]))
    return [clamped.astype(np.uint8).reshape(layer.output())]

  invokes = [[values] for values in random.inputs("uint8", layer.input)]
  return Case(name, model, invokes, oracle=Oracle.TWIN, twin=twin)


def _layers():
  for layer in _few_layers():
    yield dataclasses.replace(layer, per_channel=False)
  for bias in ("absent", "short"):
    yield Layer((2, 11), 11, 6, bias=bias)
  for zi in (-128, 127):
    for zo in (-128, 127):
      yield Layer((2, 11), 11, 6, input_zero_point=zi, output_zero_point=zo)


def _per_channel():
  """Nothing says what the zero points of such weights would mean."""
  model = Model()
  x = model.input("uint8", (1, 2, 2, 1), 0.5, 3)
  w = model.tensor("uint8", (2, 1, 1, 1), (0.5, 0.25), 7, 0, np.ones((2, 1, 1, 1)))
  b = model.tensor("int32", (2,), (0.25, 0.125), data=np.zeros(2))
  y = model.output("uint8", (1, 2, 2, 2), 0.5, 3)
  window = dataclasses.replace(next(_few_windows(False)), kernel=(1, 1))
  convolution_operator(model, "CONV_2D", window, x, w, b, y, 1)
  zeros = np.zeros((1, 2, 2, 1), np.uint8)
  name = "CONV_2D/uint8/refused-per_channel"
  return Case(name, model, [[zeros]], kind=Kind.REFUSE, oracle=_LITERT)


def _pool(op, pool):
  name = f"{op}/uint8/{pool}"
  random = Random(name)
  scale = pool.scale or random.scale(0.005, 0.1)
  zero_point = int(random.integers("uint8", ())) if pool.zero_point is None else pool.zero_point
  model = Model()
  x = model.input("uint8", pool.image, scale, zero_point)
  extents = (pool.image[0], pool.extent(0), pool.extent(1), pool.image[3])
  y = model.output("uint8", extents, scale, zero_point)
  model.operator(
      op,
      [x],
      [y],
      "Pool2DOptions",
      padding=pool.padding,
      strideH=pool.stride[0],
      strideW=pool.stride[1],
      filterHeight=pool.window[0],
      filterWidth=pool.window[1],
      fusedActivationFunction=pool.activation,
  )
  return Case(name, model, [[v] for v in random.inputs("uint8", pool.image)], oracle=_LITERT)


def _pools():
  for c in (1, 3, 4, 5, 9):
    yield Pool((1, 4, 5, c), (2, 2), (2, 2), VALID)
  for padding in (SAME, VALID):
    yield Pool((1, 5, 6, 5), (3, 2), (1, 2), padding)
  yield Pool((1, 2, 3, 3), (5, 5))
  yield Pool((2, 4, 3, 3), (2, 2), (2, 2))
  yield Pool((1, 16, 16, 1), (16, 16), (1, 1), VALID)
  for activation in Activation:
    for zero_point in (0, 255, 100):
      yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, activation, zero_point, 0.05)


def _softmax(shape, beta, scale, zero_point):
  text = "x".join(map(str, shape))
  name = f"SOFTMAX/uint8/{text}-beta{beta:g}-scale{scale:g}-z{zero_point}"
  random = Random(name)
  model = Model()
  x = model.input("uint8", shape, scale, zero_point)
  y = model.output("uint8", shape, 1 / 256, 0)
  model.operator("SOFTMAX", [x], [y], "SoftmaxOptions", beta=beta)
  return Case(name, model, [[v] for v in random.inputs("uint8", shape)], oracle=_LITERT)


def _softmaxes():
  for depth in (1, 2, 3, 10, 17, 300):
    yield _softmax((1, depth), 1.0, 0.1, 128)
  yield _softmax((2, 3, 4), 1.0, 0.05, 0)
  for beta in (0.5, 2.0):
    yield _softmax((1, 12), beta, 0.25, 255)
  for scale in (0.001, 1.0, 8.0):
    yield _softmax((3, 9), 1.0, scale, 7)


def _pairs():
  for shapes in (((), ()), ((7,), (7,)), ((2, 3, 4), (4,)), ((1, 4, 3, 5), (1, 4, 3, 1))):
    yield Pair(shapes, zero_points=(3, 200, 120))
  yield Pair(((2, 2, 5), (5,)), constant=1, zero_points=(128, 77, 128))
  for zero_points in ((0, 0, 0), (255, 255, 255), (0, 255, 128)):
    yield Pair(((4, 9), (4, 9)), zero_points=zero_points)
  for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
    yield Pair(((3, 7), (7,)), activation, zero_points=(99, 150, 60))


_BINARY = (
    Operator("ADD", "uint8", "AddOptions", lambda a, b: (a + b) * 0.7, oracle=_LITERT),
    Operator("SUB", "uint8", "SubOptions", lambda a, b: (a + b) * 0.7, oracle=_LITERT),
    Operator("MUL", "uint8", "MulOptions", lambda a, b: a * b * 90, oracle=_LITERT),
)


def layers_uint8():
  for op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
    for window in dict.fromkeys(_windows(op == "DEPTHWISE_CONV_2D")):
      yield _convolution(op, window)
  yield _per_channel()
  for layer in dict.fromkeys(_layers()):
    yield _fully_connected(layer)
  for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    for pool in _pools():
      yield _pool(op, pool)
  yield from _softmaxes()


def _table(op, parameters, output):
  model = Model()
  x = model.input("uint8", (256,), *parameters)
  y = model.output("uint8", (256,), *output)
  model.operator(op, [x], [y])
  name = f"{op}/uint8/256-{parameters[0]:g}z{parameters[1]}"
  return Case(name, model, [[np.arange(256).astype(np.uint8)]], oracle=_LITERT)


def arithmetic_uint8():
  for operator in _BINARY:
    for pair in _pairs():
      yield operator.case(pair)
  for op, output in (("LOGISTIC", (1 / 256, 0)), ("TANH", (1 / 128, 128))):
    for parameters in ((0.05, 128), (0.1, 3), (0.02, 255), (0.3, 77)):
      yield _table(op, parameters, output)
  for source, target in (((0.05, 0), (0.05, 0)), ((0.05, 3), (0.07, 200)), ((0.5, 255), (0.25, 9))):
    case = _requantize("uint8", "uint8", (256,), source, target)
    case.oracle = _LITERT
    yield case


PACKS = {"layers_uint8": layers_uint8, "arithmetic_uint8": arithmetic_uint8}
