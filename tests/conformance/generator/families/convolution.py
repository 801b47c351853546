# SPDX-License-Identifier: Apache-2.0
"""CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV."""

import copy
import dataclasses

import numpy as np

from case import Case, Oracle, Random, SumOf
from families.float_weights import dynamic_range_tolerance, half_constant
from model import ABSENT, Activation, Model, Padding

NONE, RELU, N1, RELU6 = (
    Activation.NONE,
    Activation.RELU,
    Activation.RELU_N1_TO_1,
    Activation.RELU6,
)
SAME, VALID = Padding.SAME, Padding.VALID


# int16 activations, by the type of the bias.
WIDE_KINDS = ("int16_bias64", "int16_bias32")


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

  if kind in WIDE_KINDS or kind == "int8_int4":
    return _narrow_or_wide(op, kind, window, random, filter_shape, axis, terms, output_shape)
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

  _operator(model, op, window, x, w, b, y, 1 if kind == "float32" else 3)
  return model, [[values] for values in random.inputs(kind, window.image)]


def _operator(model, op, window, x, w, b, y, version):
  options = dict(
      padding=window.padding,
      strideH=window.stride[0],
      strideW=window.stride[1],
      dilationHFactor=window.dilation[0],
      dilationWFactor=window.dilation[1],
      fusedActivationFunction=window.activation,
  )
  depthwise = op == "DEPTHWISE_CONV_2D"
  if depthwise:
    options["depthMultiplier"] = window.outputs // window.image[3]
  operands = {"given": [x, w, b], "absent": [x, w, ABSENT], "short": [x, w]}[window.bias]
  options_type = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
  model.operator(op, operands, [y], options_type, version, **options)


def _narrow_or_wide(op, kind, window, random, filter_shape, axis, terms, output_shape):
  """int8 activations with int4 weights, or int16 activations with int8 weights."""
  activations = "int16" if kind in WIDE_KINDS else "int8"
  weight_kind = "int8" if kind in WIDE_KINDS else "int4"
  # Standard deviations of uniform values of these types.
  input_spread = 18918 if activations == "int16" else 74
  weight_spread = 74 if weight_kind == "int8" else 4.3
  slices = window.outputs if window.per_channel else 1
  weight_scale = random.scale(0.002, 0.02, slices)
  input_scale = random.scale(0.005, 0.08) * np.float32(74 / input_spread)
  if window.scales is not None:
    input_scale, weight_scale = window.scales[:2]
  weight_scale = np.broadcast_to(np.float32(weight_scale), slices)
  spread = input_spread * weight_spread * np.sqrt(terms)
  output_scale = spread * input_scale * np.mean(weight_scale) / (input_spread * 0.8)
  output_scale = np.float32(output_scale / window.gain * random.floats((), 0.8, 1.25))
  if window.scales is not None:
    output_scale = window.scales[2]
  zi = zo = 0
  if activations == "int8":
    zi = int(random.integers("int8", ())) if window.input_zero_point is None else 0
    zo = int(random.integers("int8", (), -100, 100))
  model = Model()
  reach = int(min(spread, 2**31 - 1))
  bias = random.integers("int32", (window.outputs,), -reach, reach)
  bias_kind = "int64" if kind == "int16_bias64" else "int32"
  low = -127 if weight_kind == "int8" else -8
  weights = random.integers("int8", filter_shape, low, -low - 1 if weight_kind == "int4" else 127)
  x = model.input(activations, window.image, input_scale, zi)
  w = model.tensor(weight_kind, filter_shape, weight_scale, 0, axis, weights)
  b = model.tensor(bias_kind, bias.shape, np.float32(input_scale) * weight_scale, 0, 0, bias)
  y = model.output(activations, output_shape, output_scale, zo)
  _operator(model, op, window, x, w, b, y, 6 if weight_kind == "int4" else 4)
  return model, [[values] for values in random.inputs(activations, window.image)]


