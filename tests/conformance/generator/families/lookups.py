# SPDX-License-Identifier: Apache-2.0
"""Operators that find places by data, and such as make numbers out of few: GATHER, GATHER_ND,
EMBEDDING_LOOKUP, SCATTER_ND, DYNAMIC_UPDATE_SLICE, ONE_HOT, WHERE, TOPK_V2, FILL, RANGE,
BROADCAST_ARGS."""

import numpy as np

from case import Case, Oracle, Random
from families.moving import draw, oracle_of, quantization, signed, text
from model import Model

_KINDS = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")


def _some(kind, settings, step=3):
  return settings if kind in ("int8", "float32") else settings[1::step]


def _indices(random, kind, shape, most):
  return random.integers("int32", shape, 0, most - 1).astype(kind)


def _gather(kind, shape, axis, indices_shape, batch_dims=0, index_kind="int32", constant=False):
  name = f"GATHER/{kind}/{text(shape)}-axis{signed([axis])}-{text(indices_shape)}"
  name += f"-batch{batch_dims}" if batch_dims else ""
  name += "" if index_kind == "int32" else f"-{index_kind}"
  name += "-constant" if constant else ""
  random = Random(name)
  parameters = quantization(kind, random)
  at = axis % len(shape)
  data = draw(random, kind, shape)
  indices = _indices(random, index_kind, indices_shape, shape[at])
  target = shape[:at] + indices_shape[batch_dims:] + shape[at + 1:]
  model = Model()
  x = model.input(kind, shape, **parameters)
  if constant:
    i = model.tensor(index_kind, indices_shape, data=indices)
  else:
    i = model.input(index_kind, indices_shape)
  y = model.output(kind, target, **parameters)
  model.operator("GATHER", [x, i], [y], "GatherOptions", axis=axis, batchDims=batch_dims)
  tflm = kind in ("float32", "int8") and index_kind == "int32"
  return Case(name, model, [[data] if constant else [data, indices]],
              oracle=Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE)


def gather():
  settings = [
      ((5,), 0, (3,)),
      ((5, 3), 0, (4,)),
      ((5, 3), 1, (2, 2)),
      ((5, 3), -1, ()),
      ((4, 2, 3), 0, (2, 3)),
      ((4, 2, 3), 1, (5,)),
      ((2, 4, 3, 2), 1, (3,)),
      ((1, 4, 3, 5), -1, (7,)),
      ((2, 4, 3), 1, (2, 3), 1),
      ((2, 3, 4), 2, (2, 3, 2), 2),
      ((2, 2, 5, 3), 2, (2, 4), 1),
  ]
  for kind in _KINDS:
    for setting in _some(kind, settings):
      yield _gather(kind, *setting)
  for index_kind in ("int16", "int64"):
    yield _gather("int8", (5, 3), 0, (4,), index_kind=index_kind)
  yield _gather("float32", (5, 3), 0, (4,), index_kind="int64")
  yield _gather("int8", (5, 3), 0, (2, 2), constant=True)
  yield _gather("int8", (5, 3), 0, (3,), index_kind="int64", constant=True)


def _gather_nd(kind, shape, indices_shape, index_kind="int32"):
  name = f"GATHER_ND/{kind}/{text(shape)}-{text(indices_shape)}"
  name += "" if index_kind == "int32" else f"-{index_kind}"
  random = Random(name)
  parameters = quantization(kind, random)
  depth = indices_shape[-1]
  indices = np.stack([_indices(random, index_kind, indices_shape[:-1], d) for d in shape[:depth]],
                     -1)
  model = Model()
  x = model.input(kind, shape, **parameters)
  i = model.input(index_kind, indices_shape)
  y = model.output(kind, indices_shape[:-1] + shape[depth:], **parameters)
  model.operator("GATHER_ND", [x, i], [y], "GatherNdOptions")
  tflm = kind in ("float32", "int8") and index_kind == "int32"
  return Case(name, model, [[draw(random, kind, shape), indices]],
              oracle=Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE)


