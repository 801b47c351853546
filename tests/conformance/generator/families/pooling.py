# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D and MAX_POOL_2D."""

import dataclasses

import numpy as np

from case import EXACT, Case, Kind, Random, SumOf
from model import Activation, Model, Padding

SAME, VALID = Padding.SAME, Padding.VALID


@dataclasses.dataclass(frozen=True)
class Pool:
  """A pool without its numbers. Pairs are (height, width)."""

  image: tuple  # N, H, W, C
  window: tuple
  stride: tuple = (1, 1)
  padding: Padding = SAME
  activation: Activation = Activation.NONE
  zero_point: int = None  # None: drawn
  scale: float = None

  def extent(self, axis):
    size = self.image[1 + axis]
    if self.padding == VALID:
      size -= self.window[axis] - 1
    return -(-size // self.stride[axis])

  def __str__(self):
    parts = ["x".join(map(str, self.image)), f"k{self.window[0]}x{self.window[1]}"]
    parts.append(self.padding.name.lower())
    if self.stride != (1, 1):
      parts.append(f"s{self.stride[0]}x{self.stride[1]}")
    if self.activation != Activation.NONE:
      parts.append(self.activation.name.lower())
    if self.zero_point is not None:
      parts.append(f"z{self.zero_point}")
    if self.scale is not None:
      parts.append(f"scale{self.scale:g}")
    return "-".join(parts)


def _case(op, kind, pool):
  name = f"{op}/{kind}/{pool}"
  random = Random(name)
  shape = (pool.image[0], pool.extent(0), pool.extent(1), pool.image[3])
  model = Model()
  if kind == "float32":
    x = model.input(kind, pool.image)
    y = model.output(kind, shape)
  else:
    drawn_scale = random.scale(0.005, 0.1)
    drawn_zero_point = int(random.integers("int8", ()))
    scale = drawn_scale if pool.scale is None else pool.scale
    zero_point = drawn_zero_point if pool.zero_point is None else pool.zero_point
    if kind == "int16":
      zero_point = 0
    x = model.input(kind, pool.image, scale, zero_point)
    y = model.output(kind, shape, scale, zero_point)
  model.operator(
      op,
      [x],
      [y],
      "Pool2DOptions",
      1 if kind == "float32" else 2,
      padding=pool.padding,
      strideH=pool.stride[0],
      strideW=pool.stride[1],
      filterHeight=pool.window[0],
      filterWidth=pool.window[1],
      fusedActivationFunction=pool.activation,
  )
  averages_floats = kind == "float32" and op == "AVERAGE_POOL_2D"
  tolerance = SumOf(pool.window[0] * pool.window[1] + 1) if averages_floats else EXACT
  return Case(name, model, [[v] for v in random.inputs(kind, pool.image)], tolerance)


def _pools():
  for c in (1, 2, 3, 4, 5, 7, 8, 9, 16, 17):
    yield Pool((1, 4, 5, c), (2, 2), (2, 2), VALID)
  for stride in ((1, 1), (2, 2), (3, 3), (1, 2)):
    for padding in (SAME, VALID):
      for window in ((2, 2), (3, 3), (3, 2)):
        yield Pool((1, 7, 8, 5), window, stride, padding)
  yield Pool((1, 6, 5, 3), (6, 5), (1, 1), VALID)
  yield Pool((1, 5, 4, 3), (5, 4), (5, 4), VALID)
  yield Pool((1, 2, 3, 3), (5, 5))
  yield Pool((1, 2, 3, 3), (7, 4), (2, 2))
  yield Pool((1, 1, 1, 4), (3, 3))
  yield Pool((1, 4, 4, 4), (1, 1))
  yield Pool((1, 4, 4, 4), (1, 1), (2, 2))
  yield Pool((1, 1, 13, 2), (1, 3), (1, 2))
  yield Pool((1, 12, 1, 3), (4, 1), (4, 1), VALID)
  yield Pool((2, 4, 3, 3), (2, 2), (2, 2))
  yield Pool((3, 3, 3, 5), (3, 3), (1, 1), VALID)
  yield Pool((1, 16, 16, 1), (16, 16), (1, 1), VALID)
  for activation in Activation:
    yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, activation)
    yield Pool((1, 4, 4, 4), (2, 2), (2, 2), VALID, activation)


def _quantized_pools():
  for zero_point in (-128, 127, 0):
    for activation in Activation:
      yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, activation, zero_point, 0.05)
  yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, Activation.RELU6, 10, 1.0)
  yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, Activation.RELU_N1_TO_1, -5, 0.7)
  # A clamp that is narrower than one step.
  yield Pool((1, 4, 4, 5), (3, 3), (1, 1), SAME, Activation.RELU_N1_TO_1, 3, 4.0)


def _refused(op, what, scales, zero_points):
  model = Model()
  x = model.input("int8", (1, 2, 2, 1), scales[0], zero_points[0])
  y = model.output("int8", (1, 1, 1, 1), scales[1], zero_points[1])
  options = dict(padding=VALID, strideH=1, strideW=1, filterHeight=2, filterWidth=2)
  model.operator(op, [x], [y], "Pool2DOptions", 2, **options)
  invokes = [[np.zeros((1, 2, 2, 1), np.int8)]]
  return Case(f"{op}/int8/refused-{what}", model, invokes, kind=Kind.REFUSE)


def average_pool_2d():
  return _cases("AVERAGE_POOL_2D")


def max_pool_2d():
  return _cases("MAX_POOL_2D")


def _cases(op):
  for pool in [*_pools(), *_quantized_pools()]:
    yield _case(op, "int8", pool)
  yield _refused(op, "zero_points_differ", (0.05, 0.05), (3, 4))
  yield _refused(op, "scales_differ", (0.05, 0.0501), (3, 3))
  for pool in dict.fromkeys(_pools()):
    yield _case(op, "float32", pool)


def pool_2d_int16():
  for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    for c in (1, 3, 4, 5, 9):
      yield _case(op, "int16", Pool((1, 4, 5, c), (2, 2), (2, 2), VALID))
    for padding in (SAME, VALID):
      yield _case(op, "int16", Pool((1, 5, 6, 5), (3, 2), (1, 2), padding))
    yield _case(op, "int16", Pool((1, 2, 3, 3), (5, 5)))
    yield _case(op, "int16", Pool((2, 4, 3, 3), (2, 2), (2, 2)))
    for activation in Activation:
      yield _case(op, "int16", Pool((1, 4, 4, 4), (3, 3), (1, 1), SAME, activation, None, 0.0007))


PACKS = {
    "pool_2d_int16": pool_2d_int16,
    "average_pool_2d": average_pool_2d, "max_pool_2d": max_pool_2d}
