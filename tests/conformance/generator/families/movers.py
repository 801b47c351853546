# SPDX-License-Identifier: Apache-2.0
"""Operators that move data and compute nothing: RESHAPE, PAD."""

import numpy as np

from case import Case, Kind, Random
from model import Model


def _text(shape):
  return "x".join(map(str, shape)) or "scalar"


def _quantization(kind, random):
  if kind == "float32":
    return {}
  return dict(scale=random.scale(), zero_point=int(random.integers(kind, ())))


def reshape():
  # Input shape, output shape, wanted shape (options or tensor), where -1 stands for what is left.
  shapes = [
      ((6,), (2, 3), (2, 3)),
      ((2, 3), (6,), (-1,)),
      ((1, 3, 3, 2), (1, 18), (1, -1)),
      ((2, 2, 3), (3, 4), (-1, 4)),
      ((2, 2, 3), (1, 2, 2, 3), (1, 2, 2, 3)),
      ((4, 5), (4, 5), (4, -1)),
      ((1, 1, 1, 7), (7,), (7,)),
      ((1,), (), ()),
      ((), (1,), (1,)),
      ((2, 3, 4, 5), (5, 4, 3, 2), (5, 4, -1, 2)),
      ((2, 1, 3, 1, 2), (6, 2), (6, 2)),
  ]
  for kind in ("int8", "float32"):
    for source, target, wanted in shapes:
      for form in ("options", "tensor", "both", "neither"):
        if form == "neither" and wanted != (4, -1):
          continue  # the output's own shape decides: once is enough
        if form == "options" and not wanted:
          continue  # an absent vector and an empty one look alike
        wanted_text = _text(wanted).replace("-1", "n")
        name = f"RESHAPE/{kind}/{_text(source)}-to-{wanted_text}-{form}"
        random = Random(name)
        quantization = _quantization(kind, random)
        model = Model()
        operands = [model.input(kind, source, **quantization)]
        if form in ("tensor", "both"):
          operands.append(model.tensor("int32", (len(wanted),), data=wanted))
        y = model.output(kind, target, **quantization)
        if form in ("options", "both"):
          model.operator("RESHAPE", operands, [y], "ReshapeOptions", newShape=list(wanted))
        else:
          model.operator("RESHAPE", operands, [y])
        yield Case(name, model, [[random.data(kind, source)]])
  for kind in ("int16", "int32", "uint8", "bool", "int64"):
    name = f"RESHAPE/{kind}/2x6-to-3x4"
    random = Random(name)
    model = Model()
    x = model.input(kind, (2, 6))
    wanted = model.tensor("int32", (2,), data=(3, 4))
    y = model.output(kind, (3, 4))
    model.operator("RESHAPE", [x, wanted], [y], "ReshapeOptions", newShape=[3, 4])
    data = random.integers("int8", (2, 6), 0, 1) if kind == "bool" else None
    data = random.integers("int32", (2, 6)) if kind == "int64" else data
    data = random.integers(kind, (2, 6)) if data is None else data
    yield Case(name, model, [[data.astype(np.bool_ if kind == "bool" else kind)]])


def _pad(kind, shape, paddings, index_kind="int32", constant=True, zero_point=None):
  name = f"PAD/{kind}/{_text(shape)}-" + "_".join(f"{a}.{b}" for a, b in paddings)
  if index_kind != "int32":
    name += f"-{index_kind}"
  if not constant:
    name += "-paddings_not_constant"
  if zero_point is not None:
    name += f"-z{zero_point}"
  random = Random(name)
  quantization = _quantization(kind, random)
  if zero_point is not None:
    quantization["zero_point"] = zero_point
  data = random.data(kind, shape)
  target = [size + before + after for size, (before, after) in zip(shape, paddings)]

  def build(index_kind):
    model = Model()
    x = model.input(kind, shape, **quantization)
    if constant:
      p = model.tensor(index_kind, (len(shape), 2), data=paddings)
    else:
      p = model.input(index_kind, (len(shape), 2))
    y = model.output(kind, target, **quantization)
    model.operator("PAD", [x, p], [y], "PadOptions", 1 if kind == "float32" else 2)
    return model

  if not constant:
    return Case(name, build(index_kind), [[data, np.int32(paddings)]], kind=Kind.REFUSE)
  case = Case(name, build(index_kind), [[data]])
  if index_kind != "int32":  # misread there
    case.oracle_model = build("int32")
  return case


def pad():
  for kind in ("int8", "float32"):
    yield _pad(kind, (5,), ((2, 3),))
    yield _pad(kind, (5,), ((0, 0),))
    yield _pad(kind, (1,), ((0, 7),))
    yield _pad(kind, (3, 4), ((1, 0), (0, 2)))
    yield _pad(kind, (3, 4), ((0, 0), (3, 1)))
    yield _pad(kind, (2, 3, 4), ((1, 1), (0, 0), (2, 2)))
    yield _pad(kind, (2, 3, 4), ((0, 0), (2, 1), (0, 0)))
    for channels in (1, 3, 4, 5, 8, 9):
      yield _pad(kind, (1, 4, 3, channels), ((0, 0), (1, 1), (1, 1), (0, 0)))
    yield _pad(kind, (1, 4, 3, 2), ((0, 0), (0, 1), (0, 1), (0, 0)))
    yield _pad(kind, (1, 4, 3, 2), ((0, 0), (2, 0), (0, 0), (0, 0)))
    yield _pad(kind, (1, 4, 3, 2), ((0, 0), (0, 0), (3, 2), (0, 0)))
    yield _pad(kind, (1, 4, 3, 2), ((0, 0), (0, 0), (0, 0), (1, 5)))
    yield _pad(kind, (1, 4, 3, 2), ((1, 1), (2, 1), (0, 3), (1, 0)))
    yield _pad(kind, (2, 2, 3, 2), ((0, 1), (1, 0), (1, 2), (0, 1)))
    yield _pad(kind, (1, 1, 1, 1), ((2, 1), (1, 2), (0, 3), (3, 0)))
    yield _pad(kind, (1, 2, 3, 2, 2), ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2)))
    yield _pad(kind, (2, 3, 2), ((0, 0), (1, 2), (0, 1)), index_kind="int64")
    yield _pad(kind, (2, 3), ((1, 1), (0, 2)), constant=False)
  for zero_point in (-128, 127, 0):
    yield _pad("int8", (1, 3, 3, 3), ((0, 0), (1, 1), (1, 1), (0, 0)), zero_point=zero_point)


PACKS = {"reshape": reshape, "pad": pad}