def gather_nd():
  settings = [
      ((5,), (3, 1)),
      ((5, 3), (4, 1)),
      ((5, 3), (4, 2)),
      ((4, 2, 3), (2, 3, 2)),
      ((4, 2, 3), (2, 3)),
      ((2, 4, 3, 2), (3, 2, 3)),
      ((2, 4, 3, 2), (1, 4)),
  ]
  for kind in _KINDS:
    for setting in _some(kind, settings):
      yield _gather_nd(kind, *setting)
  yield _gather_nd("int8", (5, 3), (4, 2), "int64")


def _embedding(kind, shape, count, target_kind=None, per_row=False):
  target_kind = target_kind or kind
  types = kind if target_kind == kind else f"{kind}-{target_kind}"
  name = f"EMBEDDING_LOOKUP/{types}/{text(shape)}-{count}" + ("-per_row" if per_row else "")
  random = Random(name)
  parameters = quantization(kind, random)
  if target_kind != kind:
    parameters = dict(scale=random.scale(), zero_point=0)
  if per_row:
    parameters = dict(scale=random.scale(count=shape[0]), zero_point=0, axis=0)
  indices = _indices(random, "int32", (count,), shape[0])
  model = Model()
  i = model.input("int32", (count,))
  t = model.tensor(kind, shape, data=draw(random, kind, shape), **parameters)
  same = parameters if target_kind == kind else {}
  y = model.output(target_kind, (count,) + shape[1:], **same)
  model.operator("EMBEDDING_LOOKUP", [i, t], [y])
  return Case(name, model, [[indices]],
              oracle=Oracle.LITERT_REFERENCE if per_row else Oracle.TFLM_REFERENCE)


def embedding_lookup():
  for shape, count in (((5, 4), 3), ((9, 3), 1), ((4, 2, 3), 5)):
    yield _embedding("float32", shape, count)
    yield _embedding("int8", shape, count)
    yield _embedding("int8", shape, count, "float32")
  yield _embedding("int8", (5, 4), 6, "float32", per_row=True)


def _scatter_nd(kind, shape, indices_shape, repeated=False):
  name = f"SCATTER_ND/{kind}/{text(shape)}-{text(indices_shape)}" + ("-repeated" if repeated else "")
  random = Random(name)
  depth = indices_shape[-1]
  indices = np.stack([_indices(random, "int32", indices_shape[:-1], d) for d in shape[:depth]], -1)
  if repeated:
    indices = np.repeat(indices[:1], indices_shape[0], 0)
  updates_shape = indices_shape[:-1] + shape[depth:]
  updates = draw(random, kind, updates_shape)
  model = Model()
  i = model.input("int32", indices_shape)
  u = model.input(kind, updates_shape)
  s = model.tensor("int32", (len(shape),), data=shape)
  y = model.output(kind, shape)
  model.operator("SCATTER_ND", [i, u, s], [y], "ScatterNdOptions")
  return Case(name, model, [[indices, updates]], oracle=Oracle.LITERT_REFERENCE)


def scatter_nd():
  settings = [
      ((8,), (3, 1)),
      ((5, 3), (3, 1)),
      ((5, 3), (6, 2)),
      ((4, 2, 3), (2, 2, 2)),
      ((2, 4, 3, 2), (5, 3)),
  ]
  for kind in ("float32", "int8", "int32", "int64", "uint8", "bool"):
    for setting in settings if kind in ("int8", "float32") else settings[1::2]:
      yield _scatter_nd(kind, *setting)
    yield _scatter_nd(kind, (5, 3), (4, 1), repeated=True)


