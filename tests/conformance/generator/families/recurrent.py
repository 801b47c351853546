# SPDX-License-Identifier: Apache-2.0
"""SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM: operators that keep a state from one invoke to the next."""

import dataclasses

import numpy as np

from case import Case, Oracle, Random, SumOf, abs_rel
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


@dataclasses.dataclass(frozen=True)
class Lstm:
  """An LSTM without its numbers."""

  batches: int
  steps: int
  inputs: int
  cells: int
  time_major: bool = False
  cell_clip: float = 0.0
  cell_power: int = -11  # the cell state's scale is 2 to this
  input_zero_point: int = None  # None: drawn
  hidden_zero_point: int = None
  hidden_scale: float = None
  operands: int = 24
  gain: float = 1.0  # of the gates' arguments

  def __str__(self):
    parts = [f"{self.batches}x{self.steps}x{self.inputs}", f"c{self.cells}"]
    if self.time_major:
      parts.append("time_major")
    if self.cell_clip:
      parts.append(f"clip{self.cell_clip:g}")
    if self.cell_power != -11:
      parts.append(f"cell2^{self.cell_power}")
    if self.input_zero_point is not None:
      parts.append(f"zi{self.input_zero_point}")
    if self.hidden_zero_point is not None:
      parts.append(f"zh{self.hidden_zero_point}")
    if self.hidden_scale is not None:
      parts.append(f"hidden{self.hidden_scale:g}")
    if self.operands != 24:
      parts.append(f"operands{self.operands}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    return "-".join(parts)


def _lstm_model(kind, layer, random):
  model = Model()
  quantized = kind != "float32"
  shape = (layer.batches, layer.steps)
  shape = shape[::-1] if layer.time_major else shape
  states = (layer.batches, layer.cells)
  zi = zh = 0
  if kind == "int8":
    zi = int(random.integers(kind, ()))
    zh = int(random.integers(kind, (), -20, 20))
    zi = zi if layer.input_zero_point is None else layer.input_zero_point
    zh = zh if layer.hidden_zero_point is None else layer.hidden_zero_point
  top = 128 if kind == "int8" else 32768
  input_scale = np.float32(float(random.scale(0.5, 2.0)) / top)
  hidden_scale = np.float32(layer.hidden_scale or 1.0 / top)
  x = model.input(
      kind, (*shape, layer.inputs), **(dict(scale=input_scale, zero_point=zi) if quantized else {})
  )
  operands = [x]
  for depth in (layer.inputs, layer.cells):
    for _ in range(4):
      if quantized:
        # Arguments of the gates spread over some units of each sign.
        reach = layer.gain * 3.0 / np.sqrt(depth)
        data = random.integers("int8", (layer.cells, depth), -127)
        scale = np.float32(reach / 127 * float(random.scale(0.7, 1.4)))
        operands.append(model.tensor("int8", (layer.cells, depth), scale, data=data))
      else:
        data = random.floats((layer.cells, depth)) * np.float32(layer.gain)
        operands.append(model.tensor(kind, (layer.cells, depth), data=data))
  weights = list(operands[1:5])
  operands += [ABSENT] * 3
  for gate in range(4):
    if quantized:
      scale = input_scale * model._tensors[weights[gate]].quantization.scale[0]
      reach = int(2.0 / scale)
      bias_kind = "int32" if kind == "int8" else "int64"
      data = random.integers("int32", (layer.cells,), -reach, reach)
      operands.append(model.tensor(bias_kind, (layer.cells,), scale, data=data))
    else:
      operands.append(model.tensor(kind, (layer.cells,), data=random.floats((layer.cells,))))
  operands += [ABSENT] * 2
  if quantized:
    operands.append(model.variable(kind, states, hidden_scale, zh))
    operands.append(model.variable("int16", states, np.float32(2.0**layer.cell_power), 0))
  else:
    operands += [model.variable(kind, states), model.variable(kind, states)]
  operands += [ABSENT] * (layer.operands - 20)
  y = model.output(
      kind,
      (*shape, layer.cells),
      **(dict(scale=hidden_scale, zero_point=zh) if quantized else {}),
  )
  model.operator(
      "UNIDIRECTIONAL_SEQUENCE_LSTM",
      operands,
      [y],
      "UnidirectionalSequenceLSTMOptions",
      1,
      fusedActivationFunction=4,  # TANH
      cellClip=layer.cell_clip,
      projClip=0.0,
      timeMajor=layer.time_major,
  )
  return model


def _lstm(kind, layer):
  name = f"UNIDIRECTIONAL_SEQUENCE_LSTM/{kind}/{layer}"
  model = _lstm_model(kind, layer, Random(name))
  random = Random(name + "/inputs")
  shape = (layer.batches, layer.steps)
  shape = (*(shape[::-1] if layer.time_major else shape), layer.inputs)
  invokes = [[random.data(kind, shape)] for _ in range(3)]
  case = Case(name, model, invokes)
  if layer.operands != 24:  # trailing absent operands may be left out
    case.oracle_model = _lstm_model(
        kind, dataclasses.replace(layer, operands=24), Random(name)
    )
  if kind == "float32":
    case.tolerance = abs_rel(1e-5, 0)
  return case


def _lstm_layers():
  for inputs in (1, 2, 3, 4, 5, 8, 9):
    yield Lstm(1, 2, inputs, 4)
  for cells in (1, 2, 3, 5, 7, 8, 9):
    yield Lstm(1, 3, 3, cells)
  for batches, steps in ((2, 3), (3, 1), (4, 2)):
    yield Lstm(batches, steps, 4, 5)
    yield Lstm(batches, steps, 4, 5, time_major=True)
  yield Lstm(1, 9, 6, 6)
  yield Lstm(1, 2, 34, 17)
  for clip in (0.0001, 0.3, 2.0, 100.0):
    yield Lstm(1, 4, 3, 6, cell_clip=clip)
  yield Lstm(1, 2, 3, 4, operands=20)


def unidirectional_sequence_lstm():
  for kind in ("int8", "int16", "float32"):
    for layer in _lstm_layers():
      yield _lstm(kind, layer)
    for gain in (0.05, 8.0):
      yield _lstm(kind, Lstm(1, 4, 5, 6, gain=gain))
  for kind in ("int8", "int16"):
    for power in (-15, -14, -13, -12, -9, -5):
      yield _lstm(kind, Lstm(1, 5, 4, 5, cell_power=power))
    top = 128 if kind == "int8" else 32768
    for scale in (0.7, 1.3, 0.011):
      yield _lstm(kind, Lstm(1, 4, 4, 5, hidden_scale=scale / top))
  for zi in (-128, 127, 0):
    for zh in (-128, 127, 0):
      yield _lstm("int8", Lstm(1, 3, 5, 5, input_zero_point=zi, hidden_zero_point=zh))
  yield _lstm("int16", Lstm(1, 2, 300, 5))


def _lstm_hybrid(layer, asymmetric):
  """Float activations, int8 weights."""
  name = f"UNIDIRECTIONAL_SEQUENCE_LSTM/float32_int8/{layer}" + "-asymmetric" * asymmetric
  model = _lstm_model("float32", layer, Random(name))
  for index in range(1, 9):
    weights = model._constants[index]
    scale = np.float32(np.max(np.abs(weights)) / 127)
    model.quantize(index, "int8", scale, np.round(weights / scale))
  model._operators[0].builtinOptions.asymmetricQuantizeInputs = asymmetric
  random = Random(name + "/inputs")
  shape = (layer.batches, layer.steps)
  shape = (*(shape[::-1] if layer.time_major else shape), layer.inputs)
  invokes = [[random.floats(shape)] for _ in range(3)]
  return Case(name, model, invokes, abs_rel(1e-5, 0), oracle=Oracle.LITERT_REFERENCE)


def unidirectional_sequence_lstm_hybrid():
  for layer in _lstm_layers():
    if layer.operands == 24:
      yield _lstm_hybrid(layer, False)
  for layer in (Lstm(1, 3, 5, 6), Lstm(2, 2, 4, 5), Lstm(2, 2, 4, 5, time_major=True)):
    yield _lstm_hybrid(layer, True)


PACKS = {
    "svdf": svdf,
    "unidirectional_sequence_lstm": unidirectional_sequence_lstm,
    "unidirectional_sequence_lstm_hybrid": unidirectional_sequence_lstm_hybrid,
}
