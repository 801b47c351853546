# SPDX-License-Identifier: Apache-2.0
"""Operators that join tensors or take one apart: CONCATENATION, PACK, SPLIT, SPLIT_V, UNPACK."""

import numpy as np

from case import Case, Kind, Oracle, Random
from families.moving import draw, oracle_of, quantization, signed, text
from model import Activation, Model


def _with(shape, axis, extent):
  result = list(shape)
  result[axis] = extent
  return tuple(result)


# Shape of a part but for the axis, axis, extents along the axis.
_SETTINGS = [
    ((0,), 0, (3, 5)),
    ((0,), -1, (4, 1, 7, 2)),
    ((3, 0), 1, (2, 5)),
    ((0, 4), 0, (1, 3)),
    ((2, 0, 3), 1, (4, 1)),
    ((2, 3, 0), -1, (8, 8)),
    ((0, 2, 3), 0, (2, 1, 1)),
    ((1, 4, 3, 0), 3, (4, 4)),
    ((1, 4, 3, 0), 3, (3, 8, 1)),
    ((1, 4, 3, 0), -1, (9, 7)),
    ((2, 3, 2, 0), 3, (5, 2)),
    ((1, 4, 0, 5), 2, (1, 2)),
    ((1, 0, 4, 3), 1, (2, 3)),
    ((1, 0, 4, 3), -3, (1, 1)),
    ((0, 2, 3, 4), 0, (1, 2)),
    ((2, 0, 3, 2), 1, (1, 3, 2)),
    ((1, 1, 5, 0), 3, (2, 4)),
    ((1, 1, 0, 4), 2, (2, 4)),
    ((1, 0, 1, 4), 1, (2, 4)),
    ((2, 1, 2, 0, 3), 3, (2, 3)),
    ((2, 1, 2, 3, 0), -1, (2, 3)),
]
_TFLM_CONCATENATION = ("float32", "int8", "int16", "int32", "int64", "bool")
_TFLM_SPLIT = ("float32", "int8", "int16", "int32")
_KINDS = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")


def _concatenation(kind, shape, axis, extents, constant=None, activation=Activation.NONE):
  name = f"CONCATENATION/{kind}/{text(shape)}-axis{signed([axis])}-{signed(extents)}"
  name += "" if constant is None else f"-constant{constant}"
  name += "" if activation == Activation.NONE else f"-{activation.name}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  operands, data = [], []
  for index, extent in enumerate(extents):
    part = _with(shape, axis, extent)
    values = draw(random, kind, part)
    if index == constant:
      operands.append(model.tensor(kind, part, data=values, **parameters))
    else:
      operands.append(model.input(kind, part, **parameters))
      data.append(values)
  y = model.output(kind, _with(shape, axis, sum(extents)), **parameters)
  model.operator("CONCATENATION", operands, [y], "ConcatenationOptions", axis=axis,
                 fusedActivationFunction=activation)
  kind_of_case = Kind.RUN if activation == Activation.NONE else Kind.REFUSE
  return Case(name, model, [data], kind=kind_of_case,
              oracle=oracle_of(kind, _TFLM_CONCATENATION))


def _concatenation_of_different_scales(kind):
  name = f"CONCATENATION/{kind}/2x3-different_scales"
  model = Model()
  a = model.input(kind, (2, 3), scale=0.5, zero_point=0)
  b = model.input(kind, (2, 3), scale=0.25, zero_point=0)
  y = model.output(kind, (2, 6), scale=0.5, zero_point=0)
  model.operator("CONCATENATION", [a, b], [y], "ConcatenationOptions", axis=1)
  zeros = np.zeros((2, 3), kind)
  return Case(name, model, [[zeros, zeros]], kind=Kind.REFUSE)


def _concatenation_rescaled(shape, axis, extents, parameters, output, constant=None):
  """uint8; `parameters` are (scale, zero point) of each part."""
  settings = "-".join(f"{s:g}z{z}" for s, z in (*parameters, output))
  name = f"CONCATENATION/uint8/{text(shape)}-axis{signed([axis])}-{signed(extents)}-{settings}"
  name += "" if constant is None else f"-constant{constant}"
  random = Random(name)
  model = Model()
  operands, data = [], []
  for index, (extent, (scale, zero_point)) in enumerate(zip(extents, parameters)):
    part = _with(shape, axis, extent)
    values = random.integers("uint8", part)
    if part == (256,):
      values = np.arange(256).astype(np.uint8)
    if index == constant:
      operands.append(model.tensor("uint8", part, scale, zero_point, data=values))
    else:
      operands.append(model.input("uint8", part, scale, zero_point))
      data.append(values)
  y = model.output("uint8", _with(shape, axis, sum(extents)), *output)
  model.operator("CONCATENATION", operands, [y], "ConcatenationOptions", axis=axis)
  return Case(name, model, [data], oracle=Oracle.LITERT_REFERENCE)