def _update(kind, shape, update, start, index_kind="int32"):
  name = f"DYNAMIC_UPDATE_SLICE/{kind}/{text(shape)}-{text(update)}-{signed(start)}"
  name += "" if index_kind == "int32" else f"-{index_kind}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  x = model.input(kind, shape, **parameters)
  u = model.input(kind, update, **parameters)
  s = model.input(index_kind, (len(shape),))
  y = model.output(kind, shape, **parameters)
  model.operator("DYNAMIC_UPDATE_SLICE", [x, u, s], [y], "DynamicUpdateSliceOptions")
  case = Case(name, model, [[draw(random, kind, shape), draw(random, kind, update),
                             np.array(start, index_kind)]],
              oracle=oracle_of(kind, ("float32", "int8", "int16", "int32")))
  if kind in ("bool", "uint8"):
    def twin(x, u, s):
      at = tuple(slice(b, b + e) for b, e in
                 ((min(max(0, int(b)), d - e), e) for b, d, e in zip(s, shape, update)))
      result = x.copy()
      result[at] = u
      return [result]
    case.oracle, case.twin = Oracle.TWIN, twin
  return case


def dynamic_update_slice():
  settings = [
      ((7,), (3,), (2,)),
      ((7,), (3,), (6,)),
      ((4, 5), (2, 3), (1, 2)),
      ((4, 5), (1, 5), (3, 0)),
      ((4, 5), (4, 2), (-3, 9)),
      ((4, 5), (4, 5), (0, 0)),
      ((2, 3, 4), (1, 2, 4), (1, 0, 0)),
      ((1, 4, 3, 2), (1, 1, 3, 2), (0, 2, 0, 0)),
      ((2, 4, 3, 2), (2, 2, 2, 1), (0, 1, 1, 1)),
  ]
  for kind in _KINDS:
    for setting in _some(kind, settings):
      yield _update(kind, *setting)
  yield _update("int8", (4, 5), (2, 3), (1, 2), "int64")


def _one_hot(kind, shape, depth, axis, index_kind="int32"):
  name = f"ONE_HOT/{kind}/{text(shape)}-depth{depth}-axis{signed([axis])}"
  name += "" if index_kind == "int32" else f"-{index_kind}"
  random = Random(name)
  indices = random.integers("int32", shape, -1, depth).astype(index_kind)  # some hit nothing
  at = axis % (len(shape) + 1)
  values = draw(random, kind, (2,))
  if kind == "bool":
    values = np.array([True, False])
  model = Model()
  i = model.input(index_kind, shape)
  operands = [i, model.tensor("int32", (), data=depth)]
  operands += [model.tensor(kind, (), data=value) for value in values]
  y = model.output(kind, shape[:at] + (depth,) + shape[at:])
  model.operator("ONE_HOT", operands, [y], "OneHotOptions", axis=axis)

  def twin(i):
    hot = np.expand_dims(i, at) == np.arange(depth).reshape((depth,) + (1,) * (len(shape) - at))
    return [np.where(hot, *values.astype(kind))]

  return Case(name, model, [[indices]], twin=twin,
              oracle=Oracle.TWIN if kind == "int16" else Oracle.LITERT_REFERENCE)


def one_hot():
  settings = [
      ((), 4, -1),
      ((5,), 4, -1),
      ((5,), 4, 0),
      ((2, 3), 5, -1),
      ((2, 3), 5, 0),
      ((2, 3), 5, 1),
      ((2, 1, 3), 3, 2),
  ]
  for kind in _KINDS:
    for setting in _some(kind, settings):
      yield _one_hot(kind, *setting)
  yield _one_hot("float32", (2, 3), 5, -1, "int64")


def where():
  for kind in ("bool", "float32", "int32", "int8", "uint8", "int64"):
    for shape in ((7,), (3, 4), (2, 3, 2), (1, 2, 3, 2)):
      name = f"WHERE/{kind}/{text(shape)}"
      random = Random(name)
      mask = random.integers("int8", shape, 0, 1)
      data = (draw(random, kind, shape) * mask).astype(kind) if kind != "bool" else mask.astype(bool)
      model = Model()
      x = model.input(kind, shape)
      y = model.output("int64", (int(np.count_nonzero(data)), len(shape)))
      model.operator("WHERE", [x], [y], "WhereOptions")
      yield Case(name, model, [[data]], oracle=Oracle.LITERT_REFERENCE)


