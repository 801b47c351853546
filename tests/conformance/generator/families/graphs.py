# SPDX-License-Identifier: Apache-2.0
"""Small graphs of several operators: what only the planner and the interpreter can get wrong.

Tensors that live long or die at once, that several nodes read, that are inputs and outputs; chains
of aliases; operators that could overwrite what is still needed.
"""

import dataclasses

import numpy as np

from case import Case, Random
from model import Activation, Model, Padding

_UNIT = dict(scale=1 / 256, zero_point=-128)  # what LOGISTIC writes


@dataclasses.dataclass(frozen=True)
class Value:
  """A tensor of the graph."""

  index: int
  shape: tuple
  scale: float
  zero_point: int


class Graph:
  """An int8 model under construction. Methods named like operators add one and give its output."""

  def __init__(self, random):
    self.model = Model()
    self.random = random
    self._inputs = []

  def input(self, *shape):
    value = self._value(shape, float(self.random.scale(0.02, 0.06)), self._zero_point())
    self.model.mark_input(value.index)
    self._inputs.append(value)
    return value

  def output(self, *values):
    for value in values:
      self.model.mark_output(value.index)

  def constant(self, *shape):
    scale, zero_point = float(self.random.scale(0.02, 0.06)), self._zero_point()
    data = self.random.integers("int8", shape)
    index = self.model.tensor("int8", shape, scale, zero_point, data=data)
    return Value(index, shape, scale, zero_point)

  def invokes(self):
    # Three, since a plan may work once and destroy what the next Invoke needs.
    return [
        [self.random.integers("int8", value.shape) for value in self._inputs] for _ in range(3)
    ]

  def _zero_point(self):
    return int(self.random.integers("int8", (), -40, 40))

  def _value(self, shape, scale, zero_point):
    index = self.model.tensor("int8", shape, scale, zero_point)
    return Value(index, tuple(shape), scale, zero_point)

  def _node(self, name, inputs, output, options_type=None, **options):
    indices = [v.index if isinstance(v, Value) else v for v in inputs]
    self.model.operator(name, indices, [output.index], options_type, 2, **options)
    return output

  def add(self, a, b, activation=Activation.NONE):
    shape = np.broadcast_shapes(a.shape, b.shape)
    y = self._value(shape, (a.scale + b.scale) * 0.7, self._zero_point())
    return self._node("ADD", [a, b], y, "AddOptions", fusedActivationFunction=activation)

  def mul(self, a, b):
    shape = np.broadcast_shapes(a.shape, b.shape)
    y = self._value(shape, a.scale * b.scale * 60, self._zero_point())
    return self._node("MUL", [a, b], y, "MulOptions")

  def logistic(self, x):
    return self._node("LOGISTIC", [x], self._value(x.shape, **_UNIT))

  def softmax(self, x):
    return self._node("SOFTMAX", [x], self._value(x.shape, **_UNIT), "SoftmaxOptions", beta=1.0)

  def quantize(self, x):
    y = self._value(x.shape, x.scale * 1.1, self._zero_point())
    return self._node("QUANTIZE", [x], y)

  def reshape(self, x, *shape):
    y = self._value(shape, x.scale, x.zero_point)
    return self._node("RESHAPE", [x], y, "ReshapeOptions", newShape=list(shape))

  def pad(self, x):
    paddings = [[0, 0], [1, 0], [0, 1], [0, 0]]
    shape = [size + sum(pair) for size, pair in zip(x.shape, paddings)]
    p = self.model.tensor("int32", (4, 2), data=paddings)
    return self._node("PAD", [x, p], self._value(shape, x.scale, x.zero_point), "PadOptions")

  def mean(self, x):
    axes = self.model.tensor("int32", (2,), data=[1, 2])
    y = self._value((x.shape[0], x.shape[3]), x.scale / 2, self._zero_point())
    return self._node("MEAN", [x, axes], y, "ReducerOptions", keepDims=False)

  def pool(self, x, name="MAX_POOL_2D", stride=1):
    shape = (x.shape[0], -(-x.shape[1] // stride), -(-x.shape[2] // stride), x.shape[3])
    y = self._value(shape, x.scale, x.zero_point)
    options = dict(strideH=stride, strideW=stride, filterHeight=2, filterWidth=2)
    return self._node(name, [x], y, "Pool2DOptions", padding=Padding.SAME, **options)

  def conv(self, x, channels, kernel=3, stride=1, depthwise=False):
    extents = [-(-size // stride) for size in x.shape[1:3]]
    channels = x.shape[3] if depthwise else channels
    shape = (1, kernel, kernel, channels) if depthwise else (channels, kernel, kernel, x.shape[3])
    terms = kernel * kernel * (1 if depthwise else x.shape[3])
    weights = self.random.integers("int8", shape, -127)
    scales = self.random.scale(0.002, 0.02, channels)
    w = self.model.tensor("int8", shape, scales, 0, 3 if depthwise else 0, weights)
    bias = self.random.integers("int32", (channels,), -20000, 20000)
    b = self.model.tensor("int32", (channels,), np.float32(x.scale) * scales, data=bias)
    scale = 90 * np.sqrt(terms) * x.scale * float(np.mean(scales))
    y = self._value((x.shape[0], *extents, channels), scale, self._zero_point())
    options = dict(padding=Padding.SAME, strideH=stride, strideW=stride)
    if depthwise:
      options["depthMultiplier"] = 1
      return self._node("DEPTHWISE_CONV_2D", [x, w, b], y, "DepthwiseConv2DOptions", **options)
    return self._node("CONV_2D", [x, w, b], y, "Conv2DOptions", **options)

  def fully_connected(self, x, units):
    depth = x.shape[-1]
    weights = self.random.integers("int8", (units, depth), -127)
    w = self.model.tensor("int8", (units, depth), 0.01, 0, data=weights)
    y = self._value((x.shape[0], units), 0.9 * np.sqrt(depth) * x.scale, self._zero_point())
    return self._node("FULLY_CONNECTED", [x, w, -1], y, "FullyConnectedOptions")


def _residual(g):
  x = g.input(1, 5, 4, 4)
  y = g.conv(x, 6)
  y = g.conv(y, 4)
  g.output(g.add(x, y, Activation.RELU))


def _separable(g):
  x = g.input(1, 8, 6, 1)
  y = g.conv(x, 5, stride=2)
  y = g.conv(y, 5, depthwise=True)
  y = g.conv(y, 8, kernel=1)
  y = g.pool(y, "AVERAGE_POOL_2D", stride=2)
  y = g.reshape(y, 1, int(np.prod(y.shape)))
  g.output(g.softmax(g.fully_connected(y, 5)))


def _squeeze_and_excite(g):
  x = g.conv(g.input(1, 4, 5, 3), 8)
  s = g.logistic(g.fully_connected(g.fully_connected(g.mean(x), 3), 8))
  g.output(g.mul(x, g.reshape(s, 1, 1, 1, 8)))


def _same_tensor_twice(g):
  x = g.input(3, 5)
  g.output(g.add(x, g.mul(x, x)))


def _input_is_output(g):
  x = g.input(2, 6)
  g.output(x, g.logistic(x))


def _inner_is_output(g):
  x = g.logistic(g.input(2, 6))
  y = g.quantize(x)
  g.output(g.add(y, y), x)


def _output_read_again(g):
  x = g.input(1, 4, 4, 3)
  y = g.pad(x)
  z = g.pool(y)
  g.output(y, z, g.mean(z))


def _unused_output(g):
  x = g.input(4, 4)
  g.logistic(x)
  g.output(g.quantize(x))


def _unused_input(g):
  x, _ = g.input(4, 4), g.input(2, 3)
  g.output(g.quantize(x))


def _reshape_chain(g):
  x = g.quantize(g.input(2, 3, 4))
  y = g.reshape(x, 24)
  z = g.reshape(y, 4, 6)
  g.output(g.add(g.reshape(z, 2, 3, 4), x))


def _reshape_only(g):
  g.output(g.reshape(g.input(2, 3, 4), 6, 4))


def _reshape_outlives_source(g):
  x = g.quantize(g.input(2, 6))
  y = g.reshape(x, 12)
  a = g.logistic(x)
  b = g.quantize(a)
  g.output(g.add(y, g.reshape(b, 12)))


def _reshape_twice_of_one(g):
  x = g.quantize(g.input(2, 6))
  g.output(g.logistic(g.reshape(x, 12)), g.quantize(g.reshape(x, 3, 4)), x)


def _reshape_of_constant(g):
  g.output(g.add(g.input(3, 4), g.reshape(g.constant(12), 3, 4)))


def _wide_fan(g):
  x = g.quantize(g.input(1, 3, 3, 5))
  branches = [g.logistic(x), g.quantize(x), g.pool(x), g.conv(x, 5), g.mul(x, x)]
  total = branches[0]
  for branch in branches[1:]:
    total = g.add(total, branch)
  g.output(total)


def _long_chain_with_skip(g):
  first = x = g.quantize(g.input(1, 4, 3, 4))
  for i in range(8):
    x = (g.quantize, g.pool, g.logistic)[i % 3](x)
  g.output(g.add(x, first))


def _broadcast_after_death(g):
  x = g.quantize(g.input(6))
  y = g.input(4, 6)
  g.output(g.add(g.mul(y, x), y))


def _grows(g):
  x = g.quantize(g.input(1, 1, 1, 5))
  y = g.quantize(g.input(3, 4, 1))
  g.output(g.mul(x, y))


def _two_networks(g):
  a, b = g.input(1, 4, 4, 2), g.input(1, 10)
  g.output(g.softmax(g.fully_connected(b, 7)), g.mean(g.conv(a, 6)))


_DRAWN = [
    _residual,
    _separable,
    _squeeze_and_excite,
    _same_tensor_twice,
    _input_is_output,
    _inner_is_output,
    _output_read_again,
    _unused_output,
    _unused_input,
    _reshape_chain,
    _reshape_only,
    _reshape_outlives_source,
    _reshape_twice_of_one,
    _reshape_of_constant,
    _wide_fan,
    _long_chain_with_skip,
    _broadcast_after_death,
    _grows,
    _two_networks,
]


def _random_graph(g):
  """Some twelve nodes over a pool of live tensors; what nobody has read becomes an output."""
  random = g.random
  live = [g.input(1, 4, 5, 3), g.input(1, 4, 5, 3)]
  unread = []

  def pick():
    value = live[random.below(len(live))]
    if value in unread:
      unread.remove(value)
    return value

  for _ in range(12):
    x = pick()
    image = len(x.shape) == 4
    kind = random.below(9)
    if kind == 0:
      mates = [value for value in live if value.shape == x.shape]
      y = g.add(x, mates[random.below(len(mates))])
    elif kind == 1:
      y = g.mul(x, g.constant(x.shape[-1]))
    elif kind == 2:
      y = g.logistic(x)
    elif kind == 3:
      y = g.quantize(x)
    elif kind == 4:
      count = int(np.prod(x.shape))
      y = g.reshape(x, *((1, count) if image else (1, 1, count, 1)))
    elif not image:
      y = g.softmax(x)
    elif kind == 5:
      y = g.pool(x, ("MAX_POOL_2D", "AVERAGE_POOL_2D")[random.below(2)])
    elif kind == 6:
      y = g.conv(x, x.shape[3])
    elif kind == 7:
      y = g.conv(x, 0, depthwise=True)
    else:
      y = g.pad(x)
    live.append(y)
    unread.append(y)
  g.output(*unread[-8:])


def graphs():
  for draw in _DRAWN:
    name = f"GRAPH/int8/{draw.__name__[1:]}"
    g = Graph(Random(name))
    draw(g)
    yield Case(name, g.model, g.invokes())
  for number in range(40):
    name = f"GRAPH/int8/random_{number:02}"
    g = Graph(Random(name))
    _random_graph(g)
    yield Case(name, g.model, g.invokes())


PACKS = {"graphs": graphs}