def _concatenations_rescaled():
  # All values of several parts: drawn scales, ties, scales far apart, powers of two.
  pairs = [((0.05, 128), (0.1, 128)), ((0.05, 0), (0.1, 255)), ((0.07, 3), (0.02, 200)),
           ((0.1, 255), (0.3, 0)), ((0.0009, 77), (1.5, 9)), ((1.5, 100), (0.0009, 120)),
           ((0.5, 1), (0.25, 2)), ((3.0, 17), (7.0, 31)), ((1e-20, 5), (3.0, 8))]
  for source, target in pairs:
    yield _concatenation_rescaled((0,), 0, (256, 256), (source, target), target)
  random = Random("CONCATENATION/uint8/drawn")
  for _ in range(12):
    parameters = [(random.scale(0.001, 0.2), int(random.integers("uint8", ()))) for _ in range(4)]
    yield _concatenation_rescaled((0,), 0, (256,) * 3, parameters[:3], parameters[3])
  a, b, c = (0.05, 100), (0.02, 128), (0.03, 0)
  yield _concatenation_rescaled((1, 4, 3, 0), 3, (3, 8, 1), (a, b, c), b)
  yield _concatenation_rescaled((1, 0, 4, 3), 1, (2, 3), (b, a), a)
  yield _concatenation_rescaled((2, 3, 0), -1, (8, 5), (a, b), b, constant=0)
  yield _concatenation_rescaled((1, 3, 2, 0), 3, (5,), (a,), b)  # one part


def concatenation():
  yield from _concatenations_rescaled()
  for kind in _KINDS:
    settings = _SETTINGS if kind in ("int8", "float32") else _SETTINGS[1:16:3]
    for shape, axis, extents in settings:
      yield _concatenation(kind, shape, axis, extents)
  for kind in ("int8", "float32"):
    yield _concatenation(kind, (1, 3, 2, 0), 3, (5,))  # one part
    yield _concatenation(kind, (1, 0, 2, 3), 1, (2, 0, 1))  # one empty
    yield _concatenation(kind, (2, 0), 1, (2, 3, 1), constant=1)
    yield _concatenation(kind, (1, 3, 2, 0), 3, (4, 3), constant=0)
    yield _concatenation(kind, (1, 0, 2, 3), 1, (1, 3), constant=0)
  yield _concatenation("float32", (2, 0), 1, (2, 3), activation=Activation.RELU)
  yield _concatenation_of_different_scales("int8")
  # More inputs than TFLM takes.
  case = _concatenation("int8", (3, 0), 1, tuple(range(1, 15)))
  case.oracle = Oracle.LITERT_REFERENCE
  yield case


def _pack(kind, shape, axis, count):
  name = f"PACK/{kind}/{count}-of-{text(shape)}-axis{signed([axis])}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  operands = [model.input(kind, shape, **parameters) for _ in range(count)]
  at = axis % (len(shape) + 1)
  y = model.output(kind, shape[:at] + (count,) + shape[at:], **parameters)
  model.operator("PACK", operands, [y], "PackOptions", axis=axis, valuesCount=count)
  data = [draw(random, kind, shape) for _ in range(count)]
  if kind == "bool":
    return Case(name, model, [data], oracle=Oracle.TWIN, twin=lambda *x: [np.stack(x, axis)])
  return Case(name, model, [data], oracle=oracle_of(kind, _TFLM_CONCATENATION))


# Shape of a part, axis, number of parts.
_STACKS = [
    ((), 0, 3),
    ((5,), 0, 2),
    ((5,), 1, 3),
    ((5,), -1, 4),
    ((2, 3), 0, 2),
    ((2, 3), 1, 5),
    ((2, 3), 2, 2),
    ((1, 4, 3), 1, 2),
    ((1, 4, 3), -1, 3),
    ((1, 4, 3), -2, 2),
    ((2, 2, 3, 2), 0, 2),
    ((2, 2, 3, 2), 4, 2),
    ((2, 2, 3, 2), 2, 3),
    ((1, 3, 2), 0, 1),
]


def pack():
  for kind in _KINDS:
    for shape, axis, count in _STACKS if kind in ("int8", "float32") else _STACKS[3:10:3]:
      yield _pack(kind, shape, axis, count)


