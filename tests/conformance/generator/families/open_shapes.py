# SPDX-License-Identifier: Apache-2.0
"""Shapes that the file leaves open: where a converter does not know the batch it writes 1 for every
extent that depends on it, and nodes compute the shape. The graphs are those that Keras layers become.
"""

import numpy as np

from case import Case, Kind, Oracle, Random, SumOf
from families.float_weights import dynamic_range_tolerance
from model import ABSENT, Activation, Model

_LITERT = Oracle.LITERT_REFERENCE


class Graph:
  """A model under construction whose tensors are of one kind, besides the numbers of shapes."""

  def __init__(self, name, kind):
    self.name, self.kind = name, kind
    self.random = Random(name)
    self.model = Model()
    self.q = (0.05, 3) if kind == "int8" else ()
    self.inputs = []

  def input(self, shape):
    self.inputs.append(shape)
    return self.model.input(self.kind, shape, *self.q)

  def ints(self, values, shape=None):
    shape = (len(values),) if shape is None else shape
    return self.model.tensor("int32", shape, data=np.reshape(values, shape))

  def numbers(self, name, inputs, shape, options=None, **fields):
    y = self.model.tensor("int32", shape)
    self.model.operator(name, inputs, [y], options, **fields)
    return y

  def node(self, name, inputs, shape, options=None, kind=None, q=None, **fields):
    kind = self.kind if kind is None else kind
    y = self.model.tensor(kind, shape, *(self.q if q is None else q))
    self.model.operator(name, inputs, [y], options, **fields)
    return y

  def shape_of(self, x, rank):
    return self.numbers("SHAPE", [x], (rank,), "ShapeOptions", outType=2)

  def extent(self, shape, d):
    """One extent, as a scalar."""
    return self.numbers("STRIDED_SLICE", [shape, self.ints([d]), self.ints([d + 1 or 99]),
                                          self.ints([1])], (), "StridedSliceOptions",
                        shrinkAxisMask=1)

  def gather(self, numbers, at):
    return self.numbers("GATHER", [numbers, self.ints(at)], (len(at),), "GatherOptions", axis=0)

  def product(self, numbers):
    return self.numbers("REDUCE_PROD", [numbers, self.ints([0])], (), "ReducerOptions")

  def pack(self, parts):
    return self.numbers("PACK", parts, (len(parts),), "PackOptions", valuesCount=len(parts))

  def join(self, parts, count):
    return self.numbers("CONCATENATION", parts, (count,), "ConcatenationOptions", axis=0)

  def reshape(self, x, numbers, shape):
    return self.node("RESHAPE", [x, numbers], shape)

  def case(self, outputs, **more):
    for y in outputs:
      self.model.mark_output(y)
    invokes = []
    for _ in range(2):
      invokes.append([self.random.data(self.kind, shape) for shape in self.inputs])
    return Case(self.name, self.model, invokes, oracle=_LITERT, **more)


def _dense(kind, shape, units, activation=Activation.NONE, between=None, open_output=False):
  """A Dense layer on more than two dimensions: Tensordot."""
  text = "x".join(map(str, shape)) + f"to{units}"
  text += f"-{activation.name.lower()}" if activation != Activation.NONE else ""
  text += f"-{between.lower()}" if between else ""
  text += "-open" if open_output else ""
  weights_kind = "int8" if kind == "float32_int8" else kind
  g = Graph(f"RESHAPE/{kind}/dense-{text}", "float32" if kind == "float32_int8" else kind)
  depth, rank = shape[-1], len(shape)
  x = g.input(shape)
  extents = g.shape_of(x, rank)
  free = g.gather(extents, list(range(rank - 1)))
  rows = g.product(free)
  final = g.join([free, g.ints([units])], rank)
  columns = g.product(g.gather(extents, [rank - 1]))
  t = g.reshape(x, g.pack([rows, columns]), (1, 1))
  filter_shape = (units, depth)
  if weights_kind == "int8":
    w = g.model.tensor("int8", filter_shape, 0.01, 0, 0,
                       g.random.integers("int8", filter_shape, -127))
  else:
    w = g.model.tensor(kind, filter_shape, data=g.random.floats(filter_shape))
  q = (0.08, -7) if kind == "int8" else ()
  t = g.node("FULLY_CONNECTED", [t, w, ABSENT], (1, units), "FullyConnectedOptions", q=q, version=4,
             fusedActivationFunction=activation)
  if between == "RELU":
    t = g.node("RELU", [t], (1, units), q=q)
  elif between == "ADD":
    bias = g.model.tensor(kind, (units,), *q, data=g.random.data(kind, (units,)))
    t = g.node("ADD", [t, bias], (1, units), "AddOptions", q=q)
  elif between == "DEQUANTIZE":
    t = g.node("DEQUANTIZE", [t], (1, units), kind="float32", q=())
  kind_of_output = "float32" if between == "DEQUANTIZE" else None
  q = () if between == "DEQUANTIZE" else q
  out_shape = (*[1] * (rank - 1), units) if open_output else (*shape[:-1], units)
  y = g.node("RESHAPE", [t, final], out_shape, kind=kind_of_output, q=q)
  case = g.case([y])
  if kind == "float32":
    case.tolerance = SumOf(depth + 1)
  elif kind == "float32_int8":
    case.tolerance = dynamic_range_tolerance(np.zeros(0, np.float32))
  return case


