# SPDX-License-Identifier: Apache-2.0
"""Shapes and margins: RESHAPE, SQUEEZE, EXPAND_DIMS, SHAPE, RANK, PAD, PADV2, MIRROR_PAD."""

import numpy as np

from case import Case, Kind, Oracle, Random
from families.moving import draw, oracle_of, signed
from families.moving import quantization as quantization_of
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


_KINDS = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")


def squeeze():
  settings = [
      ((1, 3, 1, 2), (3, 2), ()),
      ((1, 3, 1, 2), (3, 1, 2), (0,)),
      ((1, 3, 1, 2), (1, 3, 2), (-2,)),
      ((1, 1, 1), (), ()),
      ((2, 3), (2, 3), ()),
  ]
  for kind in _KINDS:
    for source, target, axes in settings:
      name = f"SQUEEZE/{kind}/{_text(source)}-{signed(axes)}"
      random = Random(name)
      model = Model()
      parameters = quantization_of(kind, random)
      x = model.input(kind, source, **parameters)
      y = model.output(kind, target, **parameters)
      model.operator("SQUEEZE", [x], [y], "SqueezeOptions", squeezeDims=list(axes))
      # TFLM refuses to squeeze to a scalar.
      oracle = Oracle.LITERT_REFERENCE if target == () else Oracle.TFLM_REFERENCE
      yield Case(name, model, [[draw(random, kind, source)]], oracle=oracle)


def expand_dims():
  for kind in _KINDS:
    for source, axis in (((), 0), ((4,), 0), ((4,), 1), ((2, 3), -1), ((2, 3), 1), ((2, 3, 2), -3)):
      name = f"EXPAND_DIMS/{kind}/{_text(source)}-axis{signed([axis])}"
      random = Random(name)
      model = Model()
      parameters = quantization_of(kind, random)
      x = model.input(kind, source, **parameters)
      a = model.tensor("int32", (1,), data=[axis])
      at = axis % (len(source) + 1)
      y = model.output(kind, source[:at] + (1,) + source[at:], **parameters)
      model.operator("EXPAND_DIMS", [x, a], [y], "ExpandDimsOptions")
      yield Case(name, model, [[draw(random, kind, source)]],
                 oracle=oracle_of(kind, ("float32", "int8", "int16")))


def _of_shape(operator, kind, shape, output_kind="int32"):
  name = f"{operator}/{kind}/{_text(shape)}" + ("" if output_kind == "int32" else f"-{output_kind}")
  model = Model()
  x = model.input(kind, shape)
  if operator == "RANK":
    y = model.output("int32", ())
    model.operator("RANK", [x], [y], "RankOptions")
  else:
    y = model.output(output_kind, (len(shape),))
    model.operator("SHAPE", [x], [y], "ShapeOptions", outType=model.schema_type(output_kind))
  tflm = operator == "SHAPE" and output_kind == "int32"
  return Case(name, model, [[draw(Random(name), kind, shape)]],
              oracle=Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE)


def shape():
  for kind in _KINDS:
    for source in ((5,), (2, 3), (1, 4, 3, 2), (2, 1, 2, 1, 2)):
      yield _of_shape("SHAPE", kind, source)
  yield _of_shape("SHAPE", "int8", (3, 2, 4), "int64")


def rank():
  for kind in _KINDS:
    for source in ((), (5,), (1, 4, 3, 2)):
      yield _of_shape("RANK", kind, source)


_TFLM_PADS = ("float32", "int8", "int16", "int32")
_PADDINGS = [
    ((5,), ((2, 3),)),
    ((3, 4), ((1, 0), (0, 2))),
    ((2, 3, 4), ((1, 1), (0, 0), (2, 2))),
    ((1, 4, 3, 5), ((0, 0), (1, 1), (1, 1), (0, 0))),
    ((1, 4, 3, 2), ((1, 1), (2, 1), (0, 3), (1, 0))),
    ((1, 4, 3, 2), ((0, 0), (2, 1), (0, 0), (0, 0))),
    ((2, 2, 3, 2), ((0, 0), (0, 0), (1, 2), (0, 0))),
]


