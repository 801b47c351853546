# SPDX-License-Identifier: Apache-2.0
"""Operators that take a box out of a tensor: SLICE, STRIDED_SLICE."""

import numpy as np

from case import Case, Kind, Oracle, Random
from families.moving import draw, oracle_of, quantization, signed, text
from model import Model

_KINDS = ("float32", "int8", "int16", "int32", "int64", "bool", "uint8")
_TFLM_KINDS = ("float32", "int8", "int16", "int32", "bool")


def _slice(kind, shape, begin, size, index_kind="int32", refuse=False):
  name = f"SLICE/{kind}/{text(shape)}-{signed(begin)}-{signed(size)}"
  name += "" if index_kind == "int32" else f"-{index_kind}"
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  x = model.input(kind, shape, **parameters)
  b = model.tensor(index_kind, (len(begin),), data=begin)
  s = model.tensor(index_kind, (len(size),), data=size)
  target = [d - at if n == -1 else n for d, at, n in zip(shape, begin, size)]
  y = model.output(kind, target, **parameters)
  model.operator("SLICE", [x, b, s], [y], "SliceOptions")
  oracle = Oracle.LITERT_REFERENCE if refuse else oracle_of(kind, _TFLM_KINDS)
  return Case(name, model, [[draw(random, kind, shape)]], oracle=oracle,
              kind=Kind.REFUSE if refuse else Kind.RUN)


def slice_():
  settings = [
      ((7,), (2,), (3,)),
      ((7,), (0,), (-1,)),
      ((4, 5), (1, 2), (2, 3)),
      ((4, 5), (0, 4), (-1, 1)),
      ((4, 5), (3, 0), (1, -1)),
      ((2, 3, 4), (1, 0, 2), (1, -1, -1)),
      ((2, 3, 4), (0, 1, 0), (2, 2, 4)),
      ((1, 5, 4, 3), (0, 0, 0, 0), (1, 2, 4, 3)),
      ((1, 5, 4, 3), (0, 2, 0, 0), (1, -1, -1, -1)),
      ((1, 5, 4, 3), (0, 0, 1, 0), (1, 5, 2, 3)),
      ((1, 5, 4, 9), (0, 0, 0, 4), (1, 5, 4, 4)),
      ((1, 5, 4, 9), (0, 1, 1, 1), (1, 3, 2, 7)),
      ((1, 5, 4, 3), (0, 4, 0, 0), (1, 1, 4, 2)),
      ((1, 1, 6, 4), (0, 0, 2, 0), (1, 1, 3, 4)),
      ((3, 4, 2, 3), (1, 0, 0, 0), (2, 4, 2, 3)),
      ((3, 4, 2, 3), (0, 1, 0, 0), (3, 2, 2, 3)),
      ((3, 4, 2, 3), (0, 0, 0, 1), (3, 4, 2, 2)),
      ((2, 2, 3, 2, 4), (0, 1, 0, 0, 1), (2, 1, 3, 2, 2)),
      ((2, 2, 3, 2, 4), (1, 0, 1, 1, 3), (-1, -1, -1, -1, -1)),
  ]
  for kind in _KINDS:
    for setting in settings if kind in ("int8", "float32") else settings[2::5]:
      yield _slice(kind, *setting)
  yield _slice("int8", (4, 5), (1, 2), (2, -1), "int64")
  yield _slice("int8", (4, 5), (0, 3), (4, 3), refuse=True)


class _Spec:
  """One subscript in Python's notation as the operands and masks of STRIDED_SLICE."""

  def __init__(self, subscript):
    self.begin, self.end, self.strides = [], [], []
    self.masks = dict(beginMask=0, endMask=0, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=0)
    for position, entry in enumerate(subscript):
      bit = 1 << position
      begin, end, stride = 0, 0, 1
      if entry is Ellipsis:
        self.masks["ellipsisMask"] |= bit
      elif entry is None:
        self.masks["newAxisMask"] |= bit
      elif isinstance(entry, slice):
        stride = 1 if entry.step is None else entry.step
        if entry.start is None:
          self.masks["beginMask"] |= bit
        else:
          begin = entry.start
        if entry.stop is None:
          self.masks["endMask"] |= bit
        else:
          end = entry.stop
      else:
        self.masks["shrinkAxisMask"] |= bit
        begin, end = entry, entry + 1
      self.begin.append(begin)
      self.end.append(end)
      self.strides.append(stride)