def _upsampling(kind):
  """UpSampling2D of Keras 3: rows, then columns are repeated."""
  g = Graph(f"RESHAPE/{kind}/upsampling", kind)
  x = g.input((1, 3, 4, 2))
  t = g.node("EXPAND_DIMS", [x, g.ints([2], ())], (1, 3, 1, 4, 2))
  t = g.node("TILE", [t, g.ints([1, 1, 2, 1, 1])], (1, 3, 2, 4, 2))
  first = g.numbers("STRIDED_SLICE", [g.shape_of(x, 4), g.ints([0]), g.ints([1]), g.ints([1])],
                    (1,), "StridedSliceOptions", beginMask=1)
  t = g.reshape(t, g.join([first, g.ints([-1]), g.ints([4, 2])], 4), (1, 1, 4, 2))
  u = g.node("TRANSPOSE", [t, g.ints([0, 2, 1, 3])], (1, 4, 1, 2))
  last = g.numbers("STRIDED_SLICE", [g.shape_of(u, 4), g.ints([1]), g.ints([0]), g.ints([1])],
                   (3,), "StridedSliceOptions", endMask=1)
  y = g.reshape(u, g.join([g.ints([-1]), last], 4), (1, 4, 1, 2))
  return g.case([y])


def _zero_state(kind):
  """The first state of an unrolled LSTM: FILL of what SHAPE tells, for more rows than one."""
  g = Graph(f"RESHAPE/{kind}/state", kind)
  x = g.input((3, 4))
  extents = g.shape_of(x, 2)
  value = g.model.tensor(kind, (), *g.q, data=np.int8(9) if kind == "int8" else np.float32(0.5))
  state = g.node("FILL", [g.pack([g.extent(extents, 0), g.ints([4], ())]), value], (1, 4))
  return g.case([g.node("ADD", [x, state], (3, 4), "AddOptions")])


def _arithmetic(kind):
  """Extents that are computed with: product, sum and difference, of the last ones, and a cast."""
  g = Graph(f"RESHAPE/{kind}/arithmetic", kind)
  x = g.input((2, 3, 4))
  extents = g.shape_of(x, 3)
  rows = g.numbers("MUL", [g.extent(extents, 0), g.extent(extents, -1)], (), "MulOptions")
  more = g.numbers("ADD", [rows, g.ints([4], ())], (), "AddOptions")
  same = g.numbers("SUB", [more, g.ints([4], ())], (), "SubOptions")
  cast = g.numbers("CAST", [same], (), "CastOptions", inDataType=2, outDataType=2)
  one = g.numbers("RESHAPE", [cast, g.ints([1])], (1,))
  t = g.reshape(x, g.join([one, g.gather(extents, [1])], 2), (1, 3))
  t = g.node("BROADCAST_TO", [g.node("EXPAND_DIMS", [t, g.ints([0], ())], (1, 8, 3)),
                              g.join([g.ints([2, 8]), g.gather(extents, [1])], 3)], (1, 1, 3),
             version=2)
  tiles = g.join([g.gather(extents, [0]), g.ints([1, 1])], 3)
  return g.case([g.node("TILE", [t, tiles], (1, 1, 3))])