def _pad_v2(kind, shape, paddings, constant=True):
  name = f"PADV2/{kind}/{_text(shape)}-" + "_".join(f"{a}.{b}" for a, b in paddings)
  name += "" if constant else "-value_not_constant"
  random = Random(name)
  parameters = quantization_of(kind, random)
  data, value = draw(random, kind, shape), draw(random, kind, (1,))
  model = Model()
  x = model.input(kind, shape, **parameters)
  p = model.tensor("int32", (len(shape), 2), data=paddings)
  if constant:
    v = model.tensor(kind, (1,), data=value, **parameters)
  else:
    v = model.input(kind, (1,), **parameters)
  target = [size + before + after for size, (before, after) in zip(shape, paddings)]
  y = model.output(kind, target, **parameters)
  model.operator("PADV2", [x, p, v], [y], "PadV2Options")
  inputs = [data] if constant else [data, value]
  return Case(name, model, [inputs], oracle=oracle_of(kind, _TFLM_PADS))


def pad_v2():
  for kind in _KINDS:
    for setting in _PADDINGS if kind in ("int8", "float32") else _PADDINGS[1::2]:
      yield _pad_v2(kind, *setting)
  yield _pad_v2("int8", *_PADDINGS[3], constant=False)
  yield _pad_v2("float32", *_PADDINGS[4], constant=False)


def _mirror_pad(kind, shape, paddings, mode, index_kind="int32", refuse=False):
  name = f"MIRROR_PAD/{kind}/{_text(shape)}-" + "_".join(f"{a}.{b}" for a, b in paddings)
  name += f"-{mode}" + ("" if index_kind == "int32" else f"-{index_kind}")
  random = Random(name)
  parameters = quantization_of(kind, random)
  model = Model()
  x = model.input(kind, shape, **parameters)
  p = model.tensor(index_kind, (len(shape), 2), data=paddings)
  target = [size + before + after for size, (before, after) in zip(shape, paddings)]
  y = model.output(kind, target, **parameters)
  number = ("reflect", "symmetric").index(mode)
  model.operator("MIRROR_PAD", [x, p], [y], "MirrorPadOptions", mode=number)
  data = draw(random, kind, shape)
  case = Case(name, model, [[data]], kind=Kind.REFUSE if refuse else Kind.RUN)
  if kind not in ("float32", "int8") or index_kind != "int32":
    case.oracle = Oracle.TWIN
    case.twin = lambda x: [np.pad(x, paddings, mode)]
  if refuse:
    case.oracle = Oracle.LITERT_REFERENCE
  return case


def mirror_pad():
  settings = [
      ((5,), ((2, 3),), "reflect"),
      ((5,), ((5, 4),), "symmetric"),
      ((3, 4), ((1, 0), (0, 2)), "reflect"),
      ((3, 4), ((3, 2), (1, 4)), "symmetric"),
      ((2, 3, 4), ((1, 1), (0, 0), (2, 2)), "reflect"),
      ((1, 4, 3, 5), ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect"),
      ((1, 4, 3, 3), ((0, 0), (3, 3), (2, 2), (0, 0)), "reflect"),
      ((1, 4, 3, 3), ((0, 0), (4, 2), (1, 3), (0, 0)), "symmetric"),
      ((2, 2, 3, 2), ((1, 0), (0, 1), (0, 0), (1, 1)), "symmetric"),
      ((2, 2), ((0, 0), (0, 0)), "reflect"),
  ]
  for kind in _KINDS:
    for setting in settings if kind in ("int8", "float32") else settings[3::4]:
      yield _mirror_pad(kind, *setting)
  yield _mirror_pad("int8", *settings[5], index_kind="int64")
  yield _mirror_pad("int8", (3, 4), ((3, 0), (0, 0)), "reflect", refuse=True)


def pad_of_more_kinds():
  for kind in ("int16", "int32", "int64", "bool", "uint8"):
    for shape, paddings in _PADDINGS[1::2]:
      name = f"PAD/{kind}/{_text(shape)}-" + "_".join(f"{a}.{b}" for a, b in paddings)
      random = Random(name)
      parameters = quantization_of(kind, random)
      model = Model()
      x = model.input(kind, shape, **parameters)
      p = model.tensor("int32", (len(shape), 2), data=paddings)
      target = [size + before + after for size, (before, after) in zip(shape, paddings)]
      y = model.output(kind, target, **parameters)
      model.operator("PAD", [x, p], [y], "PadOptions")
      yield Case(name, model, [[draw(random, kind, shape)]], oracle=oracle_of(kind, _TFLM_PADS))


def all_pads():
  yield from pad()
  yield from pad_of_more_kinds()


PACKS = {
    "reshape": reshape,
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "shape": shape,
    "rank": rank,
    "pad": all_pads,
    "padv2": pad_v2,
    "mirror_pad": mirror_pad,
}
