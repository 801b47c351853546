# SPDX-License-Identifier: Apache-2.0
"""Operators that give an image another size: RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR."""

import numpy as np

from case import Case, Oracle, Random, SumOf
from families.moving import draw, oracle_of, quantization, text
from model import Model

_SIZES = [  # input, size of the output
    ((1, 2, 2, 1), (4, 4)),
    ((1, 3, 4, 2), (6, 8)),
    ((1, 4, 3, 3), (2, 2)),
    ((2, 3, 3, 4), (5, 7)),
    ((1, 5, 7, 5), (3, 4)),
    ((1, 1, 1, 3), (3, 2)),
    ((1, 4, 5, 2), (4, 5)),
    ((1, 3, 2, 8), (1, 1)),
    ((1, 6, 1, 2), (11, 3)),
]


def _resize(operator, kind, shape, size, align_corners, half_pixel_centers, tflm_kinds):
  name = f"{operator}/{kind}/{text(shape)}-to{text(size)}"
  name += ("-corners" if align_corners else "") + ("-half" if half_pixel_centers else "")
  random = Random(name)
  parameters = quantization(kind, random)
  model = Model()
  x = model.input(kind, shape, **parameters)
  s = model.tensor("int32", (2,), data=size)
  y = model.output(kind, (shape[0], *size, shape[3]), **parameters)
  options = "".join(part.title() for part in operator.split("_")) + "Options"
  model.operator(operator, [x, s], [y], options, alignCorners=align_corners,
                 halfPixelCenters=half_pixel_centers)
  case = Case(name, model, [[draw(random, kind, shape)]], oracle=oracle_of(kind, tflm_kinds))
  if kind == "float32" and operator == "RESIZE_BILINEAR":
    case.tolerance = SumOf(8)
  return case


def _resizes(operator, kinds, tflm_kinds):
  for kind in kinds:
    for shape, size in _SIZES if kind in ("int8", "float32") else _SIZES[1::3]:
      # Corners that are aligned exclude centers of half a pixel.
      for align_corners, half_pixel_centers in ((False, False), (True, False), (False, True)):
        yield _resize(operator, kind, shape, size, align_corners, half_pixel_centers, tflm_kinds)


def _resize_bilinear():
  yield from _resizes(
      "RESIZE_BILINEAR", ("float32", "int8", "int16", "uint8"), ("float32", "int8"))
  # The rounded scale leads out of the input, where the reference reads on.
  case = _resize("RESIZE_BILINEAR", "int8", (1, 1, 1, 2), (1, 600), False, False, ())
  case.oracle, case.twin = Oracle.TWIN, lambda x: [np.repeat(x, 600, 2)]
  yield case


PACKS = {
    "resize_bilinear": _resize_bilinear,
    "resize_nearest_neighbor": lambda: _resizes(
        "RESIZE_NEAREST_NEIGHBOR", ("float32", "int8", "int16", "uint8"),
        ("float32", "int8", "int16")),
}
