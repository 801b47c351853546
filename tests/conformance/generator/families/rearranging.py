# SPDX-License-Identifier: Apache-2.0
"""Operators whose outputs are their inputs in another order or several times: TRANSPOSE, REVERSE_V2,
TILE, BROADCAST_TO, SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND."""

import numpy as np

from case import Case, Oracle, Random
from families.moving import draw, oracle_of, quantization, signed, text
from model import Model

_KINDS = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")


def _case(name, kind, source, target, operator, operands, twin, oracle, options=None, **values):
  """`operands`: (kind, array) of the constants behind the input."""
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  inputs = [model.input(kind, source, **parameters)]
  for operand_kind, numbers in operands:
    numbers = np.asarray(numbers)
    inputs.append(model.tensor(operand_kind, numbers.shape, data=numbers))
  y = model.output(kind, target, **parameters)
  model.operator(operator, inputs, [y], options, **values)
  return Case(name, model, [[draw(random, kind, source)]], oracle=oracle, twin=twin)


def _some(kind, settings, step=3):
  return settings if kind in ("int8", "float32") else settings[1::step]


def transpose():
  settings = [
      ((5,), (0,)),
      ((3, 4), (1, 0)),
      ((3, 4), (0, 1)),
      ((2, 3, 4), (2, 0, 1)),
      ((2, 3, 4), (0, 2, 1)),
      ((2, 3, 4), (1, 0, 2)),
      ((2, 3, 4), (2, 1, 0)),
      ((1, 4, 3, 5), (0, 3, 1, 2)),
      ((1, 4, 3, 5), (0, 1, 3, 2)),
      ((1, 4, 3, 5), (0, 2, 1, 3)),
      ((1, 4, 1, 5), (0, 2, 1, 3)),
      ((2, 3, 4, 2), (3, 2, 1, 0)),
      ((2, 3, 4, 2), (1, 0, 3, 2)),
      ((2, 3, 4, 8), (0, 2, 3, 1)),
      ((2, 2, 3, 2, 3), (4, 0, 2, 1, 3)),
      ((2, 2, 3, 1, 2, 2), (5, 3, 1, 0, 4, 2)),
  ]
  for kind in _KINDS:
    for shape, permutation in _some(kind, settings):
      tflm = kind in ("float32", "int8", "int16") and len(shape) <= 5
      yield _case(
          f"TRANSPOSE/{kind}/{text(shape)}-{signed(permutation)}", kind, shape,
          [shape[p] for p in permutation], "TRANSPOSE", [("int32", permutation)], None,
          Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE, "TransposeOptions")
  # TFLM refuses it.
  yield _case("TRANSPOSE/int8/2x3x4-n1_0_n2", "int8", (2, 3, 4), (4, 2, 3), "TRANSPOSE",
              [("int32", (-1, 0, -2))], None, Oracle.LITERT_REFERENCE, "TransposeOptions")


def reverse_v2():
  settings = [
      ((5,), (0,)),
      ((3, 4), (0,)),
      ((3, 4), (1,)),
      ((2, 3, 4), (-2,)),
      ((1, 4, 3, 2), (1,)),
      ((1, 4, 3, 2), (2,)),
      ((1, 4, 3, 2), (3,)),
      ((2, 4, 3, 2), (1,)),
      ((1, 4, 1, 2), (2,)),
      ((2, 2, 3, 2, 2), (2,)),
  ]
  for kind in _KINDS:
    for shape, axes in _some(kind, settings):
      yield _case(f"REVERSE_V2/{kind}/{text(shape)}-{signed(axes)}", kind, shape, shape,
                  "REVERSE_V2", [("int32", axes)], None, Oracle.TFLM_REFERENCE, "ReverseV2Options")
  for shape, axes in (((3, 4, 2), (0, 1)), ((2, 3, 2, 3), (1, 2)), ((2, 3), (0, -1))):
    yield _case(f"REVERSE_V2/int8/{text(shape)}-{signed(axes)}", "int8", shape, shape,
                "REVERSE_V2", [("int32", axes)], None, Oracle.LITERT_REFERENCE,
                "ReverseV2Options")


