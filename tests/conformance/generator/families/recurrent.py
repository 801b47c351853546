# SPDX-License-Identifier: Apache-2.0
"""SVDF: operators that keep a state from one invoke to the next."""

import dataclasses

import numpy as np

from case import Case, Random, SumOf
from model import ABSENT, Activation, Model


@dataclasses.dataclass(frozen=True)
class Svdf:
  """An SVDF layer without its numbers."""

  batches: int
  inputs: int
  units: int
  rank: int
  memory: int
  activation: Activation = Activation.NONE
  bias: bool = True
  input_zero_point: int = None  # None: drawn
  output_zero_point: int = None
  state_zero_point: int = 0
  gain: float = 1.0  # of both multipliers
  scales: tuple = None  # input, feature, state, time, output; None: drawn

  def __str__(self):
    parts = [f"{self.batches}x{self.inputs}", f"u{self.units}r{self.rank}m{self.memory}"]
    if self.activation != Activation.NONE:
      parts.append(self.activation.name.lower())
    if not self.bias:
      parts.append("bias_absent")
    if self.input_zero_point is not None:
      parts.append(f"zi{self.input_zero_point}")
    if self.output_zero_point is not None:
      parts.append(f"zo{self.output_zero_point}")
    if self.state_zero_point:
      parts.append(f"zs{self.state_zero_point}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    return "-".join(parts)


def _svdf_model(layer, state_kind, random, bias):
  """The model, its bias given as an array or None."""
  quantized = state_kind != "float32"
  kind = "int8" if quantized else "float32"
  filters = layer.units * layer.rank
  feature_shape, time_shape = (filters, layer.inputs), (filters, layer.memory)
  model = Model()
  if quantized:
    drawn = [float(random.scale()) for _ in range(2)]
    # 74 is the standard deviation of a uniform byte.
    state_spread = 74 * 74 * np.sqrt(layer.inputs) * drawn[0] * drawn[1]
    state_scale = state_spread / (40 if state_kind == "int8" else 9000) / layer.gain
    time_scale = float(random.scale()) / (1 if state_kind == "int8" else 256)
    state_reach, time_reach = (40, 74) if state_kind == "int8" else (9000, 18900)
    output_spread = state_reach * time_reach * np.sqrt(layer.rank * layer.memory)
    output_scale = output_spread * state_scale * time_scale / 60 / layer.gain
    scales = layer.scales or (*drawn, state_scale, time_scale, output_scale)
    zi = int(random.integers("int8", ()))
    zo = int(random.integers("int8", (), -100, 100))
    zi = zi if layer.input_zero_point is None else layer.input_zero_point
    zo = zo if layer.output_zero_point is None else layer.output_zero_point
    of = lambda index, zero_point=0: dict(scale=np.float32(scales[index]), zero_point=zero_point)
  else:
    zi = zo = 0
    of = lambda index, zero_point=0: {}
  weights = -127 if quantized else -1
  x = model.input(kind, (layer.batches, layer.inputs), **of(0, zi))
  feature = model.tensor(
      kind, feature_shape, **of(1), data=random.data(kind, feature_shape, weights)
  )
  time = model.tensor(
      state_kind, time_shape, **of(3), data=random.data(state_kind, time_shape)
  )
  b = ABSENT
  if bias is not None:
    bias_scale = dict(scale=np.float32(scales[2]) * np.float32(scales[3])) if quantized else {}
    b = model.tensor("int32" if quantized else kind, bias.shape, **bias_scale, data=bias)
  state = model.variable(
      state_kind, (layer.batches, filters * layer.memory), **of(2, layer.state_zero_point)
  )
  y = model.output(kind, (layer.batches, layer.units), **of(4, zo))
  model.operator(
      "SVDF",
      [x, feature, time, b, state],
      [y],
      "SVDFOptions",
      2,
      rank=layer.rank,
      fusedActivationFunction=layer.activation,
  )
  return model


def _svdf(state_kind, layer):
  types = state_kind if state_kind == "float32" else f"int8_state_{state_kind}"
  name = f"SVDF/{types}/{layer}"
  kind = "float32" if state_kind == "float32" else "int8"
  bias = None
  if layer.bias:
    reach = {"int8": 6000, "int16": 1 << 26}.get(state_kind)
    if reach:
      bias = Random(name + "/bias").integers("int32", (layer.units,), -reach, reach)
    else:
      bias = Random(name + "/bias").floats((layer.units,), -2, 2)
  model = _svdf_model(layer, state_kind, Random(name), bias)
  random = Random(name + "/inputs")
  shape = (layer.batches, layer.inputs)
  # More invokes than the memory has steps, of both spreads.
  invokes = []
  while len(invokes) < layer.memory + 2:
    invokes += [[values] for values in random.inputs(kind, shape)]
  case = Case(name, model, invokes)
  if kind == "float32":
    case.tolerance = SumOf(layer.inputs + layer.rank * layer.memory + 1)
  if bias is None:  # the oracle crashes without one: zeros are the same
    zeros = np.zeros(layer.units, np.float32 if kind == "float32" else np.int32)
    case.oracle_model = _svdf_model(layer, state_kind, Random(name), zeros)
  return case


def _svdf_layers():
  for inputs in (1, 2, 3, 4, 5, 8, 9):
    yield Svdf(1, inputs, 4, 1, 3)
  for units in (1, 2, 3, 5, 6, 7, 9):
    yield Svdf(1, 4, units, 1, 2)
  for memory in (1, 2, 4, 5, 8, 9):
    yield Svdf(1, 3, 4, 1, memory)
  for rank in (2, 3, 4, 5):
    yield Svdf(1, 3, 3, rank, 3)
    yield Svdf(2, 5, 2, rank, 2)
  yield Svdf(3, 4, 5, 1, 3)
  yield Svdf(2, 7, 8, 2, 4)
  yield Svdf(1, 3, 4, 2, 2, bias=False)
  yield Svdf(1, 33, 5, 1, 7)


def svdf():
  for state_kind in ("int8", "int16"):
    for layer in _svdf_layers():
      yield _svdf(state_kind, layer)
    base = Svdf(1, 5, 6, 2, 3)
    for zi in (-128, 127, 0):
      for zo in (-128, 127):
        yield _svdf(
            state_kind, dataclasses.replace(base, input_zero_point=zi, output_zero_point=zo)
        )
    for gain in (0.05, 4.0, 50.0):
      yield _svdf(state_kind, dataclasses.replace(base, gain=gain))
    # The quantized operator ignores its activation.
    yield _svdf(state_kind, dataclasses.replace(base, activation=Activation.RELU))
    # A history that begins at its zero point, and saturates around it.
    for zs in (-128, 127, 5, -37):
      yield _svdf(state_kind, dataclasses.replace(base, state_zero_point=zs))
      yield _svdf(state_kind, dataclasses.replace(base, state_zero_point=zs, gain=4.0))
    for scales in (
        (1.0, 1.0, 1.0, 1.0, 1.0),
        (0.5, 0.25, 4.0, 0.5, 16.0),
        (0.1, 0.3, 0.7, 0.1, 0.9),
        (2.0, 0.5, 0.25, 0.5, 0.125),
        (1e-5, 1e-4, 0.9, 1e-4, 0.3),
    ):
      yield _svdf(state_kind, dataclasses.replace(base, scales=scales))
  for layer in _svdf_layers():
    yield _svdf("float32", layer)
  for activation in (Activation.RELU, Activation.RELU_N1_TO_1, Activation.RELU6):
    yield _svdf("float32", Svdf(2, 5, 3, 2, 3, activation=activation))


PACKS = {"svdf": svdf}
