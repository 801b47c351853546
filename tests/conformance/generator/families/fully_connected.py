# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED."""

import dataclasses

import numpy as np

from case import Case, Random, SumOf
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


PACKS = {"fully_connected": fully_connected}