def tile():
  settings = [
      ((3,), (4,)),
      ((3,), (1,)),
      ((2, 3), (2, 1)),
      ((2, 3), (1, 3)),
      ((2, 3), (3, 2)),
      ((1, 4, 3, 2), (1, 2, 1, 1)),
      ((1, 4, 3, 2), (1, 1, 3, 1)),
      ((1, 4, 3, 2), (1, 1, 1, 5)),
      ((1, 2, 2, 3), (2, 2, 2, 2)),
      ((2, 1, 2, 1, 3), (1, 2, 2, 3, 1)),
      ((1, 1, 1, 4), (1, 5, 5, 1)),
      ((2, 1, 2, 1, 2, 2), (2, 2, 1, 2, 1, 2)),
  ]
  kinds = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")
  for kind in kinds:
    for shape, times in _some(kind, settings):
      yield _case(f"TILE/{kind}/{text(shape)}-{signed(times)}", kind, shape,
                  [d * n for d, n in zip(shape, times)], "TILE", [("int32", times)],
                  lambda x, times=times: [np.tile(x, times)],
                  Oracle.TWIN if kind == "int16" else Oracle.LITERT_REFERENCE, "TileOptions")
  yield _case("TILE/int8/2x3-2_2-int64", "int8", (2, 3), (4, 6), "TILE", [("int64", (2, 2))], None,
              Oracle.LITERT_REFERENCE, "TileOptions")


def broadcast_to():
  settings = [
      ((1,), (5,)),
      ((), (2, 3)),
      ((3,), (2, 3)),
      ((2, 1), (2, 4)),
      ((2, 3), (2, 3)),
      ((1, 1, 5), (3, 2, 5)),
      ((4, 1, 2), (1, 4, 3, 2)),
      ((1, 4, 3, 1), (1, 4, 3, 7)),
      ((1, 1, 1, 4), (1, 3, 5, 4)),
      ((3, 1, 1), (2, 3, 2, 2)),
      ((2, 1, 3), (2, 2, 4, 3)),
      ((1, 2, 1, 2), (2, 1, 2, 3, 2)),
  ]
  for kind in _KINDS:
    for source, target in _some(kind, settings):
      yield _case(f"BROADCAST_TO/{kind}/{text(source)}-to-{text(target)}", kind, source, target,
                  "BROADCAST_TO", [("int32", target)], None, Oracle.TFLM_REFERENCE,
                  "BroadcastToOptions")
  yield _case("BROADCAST_TO/int8/3-to-2x3-int64", "int8", (3,), (2, 3), "BROADCAST_TO",
              [("int64", (2, 3))], None, Oracle.TFLM_REFERENCE, "BroadcastToOptions")


_SQUARES = [  # shape of the small tensor with the large one's channels, block
    ((1, 2, 3, 1), 2),
    ((1, 3, 2, 4), 2),
    ((2, 2, 2, 3), 2),
    ((1, 2, 1, 5), 3),
    ((1, 1, 2, 2), 4),
    ((1, 3, 3, 2), 1),
]


def space_to_depth():
  for kind in _KINDS:
    for (n, h, w, c), block in _some(kind, _SQUARES):
      yield _case(f"SPACE_TO_DEPTH/{kind}/{n}x{h * block}x{w * block}x{c}-by{block}", kind,
                  (n, h * block, w * block, c), (n, h, w, c * block * block), "SPACE_TO_DEPTH", [],
                  lambda x, n=n, h=h, w=w, c=c, b=block: [
                      x.reshape(n, h, b, w, b, c).transpose(0, 1, 3, 2, 4, 5)
                      .reshape(n, h, w, b * b * c).copy()],
                  Oracle.TFLM_REFERENCE if kind in ("float32", "int8") else Oracle.TWIN,
                  "SpaceToDepthOptions", blockSize=block)


def depth_to_space():
  for kind in _KINDS:
    for (n, h, w, c), block in _some(kind, _SQUARES):
      yield _case(f"DEPTH_TO_SPACE/{kind}/{n}x{h}x{w}x{c * block * block}-by{block}", kind,
                  (n, h, w, c * block * block), (n, h * block, w * block, c), "DEPTH_TO_SPACE", [],
                  lambda x, n=n, h=h, w=w, c=c, b=block: [
                      x.reshape(n, h, w, b, b, c).transpose(0, 1, 3, 2, 4, 5)
                      .reshape(n, h * b, w * b, c).copy()],
                  Oracle.TFLM_REFERENCE if kind in ("float32", "int8") else Oracle.TWIN,
                  "DepthToSpaceOptions", blockSize=block)