def _flattening(kind):
  """A layer that takes rows of more than two dimensions for rows of two."""
  g = Graph(f"RESHAPE/{kind}/flattening", kind)
  x = g.input((2, 3, 4))
  extents = g.shape_of(x, 3)
  half = g.numbers("MUL", [g.extent(extents, 0), g.ints([2], ())], (), "MulOptions")
  t = g.reshape(x, g.pack([half, g.extent(extents, 1), g.ints([2], ())]), (1, 1, 2))
  if kind == "int8":
    w = g.model.tensor(kind, (5, 2), 0.01, 0, 0, g.random.integers(kind, (5, 2), -127))
  else:
    w = g.model.tensor(kind, (5, 2), data=g.random.floats((5, 2)))
  q = (0.08, -7) if kind == "int8" else ()
  t = g.node("FULLY_CONNECTED", [t, w, ABSENT], (1, 5), "FullyConnectedOptions", q=q, version=4)
  y = g.node("RESHAPE", [t, g.join([g.gather(extents, [0]), g.ints([-1])], 2)], (1, 1), q=q)
  case = g.case([y])
  if kind == "float32":
    case.tolerance = SumOf(3)
  return case


def _opened(g, x):
  """A reshape and back, by computed shapes, within one graph."""
  extents = g.shape_of(x, 3)
  columns = g.gather(extents, [1])
  t = g.reshape(x, g.join([g.ints([-1]), columns], 2), (1, 3))
  t = g.node("ADD", [t, t], (1, 3), "AddOptions")
  return g.reshape(t, g.join([g.gather(extents, [0]), columns, g.ints([-1])], 3), (2, 3, 4))


def _in_branches(kind):
  """Open shapes in a branch, and in the main graph before and after it."""
  g = Graph(f"IF/{kind}/open_shapes", kind)
  main, shape = g.model, (2, 3, 4)
  condition, x = main.input("bool", (1,)), main.input(kind, shape, *g.q)
  branches = main.subgraph(), main.subgraph()
  for branch in branches:
    g.model = branch
    a = branch.input(kind, shape, *g.q)
    y = _opened(g, a) if branch is branches[0] else a
    branch.mark_output(g.node("ADD", [y, a], shape, "AddOptions"))
  g.model = main
  y = main.tensor(kind, shape, *g.q)
  main.operator("IF", [condition, _opened(g, x)], [y], "IfOptions", thenSubgraphIndex=1,
                elseSubgraphIndex=2)
  y = g.node("RESHAPE", [y, g.join([g.gather(g.shape_of(y, 3), [2]), g.ints([-1])], 2)], (1, 1))
  main.mark_output(y)
  invokes = [[np.array([c]), g.random.data(kind, shape)] for c in (True, False, True)]
  return Case(g.name, main, invokes, oracle=_LITERT)


def _in_loop():
  """Open shapes in the body of a loop, with none in the main graph."""
  g = Graph("WHILE/float32/open_shapes", "float32")
  main, shape = g.model, (2, 3, 4)
  i, x = main.input("int32", (1,)), main.input("float32", shape)
  condition, body = main.subgraph(), main.subgraph()
  k = condition.input("int32", (1,))
  condition.input("float32", shape)
  bound = condition.tensor("int32", (1,), data=np.array([5]))
  condition.operator("LESS", [k, bound], [condition.output("bool", (1,))], "LessOptions")
  g.model = body
  k, a = body.input("int32", (1,)), body.input("float32", shape)
  body.operator("ADD", [k, g.ints([1])], [body.output("int32", (1,))], "AddOptions")
  body.mark_output(_opened(g, a))
  main.operator("WHILE", [i, x], [main.output("int32", (1,)), main.output("float32", shape)],
                "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2)
  invokes = [[np.array([first], np.int32), g.random.floats(shape)] for first in (2, 9, 0)]
  return Case(g.name, main, invokes, oracle=_LITERT)


def _does_not_fit():
  g = Graph("RESHAPE/int8/refused-open", "int8")
  x = g.input((1, 3, 4))
  y = g.reshape(x, g.pack([g.extent(g.shape_of(x, 3), 1), g.ints([5], ())]), (1, 1))
  return g.case([y], kind=Kind.REFUSE)


def open_shapes():
  for kind in ("float32", "int8", "float32_int8"):
    yield _dense(kind, (1, 8, 4), 3)
    yield _dense(kind, (1, 3, 5, 7), 9, Activation.RELU)
    yield _dense(kind, (2, 3, 4), 6, open_output=True)
  for between in ("RELU", "ADD", "DEQUANTIZE"):
    yield _dense("int8", (1, 6, 5), 4, between=between)
  yield _dense("float32", (1, 6, 5), 4, between="ADD")
  for kind in ("float32", "int8"):
    yield _upsampling(kind)
    yield _zero_state(kind)
    yield _arithmetic(kind)
    yield _flattening(kind)
    yield _in_branches(kind)
  yield _in_loop()
  yield _does_not_fit()


PACKS = {"open_shapes": open_shapes}