def _unpack(kind, shape, axis, count):
  name = f"UNPACK/{kind}/{count}-of-{text(shape)}-axis{signed([axis])}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  at = axis % (len(shape) + 1)
  whole = shape[:at] + (count,) + shape[at:]
  x = model.input(kind, whole, **parameters)
  outputs = [model.output(kind, shape, **parameters) for _ in range(count)]
  model.operator("UNPACK", [x], outputs, "UnpackOptions", axis=axis, num=count)
  data = draw(random, kind, whole)
  if kind == "int64":
    twin = lambda x: [part.squeeze(axis) for part in np.split(x, count, axis)]
    return Case(name, model, [[data]], oracle=Oracle.TWIN, twin=twin)
  return Case(name, model, [[data]], oracle=oracle_of(kind, _TFLM_SPLIT))


def unpack():
  for kind in _KINDS:
    for shape, axis, count in _STACKS if kind in ("int8", "float32") else _STACKS[3:10:3]:
      yield _unpack(kind, shape, axis, count)


def _split(kind, shape, axis, count):
  name = f"SPLIT/{kind}/{text(shape)}-axis{signed([axis])}-by{count}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  a = model.tensor("int32", (), data=axis)
  x = model.input(kind, shape, **parameters)
  part = _with(shape, axis, shape[axis] // count)
  outputs = [model.output(kind, part, **parameters) for _ in range(count)]
  model.operator("SPLIT", [a, x], outputs, "SplitOptions", numSplits=count)
  data = draw(random, kind, shape)
  if kind == "bool":
    twin = lambda x: np.split(x, count, axis)
    return Case(name, model, [[data]], oracle=Oracle.TWIN, twin=twin)
  return Case(name, model, [[data]], oracle=oracle_of(kind, _TFLM_SPLIT))


def split():
  settings = [
      ((6,), 0, 3),
      ((4, 6), 0, 2),
      ((4, 6), 1, 2),
      ((2, 6, 3), -2, 3),
      ((1, 4, 3, 8), 3, 2),
      ((1, 4, 3, 12), -1, 4),
      ((1, 4, 6, 3), 2, 2),
      ((1, 4, 2, 3), 1, 4),
      ((2, 2, 2, 3), 1, 2),
      ((2, 2, 2, 3), 0, 2),
      ((1, 1, 4, 6), 3, 3),
      ((2, 1, 3, 2, 4), 4, 2),
      ((1, 2, 3, 4), 1, 1),
  ]
  for kind in _KINDS:
    for shape, axis, count in settings if kind in ("int8", "float32") else settings[1:8:2]:
      yield _split(kind, shape, axis, count)


def _split_v(kind, shape, axis, sizes, size_kind="int32", rest=None):
  written = [-1 if index == rest else size for index, size in enumerate(sizes)]
  name = f"SPLIT_V/{kind}/{text(shape)}-axis{signed([axis])}-{signed(written)}"
  name += "" if size_kind == "int32" else f"-{size_kind}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  x = model.input(kind, shape, **parameters)
  s = model.tensor(size_kind, (len(sizes),), data=written)
  a = model.tensor("int32", (1,), data=axis)
  outputs = [model.output(kind, _with(shape, axis, size), **parameters) for size in sizes]
  model.operator("SPLIT_V", [x, s, a], outputs, "SplitVOptions", numSplits=len(sizes))
  data = draw(random, kind, shape)
  if kind == "bool":
    twin = lambda x: np.split(x, np.cumsum(sizes)[:-1], axis)
    return Case(name, model, [[data]], oracle=Oracle.TWIN, twin=twin)
  oracle = oracle_of(kind if size_kind == "int32" else None, _TFLM_SPLIT)
  return Case(name, model, [[data]], oracle=oracle)


def split_v():
  settings = [
      ((7,), 0, (3, 4), None),
      ((4, 6), 0, (1, 3), None),
      ((4, 6), 1, (1, 3, 2), 1),
      ((2, 6, 3), -2, (2, 3, 1), 2),
      ((1, 4, 3, 9), 3, (4, 5), None),
      ((1, 4, 3, 9), -1, (1, 7, 1), 0),
      ((1, 4, 6, 3), 2, (5, 1), None),
      ((1, 5, 2, 3), 1, (2, 3), None),
      ((2, 3, 2, 3), 1, (2, 1), None),
      ((3, 2, 2, 3), 0, (1, 2), None),
      ((1, 2, 3, 4), 1, (2,), 0),
  ]
  for kind in _KINDS:
    chosen = settings if kind in ("int8", "float32") else settings[1:8:2]
    for shape, axis, sizes, rest in chosen:
      yield _split_v(kind, shape, axis, sizes, rest=rest)
  yield _split_v("int8", (4, 6), 1, (1, 3, 2), "int64")


PACKS = {
    "concatenation": concatenation,
    "pack": pack,
    "split": split,
    "split_v": split_v,
    "unpack": unpack,
}