_SPACES = [  # shape of the images, block, margins
    ((1, 4, 4, 1), (2, 2), ((0, 0), (0, 0))),
    ((1, 3, 4, 2), (2, 2), ((1, 0), (0, 0))),
    ((2, 4, 6, 3), (2, 3), ((0, 0), (0, 0))),
    ((2, 3, 2, 3), (2, 3), ((0, 1), (1, 0))),
    ((1, 5, 4, 5), (4, 2), ((2, 1), (2, 2))),
    ((1, 6, 1), (3,), ((0, 0),)),
    ((2, 5, 3), (4,), ((2, 1),)),
    ((1, 3, 3, 4), (1, 1), ((0, 0), (0, 0))),
]


def _pieces(shape, block, margins):
  extents = [(d + sum(m)) // b for d, b, m in zip(shape[1:-1], block, margins)]
  return (shape[0] * int(np.prod(block)), *extents, shape[-1])


def _batch_case(operator, kind, images, block, margins, large_is_input, index_kind="int32"):
  name = f"{operator}/{kind}/{text(images)}-{text(block)}-" + "_".join(
      f"{a}.{b}" for a, b in margins)
  name += "" if index_kind == "int32" else f"-{index_kind}"
  pieces = _pieces(images, block, margins)
  source, target = (images, pieces) if large_is_input else (pieces, images)
  options = operator.title().replace("_", "").replace("Nd", "ND") + "Options"

  def to_batch(x):
    value = case_zero_point
    padded = np.pad(x, ((0, 0), *margins, (0, 0)), constant_values=value)
    split = [images[0]]
    for extent, b in zip(padded.shape[1:-1], block):
      split += [extent // b, b]
    order = [2, 4, 0, 1, 3, 5] if len(block) == 2 else [2, 0, 1, 3]
    return [padded.reshape(*split, images[-1]).transpose(order).reshape(pieces).copy()]

  def to_space(x):
    extents = pieces[1:-1]
    order = [2, 3, 0, 4, 1, 5] if len(block) == 2 else [1, 2, 0, 3]
    y = x.reshape(*block, images[0], *extents, images[-1]).transpose(order)
    y = y.reshape(images[0], *[e * b for e, b in zip(extents, block)], images[-1])
    for axis, (d, (before, _)) in enumerate(zip(images[1:-1], margins), 1):
      y = np.take(y, range(before, before + d), axis)
    return [y.copy()]

  # TFLM takes two types and two dimensions of space; what it pads with it never set. LiteRT refuses
  # some types.
  case_zero_point = quantization(kind, Random(name)).get("zero_point", 0)
  if not large_is_input and kind in ("float32", "int8") and len(images) == 4:
    oracle = Oracle.TFLM_REFERENCE
  elif kind in ("float32", "int8", "int32", "int64", "uint8"):
    oracle = Oracle.LITERT_REFERENCE
  else:
    oracle = Oracle.TWIN
  return _case(name, kind, source, target, operator,
               [(index_kind, block), (index_kind, margins)],
               to_batch if large_is_input else to_space, oracle, options)


def space_to_batch_nd():
  for kind in _KINDS:
    for setting in _some(kind, _SPACES):
      yield _batch_case("SPACE_TO_BATCH_ND", kind, *setting, True)


def batch_to_space_nd():
  for kind in _KINDS:
    for setting in _some(kind, _SPACES):
      yield _batch_case("BATCH_TO_SPACE_ND", kind, *setting, False)


PACKS = {
    "transpose": transpose,
    "reverse_v2": reverse_v2,
    "tile": tile,
    "broadcast_to": broadcast_to,
    "space_to_depth": space_to_depth,
    "depth_to_space": depth_to_space,
    "space_to_batch_nd": space_to_batch_nd,
    "batch_to_space_nd": batch_to_space_nd,
}