def _entry_text(entry):
  if entry is Ellipsis:
    return "all"
  if entry is None:
    return "new"
  if not isinstance(entry, slice):
    return signed([entry])
  parts = [entry.start, entry.stop, entry.step]
  return "to".join("" if part is None else signed([part]) for part in parts)


def _strided_slice(kind, shape, subscript):
  name = f"STRIDED_SLICE/{kind}/{text(shape)}-" + ".".join(map(_entry_text, subscript))
  random = Random(name)
  parameters = quantization(kind, random)
  data = draw(random, kind, shape)
  spec = _Spec(subscript)
  model = Model()
  x = model.input(kind, shape, **parameters)
  operands = [x]
  for values in (spec.begin, spec.end, spec.strides):
    operands.append(model.tensor("int32", (len(values),), data=values))
  y = model.output(kind, data[subscript].shape, **parameters)
  model.operator("STRIDED_SLICE", operands, [y], "StridedSliceOptions", **spec.masks)
  tflm = kind in _TFLM_KINDS and len(shape) <= 4
  tflm = tflm and spec.masks["ellipsisMask"] == spec.masks["newAxisMask"] == 0
  tflm = tflm and len(subscript) == len(shape)
  oracle = Oracle.TFLM_REFERENCE if tflm else Oracle.LITERT_REFERENCE
  return Case(name, model, [[data]], oracle=oracle)


def _offset():
  """`end` counts from `begin`, which TFLM ignores; the shape of the output decides."""
  name = "STRIDED_SLICE/int8/2x9-offset"
  random = Random(name)
  data = draw(random, "int8", (2, 9))
  model = Model()
  x = model.input("int8", (2, 9))
  operands = [x] + [model.tensor("int32", (2,), data=v) for v in ((0, 2), (2, 4), (1, 2))]
  y = model.output("int8", (2, 2))
  model.operator("STRIDED_SLICE", operands, [y], "StridedSliceOptions", offset=True)
  return Case(name, model, [[data]], oracle=Oracle.TWIN, twin=lambda x: [x[0:2, 2:6:2].copy()])


def strided_slice():
  s = np.s_
  settings = [
      ((9,), s[2:7,]),
      ((9,), s[::2,]),
      ((9,), s[::-1,]),
      ((9,), s[7:1:-3,]),
      ((9,), s[-3:,]),
      ((9,), s[-20:20:4,]),
      ((9,), s[3,]),
      ((4, 6), s[1:3, ::2]),
      ((4, 6), s[2, 1:5]),
      ((4, 6), s[:, -1]),
      ((4, 6), s[-2, -3]),
      ((4, 6), s[::-1, ::-1]),
      ((4, 6), s[3:0:-2, 1:6:3]),
      ((2, 3, 4), s[1, :, ::3]),
      ((2, 3, 4), s[:, 2, :]),
      ((2, 3, 4), s[:, :, 1:2]),
      ((1, 8, 6, 3), s[:, ::2, ::2, :]),
      ((1, 8, 6, 3), s[:, 1::2, :, :]),
      ((1, 8, 6, 3), s[:, 2:6, 1:5, :]),
      ((1, 8, 6, 3), s[0, :, :, :]),
      ((1, 8, 6, 3), s[:, :, :, 1]),
      ((1, 8, 6, 3), s[:, :, :, ::-1]),
      ((1, 8, 6, 3), s[:, ::-1, :, :]),
      ((1, 8, 6, 3), s[:, 3, 2, :]),
      ((1, 9, 7, 2), s[:, ::3, ::3, ::2]),
      ((2, 4, 3, 2), s[1:, ::2, :, :]),
      ((2, 4, 3, 2), s[:, :, ::2, ::-1]),
      ((2, 4, 3, 4), s[:, ::-3, 1:2, 1:3]),
      ((4, 6), s[1:3]),
      ((4, 6), s[..., 2]),
      ((2, 3, 4), s[0, ..., 1:3]),
      ((2, 3, 4), s[..., None, ::2]),
      ((2, 3, 4), s[None, 1, ..., None]),
      ((4, 6), s[:, None, 3]),
      ((2, 3, 2, 2, 3), s[1, ..., ::2]),
      ((2, 3, 2, 2, 3), s[:, ::2, :, 1, :]),
  ]
  for kind in _KINDS:
    for shape, subscript in settings if kind in ("int8", "float32") else settings[2::5]:
      if not isinstance(subscript, tuple):
        subscript = (subscript,)
      yield _strided_slice(kind, shape, subscript)
  yield _offset()


PACKS = {"slice": slice_, "strided_slice": strided_slice}
