# SPDX-License-Identifier: Apache-2.0
"""CONV_2D and DEPTHWISE_CONV_2D."""

import dataclasses

import numpy as np

from case import Case, Random, SumOf
from model import ABSENT, Activation, Model, Padding

NONE, RELU, N1, RELU6 = (
    Activation.NONE,
    Activation.RELU,
    Activation.RELU_N1_TO_1,
    Activation.RELU6,
)
SAME, VALID = Padding.SAME, Padding.VALID


@dataclasses.dataclass(frozen=True)
class Window:
  """A convolution without its numbers. Pairs are (height, width)."""

  image: tuple  # N, H, W, C
  outputs: int  # output channels; of a depthwise convolution, C * depth multiplier
  kernel: tuple = (3, 3)
  padding: Padding = SAME
  stride: tuple = (1, 1)
  dilation: tuple = (1, 1)
  activation: Activation = NONE
  per_channel: bool = True
  bias: str = "given"  # or "absent": index -1, or "short": no third operand
  input_zero_point: int = None  # None: drawn
  output_zero_point: int = None
  gain: float = 1.0  # above 1 the outputs saturate; far below they crowd around the zero point
  scales: tuple = None  # input, weights, output; None: drawn

  def extent(self, axis):
    """Output rows (axis 0) or columns (axis 1); 0 or less if the window does not fit."""
    size, kernel = self.image[1 + axis], self.kernel[axis]
    reach = (kernel - 1) * self.dilation[axis] + 1
    if self.padding == VALID:
      size -= reach - 1
    return -(-size // self.stride[axis])

  def terms(self, depthwise):
    """Products in the sum of one output."""
    return self.kernel[0] * self.kernel[1] * (1 if depthwise else self.image[3])

  def __str__(self):
    n, h, w, c = self.image
    parts = [f"{n}x{h}x{w}x{c}", f"k{self.kernel[0]}x{self.kernel[1]}o{self.outputs}"]
    parts.append(self.padding.name.lower())
    if self.stride != (1, 1):
      parts.append(f"s{self.stride[0]}x{self.stride[1]}")
    if self.dilation != (1, 1):
      parts.append(f"d{self.dilation[0]}x{self.dilation[1]}")
    if self.activation != NONE:
      parts.append(self.activation.name.lower())
    if not self.per_channel:
      parts.append("per_tensor")
    if self.bias != "given":
      parts.append(f"bias_{self.bias}")
    if self.input_zero_point is not None:
      parts.append(f"zi{self.input_zero_point}")
    if self.output_zero_point is not None:
      parts.append(f"zo{self.output_zero_point}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    if self.scales is not None:
      parts.append("scales" + "_".join(f"{s:g}" for s in self.scales))
    return "-".join(parts)


def _model(op, kind, window, name):
  """The model, with weights that the name decides, and the inputs of its invokes."""
  random = Random(name)
  depthwise = op == "DEPTHWISE_CONV_2D"
  if depthwise:
    filter_shape = (1, *window.kernel, window.outputs)
    axis = 3
  else:
    filter_shape = (window.outputs, *window.kernel, window.image[3])
    axis = 0
  terms = window.terms(depthwise)
  output_shape = (window.image[0], window.extent(0), window.extent(1), window.outputs)

  model = Model()
  if kind == "float32":
    x = model.input(kind, window.image)
    w = model.tensor(kind, filter_shape, data=random.floats(filter_shape))
    b = model.tensor(kind, (window.outputs,), data=random.floats((window.outputs,), -2, 2))
    y = model.output(kind, output_shape)
  else:
    input_scale, weight_scale, output_scale = window.scales or (random.scale(), None, None)
    slices = window.outputs if window.per_channel else 1
    if weight_scale is None:
      weight_scale = random.scale(0.002, 0.02, slices)
    weight_scale = np.broadcast_to(np.float32(weight_scale), slices)
    if output_scale is None:
      # Outputs of random operands spread over most of the type: 74 is the standard deviation of a
      # uniform byte.
      spread = 74 * 74 * np.sqrt(terms) * input_scale * np.mean(weight_scale)
      output_scale = np.float32(spread / 60 / window.gain * random.floats((), 0.8, 1.25))
    zi = int(random.integers("int8", ()))
    zo = int(random.integers("int8", (), -100, 100))
    zi = zi if window.input_zero_point is None else window.input_zero_point
    zo = zo if window.output_zero_point is None else window.output_zero_point
    weights = random.integers("int8", filter_shape, -127)
    reach = int(74 * 74 * np.sqrt(terms))
    bias = random.integers("int32", (window.outputs,), -reach, reach)
    x = model.input(kind, window.image, input_scale, zi)
    w = model.tensor("int8", filter_shape, weight_scale, 0, axis, weights)
    b = model.tensor("int32", bias.shape, np.float32(input_scale) * weight_scale, 0, 0, bias)
    y = model.output(kind, output_shape, output_scale, zo)

  options = dict(
      padding=window.padding,
      strideH=window.stride[0],
      strideW=window.stride[1],
      dilationHFactor=window.dilation[0],
      dilationWFactor=window.dilation[1],
      fusedActivationFunction=window.activation,
  )
  if depthwise:
    options["depthMultiplier"] = window.outputs // window.image[3]
  operands = {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[window.bias]
  options_type = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
  version = 1 if kind == "float32" else 3
  model.operator(op, operands, [y], options_type, version, **options)
  return model, [[values] for values in random.inputs(kind, window.image)]


def _case(op, kind, window):
  name = f"{op}/{kind}/{window}"
  depthwise = op == "DEPTHWISE_CONV_2D"
  model, invokes = _model(op, kind, window, name)
  case = Case(name, model, invokes)
  if kind == "float32":
    case.tolerance = SumOf(window.terms(depthwise) + 1)
  if depthwise and window.bias == "absent":  # crashes there
    case.oracle_model, _ = _model(op, kind, dataclasses.replace(window, bias="short"), name)
  return case


def _conv_windows():
  # Channels around the tiles of 4 and 8, with 1x1, 1-D and square kernels.
  for c in (1, 2, 3, 4, 5, 7, 8, 9, 16, 17):
    yield Window((1, 3, 4, c), (c * 5) % 17 + 1, (1, 1))
    yield Window((1, 4, 3, c), 17 - c if c < 17 else 4, (3, 3))
  for o in (1, 3, 4, 5, 8, 9, 13):
    yield Window((1, 3, 3, 3), o, (2, 2), VALID, per_channel=o % 2 == 0)
  # From here on mostly one tile of channels and a rest.
  # Every stride with both paddings, on sizes that divide and sizes that do not.
  for stride in ((1, 1), (2, 2), (3, 3), (1, 2), (3, 1)):
    for padding in (SAME, VALID):
      for h, w in ((6, 7), (7, 5), (9, 8)):
        yield Window((1, h, w, 3), 5, (3, 3), padding, stride)
  yield Window((1, 7, 7, 4), 5, (1, 1), VALID, (2, 2))
  yield Window((1, 8, 5, 3), 4, (1, 1), SAME, (3, 2))
  # Dilation; with SAME the reach exceeds the image in the later ones.
  for dilation in ((2, 2), (3, 3), (1, 2), (4, 1)):
    for padding in (SAME, VALID):
      yield Window((1, 9, 9, 3), 5, (3, 3), padding, (1, 1), dilation)
  yield Window((1, 4, 5, 3), 6, (3, 3), SAME, (1, 1), (4, 4))
  yield Window((1, 9, 7, 2), 9, (2, 3), SAME, (2, 2), (2, 1))
  # Kernels larger than the image, even kernels, and rows and columns (1-D).
  yield Window((1, 2, 2, 3), 4, (5, 5))
  yield Window((1, 1, 1, 5), 7, (3, 3))
  yield Window((1, 3, 2, 2), 5, (7, 4), stride=(2, 2))
  yield Window((1, 5, 5, 2), 5, (2, 2))
  yield Window((1, 6, 6, 2), 3, (4, 4), stride=(2, 2))
  yield Window((1, 1, 13, 3), 4, (1, 5))
  yield Window((1, 1, 17, 1), 8, (1, 4), stride=(1, 2))
  yield Window((1, 12, 1, 4), 5, (3, 1), VALID)
  yield Window((1, 10, 4, 1), 8, (10, 4), VALID)
  yield Window((1, 1, 9, 5), 6, (1, 3), VALID, (1, 3), (1, 2))
  # Batches.
  yield Window((2, 4, 4, 3), 5, (3, 3))
  yield Window((3, 5, 3, 2), 4, (3, 3), VALID, (2, 1))
  yield Window((4, 1, 1, 8), 6, (1, 1))
  # Activations with and without bias.
  for activation in (RELU, N1, RELU6):
    for bias in ("given", "short", "absent"):
      yield Window((1, 4, 5, 4), 6, activation=activation, bias=bias, per_channel=bias == "given")
  yield Window((1, 4, 5, 4), 6, bias="short")


def _quantized_windows():
  base = Window((1, 5, 4, 5), 6)
  for zi in (-128, 127, 0):
    for zo in (-128, 127, 0):
      yield dataclasses.replace(base, input_zero_point=zi, output_zero_point=zo)
      yield dataclasses.replace(
          base, input_zero_point=zi, output_zero_point=zo, activation=RELU6, per_channel=False
      )
  for gain in (0.02, 4.0, 50.0):
    yield dataclasses.replace(base, gain=gain)
    yield dataclasses.replace(base, gain=gain, activation=RELU, per_channel=False)
  # Where one unit of the accumulator shows.
  yield Window((1, 8, 8, 1), 5, (1, 1), bias="short", gain=16.0)
  yield Window((1, 8, 8, 1), 5, (1, 1), gain=16.0)
  # Multipliers of 1 and above, powers of two (halves that round), and one that shifts by 30.
  for scales in (
      (1.0, 1.0, 1.0),
      (1.0, 1.0, 0.3),
      (2.0, 0.5, 0.125),
      (0.5, 0.5, 64.0),
      (0.25, 0.125, 16.0),
      (0.75, 0.0625, 3.0),
      (1e-5, 1e-4, 0.9),
  ):
    yield dataclasses.replace(base, scales=scales, per_channel=False)
  yield dataclasses.replace(base, kernel=(1, 1), scales=(1.0, 0.5, 0.25))
  # Long sums.
  yield Window((1, 2, 2, 64), 3, (3, 3), input_zero_point=-128)
  yield Window((1, 1, 1, 200), 5, (1, 1), input_zero_point=127)


def _depthwise_windows():
  for c in (1, 2, 3, 4, 5, 7, 8, 9, 16, 17):
    yield Window((1, 4, 3, c), c)
  for multiplier in range(2, 9):
    yield Window((1, 4, 3, 2 if multiplier % 2 else 3), multiplier * (2 if multiplier % 2 else 3))
    yield Window((1, 4, 5, 1), multiplier, (3, 3), VALID)
  for stride in ((1, 1), (2, 2), (3, 3), (1, 2), (3, 1)):
    for padding in (SAME, VALID):
      for h, w in ((6, 7), (7, 5), (9, 8)):
        yield Window((1, h, w, 5), 5, (3, 3), padding, stride)
  for dilation in ((2, 2), (3, 3), (1, 2), (4, 1)):
    for padding in (SAME, VALID):
      yield Window((1, 9, 9, 5), 5, (3, 3), padding, (1, 1), dilation)
  yield Window((1, 4, 5, 3), 6, (3, 3), SAME, (1, 1), (4, 4))
  yield Window((1, 9, 7, 9), 9, (2, 3), SAME, (2, 2), (2, 1))
  yield Window((1, 2, 2, 5), 5, (5, 5))
  yield Window((1, 1, 1, 8), 8)
  yield Window((1, 3, 2, 2), 6, (7, 4), stride=(2, 2))
  yield Window((1, 5, 5, 4), 4, (2, 2))
  yield Window((1, 5, 5, 4), 4, (1, 1), stride=(2, 2))
  yield Window((1, 1, 13, 4), 4, (1, 5))
  yield Window((1, 1, 17, 3), 6, (1, 4), stride=(1, 2))
  yield Window((1, 12, 1, 5), 5, (3, 1), VALID)
  yield Window((1, 12, 10, 1), 8, (10, 8), SAME, (2, 2), activation=RELU)
  yield Window((2, 4, 4, 5), 5)
  yield Window((3, 5, 3, 3), 6, (3, 3), VALID, (2, 1))
  for activation in (RELU, N1, RELU6):
    for bias in ("given", "short", "absent"):
      yield Window((1, 4, 5, 5), 5, activation=activation, bias=bias, per_channel=bias == "given")
  yield Window((1, 4, 5, 4), 4, bias="short")


def _depthwise_quantized_windows():
  # Where one unit of the accumulator shows.
  yield Window((1, 8, 8, 5), 5, (1, 1), bias="short", gain=16.0)
  yield Window((1, 8, 8, 5), 5, (1, 1), gain=16.0)
  base = Window((1, 5, 4, 5), 5)
  for zi in (-128, 127, 0):
    for zo in (-128, 127):
      yield dataclasses.replace(base, input_zero_point=zi, output_zero_point=zo)
  yield dataclasses.replace(
      base, input_zero_point=-128, output_zero_point=-128, activation=RELU6, per_channel=False
  )
  for gain in (0.02, 4.0, 50.0):
    yield dataclasses.replace(base, gain=gain)
  for scales in (
      (1.0, 1.0, 1.0),
      (1.0, 1.0, 0.3),
      (0.5, 0.5, 64.0),
      (0.25, 0.125, 16.0),
      (1e-5, 1e-4, 0.9),
  ):
    yield dataclasses.replace(base, scales=scales, per_channel=False)


def _float_subset(windows):
  """Every window once; where int8 varies quantization, float has nothing to vary."""
  seen = set()
  for window in windows:
    plain = dataclasses.replace(window, per_channel=True)
    if plain not in seen:
      seen.add(plain)
      yield plain


def conv_2d():
  for window in [*_conv_windows(), *_quantized_windows()]:
    yield _case("CONV_2D", "int8", window)
  for window in _float_subset(_conv_windows()):
    yield _case("CONV_2D", "float32", window)


def depthwise_conv_2d():
  for window in [*_depthwise_windows(), *_depthwise_quantized_windows()]:
    yield _case("DEPTHWISE_CONV_2D", "int8", window)
  for window in _float_subset(_depthwise_windows()):
    yield _case("DEPTHWISE_CONV_2D", "float32", window)


PACKS = {"conv_2d": conv_2d, "depthwise_conv_2d": depthwise_conv_2d}