def top_k_v2():
  for kind in ("float32", "int8", "int16", "int32", "int64", "uint8"):
    settings = [((6,), 1), ((6,), 4), ((6,), 6), ((3, 9), 3), ((2, 2, 5), 2), ((4, 1), 1)]
    for shape, k in _some(kind, settings, 2):
      name = f"TOPK_V2/{kind}/{text(shape)}-{k}"
      random = Random(name)
      parameters = quantization(kind, random)
      values = draw(random, kind, shape)
      few = random.integers("int8", shape, 0, 3).astype(kind)  # with many equal ones
      model = Model()
      x = model.input(kind, shape, **parameters)
      count = model.tensor("int32", (), data=k)
      outputs = [model.output(kind, shape[:-1] + (k,), **parameters),
                 model.output("int32", shape[:-1] + (k,))]
      model.operator("TOPK_V2", [x, count], outputs, "TopKV2Options")
      yield Case(name, model, [[values], [few]], oracle=Oracle.LITERT_REFERENCE)


def fill():
  for kind in _KINDS:
    for shape in ((), (5,), (2, 3), (1, 3, 2, 4)):
      name = f"FILL/{kind}/{text(shape)}"
      random = Random(name)
      parameters = quantization(kind, random)
      model = Model()
      d = model.tensor("int32", (len(shape),), data=shape)
      v = model.input(kind, (), **parameters)
      y = model.output(kind, shape, **parameters)
      model.operator("FILL", [d, v], [y], "FillOptions")
      tflm = kind in ("float32", "int8", "int32") and shape != ()
      case = Case(name, model, [[draw(random, kind, ())]],
                  oracle=Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE)
      if kind == "uint8" or shape == ():
        case.oracle = Oracle.TWIN
        case.twin = lambda v, shape=shape: [np.full(shape, v)]
      yield case


def range_():
  settings = {
      "int32": ((0, 5, 1), (3, 20, 4), (10, -3, -5), (7, 8, 100)),
      "int64": ((0, 5, 1), (1 << 40, (1 << 40) + 9, 3)),
      "float32": ((0.0, 4.0, 1.0), (0.1, 1.0, 0.1), (1.0, -1.0, -0.3)),
  }
  for kind, numbers in settings.items():
    for start, limit, delta in numbers:
      name = f"RANGE/{kind}/{start:g}-{limit:g}-{delta:g}".replace("--", "-n")
      count = int(np.ceil(abs((limit - start) / delta)))
      for constant in (True, False):
        model = Model()
        if constant:
          operands = [model.tensor(kind, (), data=v) for v in (start, limit, delta)]
          # A graph has an input.
          x = model.input("int8", (1,))
          model.mark_output(x)
          inputs = [np.zeros(1, np.int8)]
        else:
          operands = [model.input(kind, ()) for _ in range(3)]
          inputs = [np.array(v, kind) for v in (start, limit, delta)]
        y = model.output(kind, (count,))
        model.operator("RANGE", operands, [y], "RangeOptions")
        yield Case(name + ("-constant" if constant else ""), model, [inputs],
                   oracle=Oracle.LITERT_REFERENCE)


def broadcast_args():
  for kind in ("int32", "int64"):
    for a, b in (((2, 3), (2, 3)), ((2, 3), (3,)), ((1, 3, 1), (4, 1, 5)), ((1,), (7, 1, 2))):
      name = f"BROADCAST_ARGS/{kind}/{text(a)}-{text(b)}"
      model = Model()
      operands = [model.input(kind, (len(shape),)) for shape in (a, b)]
      y = model.output(kind, (max(len(a), len(b)),))
      model.operator("BROADCAST_ARGS", operands, [y])
      yield Case(name, model, [[np.array(a, kind), np.array(b, kind)]])


PACKS = {
    "gather": gather,
    "gather_nd": gather_nd,
    "embedding_lookup": embedding_lookup,
    "scatter_nd": scatter_nd,
    "dynamic_update_slice": dynamic_update_slice,
    "one_hot": one_hot,
    "where": where,
    "topk_v2": top_k_v2,
    "fill": fill,
    "range": range_,
    "broadcast_args": broadcast_args,
}