def _as_convolution(model, window):
  """A depthwise model as CONV_2D, its filter filled up with zeros."""
  twin = copy.deepcopy(model)
  weights = twin._constants[1]
  channels = window.image[3]
  full = np.zeros((window.outputs, *window.kernel, channels), weights.dtype)
  for o in range(window.outputs):
    full[o, :, :, o * channels // window.outputs] = weights[0, :, :, o]
  twin._constants[1] = full
  twin._tensors[1].shape = list(full.shape)
  twin._tensors[1].quantization.quantizedDimension = 0
  y = twin._operators[0].outputs[0]
  twin._operators, twin._codes = [], []
  _operator(twin, "CONV_2D", window, 0, 1, 2, y, 4)
  return twin


def _case(op, kind, window):
  name = f"{op}/{kind}/{window}"
  depthwise = op == "DEPTHWISE_CONV_2D"
  model, invokes = _model(op, kind, window, name)
  case = Case(name, model, invokes)
  if depthwise and kind == "int16_bias32":  # reads the bias as int64 there
    case.oracle_model = _as_convolution(model, window)
    return case
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


def _few_windows(depthwise):
  """For types that share their loops with int8: shapes around tiles, each option once."""
  multiplier = 1 if depthwise else 0
  for c in (1, 2, 3, 4, 5, 8, 9):
    yield Window((1, 4, 3, c), c * multiplier or (c * 5) % 11 + 1, (3, 3))
    yield Window((1, 3, 2, c), c * multiplier or 5, (1, 1))
  image = (1, 7, 6, 3)
  for stride, padding in (((2, 2), SAME), ((1, 2), VALID), ((3, 1), SAME)):
    yield Window(image, 3 * multiplier or 5, (3, 2), padding, stride)
  yield Window((1, 7, 8, 3), 3 * multiplier or 6, (3, 3), SAME, (1, 1), (2, 2))
  yield Window((2, 4, 3, 4), 4 * multiplier or 3, (2, 2))
  if depthwise:
    yield Window((1, 4, 4, 2), 6)
    yield Window((1, 4, 4, 1), 5)
  for activation in (RELU, N1, RELU6):
    yield Window((1, 4, 3, 4), 4 * multiplier or 5, (2, 2), activation=activation)
  for bias in ("absent", "short"):
    yield Window((1, 4, 3, 4), 4 * multiplier or 5, (2, 2), bias=bias)
  yield Window((1, 4, 3, 5), 5 * multiplier or 4, (2, 2), per_channel=False)
  for gain in (0.02, 4.0, 50.0):
    yield Window((1, 4, 3, 5), 5 * multiplier or 4, (2, 2), gain=gain)
  for scales in ((1.0, 1.0, 1.0), (0.5, 0.5, 64.0), (0.3, 0.01, 1.0), (2.0, 0.5, 0.125)):
    yield Window((1, 4, 3, 5), 5 * multiplier or 4, (2, 2), scales=scales, per_channel=False)


def _few(kinds):
  for op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
    for kind in kinds:
      for window in _few_windows(op == "DEPTHWISE_CONV_2D"):
        if kind != "int16_bias32" or window.bias == "given":
          yield _case(op, kind, window)


def convolution_int16():
  yield from _few(WIDE_KINDS)
  for kind in WIDE_KINDS:
    yield _case("CONV_2D", kind, Window((1, 2, 3, 100), 5, (2, 3), VALID))


def convolution_int4():
  yield from _few(["int8_int4"])


def _float_weights(op, kind, window):
  """Float activations with int8 weights (hybrid), or float16 weights behind a DEQUANTIZE."""
  name = f"{op}/{kind}/{window}"
  random = Random(name)
  depthwise = op == "DEPTHWISE_CONV_2D"
  filter_shape = (window.outputs, *window.kernel, window.image[3])
  if depthwise:
    filter_shape = (1, *window.kernel, window.outputs)
  output_shape = (window.image[0], window.extent(0), window.extent(1), window.outputs)
  bias = random.floats((window.outputs,), -2, 2)
  model = Model()
  x = model.input("float32", window.image)
  if kind == "float32_int8":
    slices = window.outputs if window.per_channel else 1
    scale = random.scale(0.002, 0.02, slices)
    if depthwise:  # LiteRT wants one per channel
      scale = np.broadcast_to(scale, window.outputs)
    weights = random.integers("int8", filter_shape, -127)
    w = model.tensor("int8", filter_shape, scale, 0, 3 if depthwise else 0, weights)
    b = model.tensor("float32", bias.shape, data=bias)
  else:
    w = half_constant(model, random.floats(filter_shape))
    bias_is_half = kind == "float32_float16"
    b = half_constant(model, bias) if bias_is_half else model.tensor("float32", bias.shape, data=bias)
  y = model.output("float32", output_shape)
  _operator(model, op, window, x, w, b, y, 5)
  invokes = [[values] for values in random.inputs("float32", window.image)]
  case = Case(name, model, invokes, oracle=Oracle.LITERT_REFERENCE)
  if kind == "float32_int8":
    case.tolerance = dynamic_range_tolerance(bias if window.bias == "given" else bias[:0])
  else:
    case.tolerance = SumOf(window.terms(depthwise) + 1)
  return case


def _few_float_windows(depthwise):
  for window in _few_windows(depthwise):
    if window.gain == 1.0 and window.scales is None:
      yield window


def convolution_hybrid():
  for op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
    for window in _few_float_windows(op == "DEPTHWISE_CONV_2D"):
      yield _float_weights(op, "float32_int8", window)
      if op == "CONV_2D" and window.per_channel and window.outputs % 2:
        window = dataclasses.replace(window, per_channel=False)
        yield _float_weights(op, "float32_int8", window)


def convolution_float16():
  for op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
    windows = list(_few_float_windows(op == "DEPTHWISE_CONV_2D"))
    for window in windows:
      if window.per_channel:
        yield _float_weights(op, "float32_float16", window)
    for window in windows[::4]:
      if window.per_channel:
        yield _float_weights(op, "float32_float16_bias32", window)


@dataclasses.dataclass(frozen=True)
class Transposed:
  """A transposed convolution without its numbers. Pairs are (height, width)."""

  image: tuple  # N, H, W, C
  outputs: int
  kernel: tuple = (3, 3)
  stride: tuple = (2, 2)
  padding: Padding = SAME
  activation: Activation = NONE
  per_channel: bool = True
  bias: bool = True
  extents: tuple = None  # of the output; None: what the converter gives
  input_zero_point: int = None  # None: drawn
  gain: float = 1.0

  def output(self):
    if self.extents is not None:
      return self.extents
    if self.padding == SAME:
      return tuple(size * step for size, step in zip(self.image[1:3], self.stride))
    return tuple(
        (size - 1) * step + kernel
        for size, step, kernel in zip(self.image[1:3], self.stride, self.kernel)
    )

  def __str__(self):
    parts = ["x".join(map(str, self.image)), f"k{self.kernel[0]}x{self.kernel[1]}o{self.outputs}"]
    parts += [self.padding.name.lower(), f"s{self.stride[0]}x{self.stride[1]}"]
    if self.activation != NONE:
      parts.append(self.activation.name.lower())
    if not self.per_channel:
      parts.append("per_tensor")
    if not self.bias:
      parts.append("bias_short")
    if self.extents is not None:
      parts.append(f"to{self.extents[0]}x{self.extents[1]}")
    if self.input_zero_point is not None:
      parts.append(f"zi{self.input_zero_point}")
    if self.gain != 1.0:
      parts.append(f"gain{self.gain:g}")
    return "-".join(parts)


def _transposed_numbers(kind, window, random):
  """Types, scales, zero points and constants: (activations, dict of what each tensor is)."""
  filter_shape = (window.outputs, *window.kernel, window.image[3])
  if kind == "float32":
    return kind, dict(
        x={},
        w=dict(kind=kind, data=random.floats(filter_shape)),
        b=dict(kind=kind, data=random.floats((window.outputs,), -2, 2)),
        y={},
    )
  activations = "int8" if kind == "int8" else "int16"
  spread = 74 if kind == "int8" else 18918
  terms = window.image[3] * max(
      1, window.kernel[0] * window.kernel[1] // (window.stride[0] * window.stride[1])
  )
  slices = window.outputs if window.per_channel else 1
  weight_scale = random.scale(0.002, 0.02, slices)
  input_scale = random.scale() * np.float32(74 / spread)
  reach = int(spread * 74 * np.sqrt(terms))
  output_scale = reach * input_scale * np.mean(weight_scale) / spread / 0.8 / window.gain
  zi = zo = 0
  if kind == "int8":
    zi = int(random.integers("int8", ()))
    zi = zi if window.input_zero_point is None else window.input_zero_point
    zo = int(random.integers("int8", (), -100, 100))
  bias_kind = "int64" if kind == "int16_bias64" else "int32"
  bias = random.integers("int32", (window.outputs,), -reach, reach)
  weights = random.integers("int8", filter_shape, -127)
  return activations, dict(
      x=dict(scale=input_scale, zero_point=zi),
      w=dict(kind="int8", scale=weight_scale, data=weights),
      b=dict(kind=bias_kind, scale=np.float32(input_scale) * weight_scale, data=bias),
      y=dict(scale=np.float32(output_scale), zero_point=zo),
  )


def _transposed(kind, window):
  name = f"TRANSPOSE_CONV/{kind}/{window}"
  random = Random(name)
  activations, numbers = _transposed_numbers(kind, window, random)
  model = Model()
  output_shape = (window.image[0], *window.output(), window.outputs)
  shape = model.tensor("int32", (4,), data=output_shape)
  add = lambda shape, kind, **rest: model.tensor(kind, shape, **rest)
  w = add(numbers["w"]["data"].shape, **numbers["w"])
  x = model.input(activations, window.image, **numbers["x"])
  b = add((window.outputs,), **numbers["b"])
  y = model.output(activations, output_shape, **numbers["y"])
  model.operator(
      "TRANSPOSE_CONV",
      [shape, w, x, b] if window.bias else [shape, w, x],
      [y],
      "TransposeConvOptions",
      4 if window.activation != NONE else 3,
      padding=window.padding,
      strideH=window.stride[0],
      strideW=window.stride[1],
      fusedActivationFunction=window.activation,
  )
  invokes = [[values] for values in random.inputs(activations, window.image)]
  case = Case(name, model, invokes)
  if kind == "float32":
    case.tolerance = SumOf(window.kernel[0] * window.kernel[1] * window.image[3] + 1)
  if kind == "int16_bias32":  # reads the bias as int64 there
    case.oracle_model = _of_one_pixel(window, numbers, output_shape)
  return case


def _of_one_pixel(window, numbers, output_shape):
  """Every output of one pixel has one tap, so it is a 1x1 convolution of the pixel, reshaped."""
  assert window.image[1:3] == (1, 1) and window.padding == VALID
  taps = window.kernel[0] * window.kernel[1]
  weights = numbers["w"]["data"].transpose(1, 2, 0, 3).reshape(-1, 1, 1, window.image[3])
  tile = lambda values: np.tile(np.broadcast_to(values, window.outputs), taps)
  model = Model()
  x = model.input("int16", window.image, **numbers["x"])
  w = model.tensor("int8", weights.shape, tile(numbers["w"]["scale"]), data=weights)
  bias = tile(numbers["b"]["data"])
  b = model.tensor("int32", bias.shape, tile(numbers["b"]["scale"]), data=bias)
  flat = (window.image[0], 1, 1, len(bias))
  t = model.tensor("int16", flat, **numbers["y"])
  y = model.output("int16", output_shape, **numbers["y"])
  one = Window(window.image, len(bias), (1, 1), VALID, activation=window.activation)
  _operator(model, "CONV_2D", one, x, w, b, t, 4)
  shape = model.tensor("int32", (4,), data=output_shape)
  model.operator("RESHAPE", [t, shape], [y], "ReshapeOptions", newShape=list(output_shape))
  return model


def _transposed_hybrid(window):
  """Float activations with int8 weights."""
  name = f"TRANSPOSE_CONV/float32_int8/{window}"
  random = Random(name)
  filter_shape = (window.outputs, *window.kernel, window.image[3])
  slices = window.outputs if window.per_channel else 1
  bias = random.floats((window.outputs,), -2, 2)
  model = Model()
  output_shape = (window.image[0], *window.output(), window.outputs)
  shape = model.tensor("int32", (4,), data=output_shape)
  scale = random.scale(0.002, 0.02, slices)
  w = model.tensor("int8", filter_shape, scale, 0, 0, random.integers("int8", filter_shape, -127))
  x = model.input("float32", window.image)
  b = model.tensor("float32", bias.shape, data=bias)
  y = model.output("float32", output_shape)
  model.operator(
      "TRANSPOSE_CONV",
      [shape, w, x, b] if window.bias else [shape, w, x],
      [y],
      "TransposeConvOptions",
      4 if window.activation != NONE else 3,
      padding=window.padding,
      strideH=window.stride[0],
      strideW=window.stride[1],
      fusedActivationFunction=window.activation,
  )
  invokes = [[values] for values in random.inputs("float32", window.image)]
  # LiteRT adds the products up in float.
  terms = window.kernel[0] * window.kernel[1] * window.image[3]
  return Case(name, model, invokes, SumOf(terms + 1), oracle=Oracle.LITERT_REFERENCE)


def _transposed_windows():
  for c in (1, 2, 3, 4, 5, 8, 9):
    yield Transposed((1, 3, 2, c), (c * 5) % 11 + 1)
  for stride in ((1, 1), (2, 2), (3, 3), (1, 2), (3, 1)):
    for padding in (SAME, VALID):
      for kernel in ((1, 1), (2, 2), (3, 2), (4, 5)):
        yield Transposed((1, 3, 2, 3), 5, kernel, stride, padding)
  yield Transposed((2, 3, 4, 3), 4)
  yield Transposed((1, 1, 5, 4), 3, (1, 3), (1, 2))
  for extents in ((5, 4), (5, 3), (6, 3)):
    yield Transposed((1, 3, 2, 3), 4, (3, 3), extents=extents)
  for activation in (RELU, N1, RELU6):
    yield Transposed((1, 3, 3, 4), 5, activation=activation)
  yield Transposed((1, 3, 3, 4), 5, bias=False)
  yield Transposed((1, 3, 3, 4), 5, per_channel=False)


def transpose_conv():
  for kind in ("int8", "float32", "int16_bias64"):
    windows = list(_transposed_windows())
    for window in windows if kind == "int8" else windows[:7] + windows[7::3]:
      yield _transposed(kind, window)
  for window in list(_transposed_windows())[::3]:
    yield _transposed_hybrid(window)
    if window.per_channel:
      yield _transposed_hybrid(dataclasses.replace(window, per_channel=False))
  for zi in (-128, 127, 0):
    yield _transposed("int8", Transposed((1, 3, 2, 5), 4, input_zero_point=zi))
  for kind in ("int8", "int16_bias64"):
    for gain in (0.02, 4.0, 50.0):
      yield _transposed(kind, Transposed((1, 3, 2, 5), 4, gain=gain))
  for channels, outputs, kernel in ((1, 4, (3, 3)), (5, 3, (2, 3)), (9, 5, (1, 2))):
    yield _transposed(
        "int16_bias32", Transposed((2, 1, 1, channels), outputs, kernel, padding=VALID)
    )


PACKS = {
    "conv_2d": conv_2d,
    "depthwise_conv_2d": depthwise_conv_2d,
    "convolution_int16": convolution_int16,
    "convolution_int4": convolution_int4,
    "convolution_hybrid": convolution_hybrid,
    "convolution_float16": convolution_float16,
    "transpose_conv": transpose_conv,
}
