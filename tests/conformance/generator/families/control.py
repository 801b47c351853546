# SPDX-License-Identifier: Apache-2.0
"""Operators that call subgraphs (IF, WHILE, CALL_ONCE) and variables that have a name."""

import numpy as np

from case import Case, Kind, Random
from model import Model

_SHAPES = ((4,), (1, 3, 3, 2), (1,))


def _unary(graph, kind, shape, operator, options, **quantization):
  """output = operator(input, input)"""
  a = graph.input(kind, shape, **quantization)
  b = graph.output(kind, shape, **quantization)
  graph.operator(operator, [a, a], [b], options)


def _quantization(kind):
  return {"scale": 0.5, "zero_point": 3} if kind == "int8" else {}


def _values(kind, shape, name, count):
  random = Random(name)
  if kind == "float32":
    return [random.floats(shape, -4, 4) for _ in range(count)]
  return [random.integers(kind, shape, -20, 20) for _ in range(count)]


def _if(kind, shape):
  name = f"IF/{kind}/{'x'.join(map(str, shape))}"
  model = Model()
  quantization = _quantization(kind)
  condition = model.input("bool", (1,))
  x = model.input(kind, shape, **quantization)
  y = model.output(kind, shape, **quantization)
  then_graph, else_graph = model.subgraph(), model.subgraph()
  _unary(then_graph, kind, shape, "ADD", "AddOptions", **quantization)
  _unary(else_graph, kind, shape, "MUL", "MulOptions", **quantization)
  model.operator("IF", [condition, x], [y], "IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
  values = _values(kind, shape, name, 3)
  invokes = [[np.array([c]), v] for c, v in zip((True, False, True), values)]
  return Case(name, model, invokes)


def _while_graphs(model, kind, shape, limit):
  """while (i < limit) { i = i + 1; x = x + x }"""
  condition, body = model.subgraph(), model.subgraph()
  i = condition.input("int32", (1,))
  condition.input(kind, shape)
  bound = condition.tensor("int32", (1,), data=np.array([limit]))
  condition.operator("LESS", [i, bound], [condition.output("bool", (1,))], "LessOptions")
  i, x = body.input("int32", (1,)), body.input(kind, shape)
  one = body.tensor("int32", (1,), data=np.array([1]))
  body.operator("ADD", [i, one], [body.output("int32", (1,))], "AddOptions")
  body.operator("ADD", [x, x], [body.output(kind, shape)], "AddOptions")
  return model.index(condition), model.index(body)


def _while(kind, shape):
  name = f"WHILE/{kind}/{'x'.join(map(str, shape))}"
  model = Model()
  i, x = model.input("int32", (1,)), model.input(kind, shape)
  j, y = model.output("int32", (1,)), model.output(kind, shape)
  condition, body = _while_graphs(model, kind, shape, 5)
  model.operator("WHILE", [i, x], [j, y], "WhileOptions", condSubgraphIndex=condition,
                 bodySubgraphIndex=body)
  values = _values(kind, shape, name, 3)
  invokes = [[np.array([first], np.int32), v] for first, v in zip((0, 7, 4), values)]
  return Case(name, model, invokes)


def _nested():
  """A loop in a branch, and operators around that keep other tensors alive."""
  shape = (6,)
  model = Model()
  condition = model.input("bool", (1,))
  x = model.input("float32", shape)
  i = model.tensor("int32", (1,), data=np.array([2]))
  doubled, looped = model.tensor("float32", shape), model.tensor("float32", shape)
  j = model.tensor("int32", (1,))
  y = model.output("float32", shape)
  then_graph, else_graph = model.subgraph(), model.subgraph()
  cond_index, body_index = _while_graphs(model, "float32", shape, 5)
  for graph, loops in ((then_graph, True), (else_graph, False)):
    a, b = graph.input("int32", (1,)), graph.input("float32", shape)
    c, d = graph.output("int32", (1,)), graph.output("float32", shape)
    squared = graph.tensor("float32", shape)
    graph.operator("MUL", [b, b], [squared], "MulOptions")
    if loops:
      graph.operator("WHILE", [a, squared], [c, d], "WhileOptions", condSubgraphIndex=cond_index,
                     bodySubgraphIndex=body_index)
    else:
      graph.operator("ADD", [a, a], [c], "AddOptions")
      graph.operator("ADD", [squared, b], [d], "AddOptions")
  model.operator("ADD", [x, x], [doubled], "AddOptions")
  model.operator("IF", [condition, i, doubled], [j, looped], "IfOptions", thenSubgraphIndex=1,
                 elseSubgraphIndex=2)
  model.operator("ADD", [looped, doubled], [y], "AddOptions")
  name = "IF/float32/nested"
  values = _values("float32", shape, name, 3)
  invokes = [[np.array([c]), v] for c, v in zip((True, False, True), values)]
  return Case(name, model, invokes)


def flow():
  for kind in ("float32", "int8"):
    for shape in _SHAPES:
      yield _if(kind, shape)
  for kind in ("float32", "int32"):
    for shape in _SHAPES:
      yield _while(kind, shape)
  yield _nested()
  # A graph that calls itself, and an index beyond the last.
  for what, index in (("itself", 1), ("main_graph", 0), ("missing", 9)):
    model = Model()
    condition, x = model.input("bool", (1,)), model.input("float32", (4,))
    y = model.output("float32", (4,))
    graph = model.subgraph()
    c, a, b = graph.input("bool", (1,)), graph.input("float32", (4,)), graph.output("float32", (4,))
    graph.operator("IF", [c, a], [b], "IfOptions", thenSubgraphIndex=index, elseSubgraphIndex=index)
    model.operator("IF", [condition, x], [y], "IfOptions", thenSubgraphIndex=index,
                   elseSubgraphIndex=index)
    invokes = [[np.array([True]), np.zeros(4, np.float32)]]
    yield Case(f"IF/float32/refused-{what}", model, invokes, kind=Kind.REFUSE)


def _handle(graph, name):
  handle = graph.tensor("resource", (1,))
  graph.operator("VAR_HANDLE", [], [handle], "VarHandleOptions", container="", sharedName=name)
  return handle


def _accumulate(kind, shape, initial):
  """total = total + x; y = total"""
  text = "initialized" if initial is not None else "zero"
  name = f"READ_VARIABLE/{kind}/{'x'.join(map(str, shape))}-{text}"
  model = Model()
  quantization = _quantization(kind)
  if initial is not None:
    init = model.subgraph()
    value = init.tensor(kind, shape, data=np.full(shape, initial), **quantization)
    init.operator("ASSIGN_VARIABLE", [_handle(init, "total"), value], [], "AssignVariableOptions")
    model.operator("CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=1)
  x = model.input(kind, shape, **quantization)
  before = model.tensor(kind, shape, **quantization)
  y = model.output(kind, shape, **quantization)
  model.operator("READ_VARIABLE", [_handle(model, "total")], [before], "ReadVariableOptions")
  model.operator("ADD", [before, x], [y], "AddOptions")
  model.operator("ASSIGN_VARIABLE", [_handle(model, "total"), y], [], "AssignVariableOptions")
  return Case(name, model, [[v] for v in _values(kind, shape, name, 4)])


def _swap():
  """Two variables that exchange values, under one name each."""
  shape = (3,)
  model = Model()
  x = model.input("float32", shape)
  left, right = _handle(model, "left"), _handle(model, "right")
  a, b = model.tensor("float32", shape), model.tensor("float32", shape)
  y = model.output("float32", shape)
  model.operator("READ_VARIABLE", [left], [a], "ReadVariableOptions")
  model.operator("READ_VARIABLE", [right], [b], "ReadVariableOptions")
  model.operator("ADD", [a, x], [y], "AddOptions")
  model.operator("ASSIGN_VARIABLE", [right, y], [], "AssignVariableOptions")
  model.operator("ASSIGN_VARIABLE", [left, b], [], "AssignVariableOptions")
  name = "READ_VARIABLE/float32/swap"
  return Case(name, model, [[v] for v in _values("float32", shape, name, 5)])


def variables():
  for kind in ("float32", "int8", "int32"):
    for shape in _SHAPES:
      yield _accumulate(kind, shape, None)
      yield _accumulate(kind, shape, 5)
  yield _swap()


PACKS = {"control_flow": flow, "variables": variables}
