# SPDX-License-Identifier: Apache-2.0
"""What a conformance case is, before the oracle has spoken."""

import dataclasses
import enum
import zlib

import numpy as np

from model import Model, numpy_type

# The rounding error of one float32 operation, relative to its result.
UNIT_ROUNDOFF = 2.0**-24


class Kind(enum.IntEnum):
  RUN = 0  # allocate, invoke, compare
  REFUSE = 1  # AllocateTensors() must fail, and not for want of arena


class Oracle(enum.IntEnum):
  TFLM_REFERENCE = 0  # TFLM's reference kernels
  LITERT_REFERENCE = 1  # LiteRT's reference kernels, for what TFLM lacks
  TWIN = 2  # a NumPy twin of docs/NUMERICS.md, where neither is right: Case.twin


class Compare(enum.IntEnum):
  EXACT = 0  # the same bytes; a and b unused
  ABS_REL = 1  # |got - expected| <= a + b * |expected|
  ULP = 2  # at most a units in the last place apart; b unused


@dataclasses.dataclass(frozen=True)
class Tolerance:
  compare: Compare = Compare.EXACT
  a: float = 0.0
  b: float = 0.0


EXACT = Tolerance()


def ulp(count):
  return Tolerance(Compare.ULP, float(count))


def abs_rel(absolute, relative):
  return Tolerance(Compare.ABS_REL, float(absolute), float(relative))


@dataclasses.dataclass
class SumOf:
  """Outputs are sums of `terms` products a * b, added in any order.

  Each of two correct implementations is within terms * u * sum|a * b| of the true sum, u the unit
  roundoff (N. Higham, Accuracy and Stability of Numerical Algorithms, section 3.1, first order).
  The largest sum|a * b| of the case comes from running the model's magnitudes.
  """

  terms: int


@dataclasses.dataclass
class Case:
  """One operator in one setting. The name is "OPERATOR/types/setting" and unique in the corpus."""

  name: str
  model: Model
  invokes: list  # [[array per input] per invoke]
  tolerance: object = EXACT  # Tolerance of all outputs, or SumOf
  kind: Kind = Kind.RUN
  # A model of the same meaning for an oracle that cannot run `model` itself.
  oracle_model: Model = None
  oracle: Oracle = Oracle.TFLM_REFERENCE
  # With Oracle.TWIN: twin(array per input) gives [array per output].
  twin: object = None

  @property
  def seed(self):
    return seed_of(self.name)


def seed_of(name):
  """Every case draws its random numbers from a seed that its name alone decides."""
  return zlib.crc32(name.encode())


class Random:
  """Random tensors of one case. Legacy streams: NumPy never changes them."""

  def __init__(self, name):
    self._state = np.random.RandomState(seed_of(name))

  def integers(self, kind, shape, low=None, high=None):
    """Uniform over [low, high], by default over the whole type."""
    info = np.iinfo(numpy_type(kind))
    low = info.min if low is None else low
    high = info.max if high is None else high
    return self._state.randint(low, high + 1, shape, np.int64).astype(numpy_type(kind))

  def floats(self, shape, low=-1.0, high=1.0):
    """Uniform over [low, high)."""
    return np.asarray(self._state.uniform(low, high, shape), np.float32)

  def scale(self, low=0.005, high=0.08, count=None):
    """A float32 scale, or an array of `count` of them."""
    drawn = np.float32(self._state.uniform(low, high, count))
    return drawn if count is not None else np.float32(drawn)

  def below(self, count):
    """A number in [0, count)."""
    return int(self._state.randint(count))

  def data(self, kind, shape, low=None, high=None):
    if kind == "float32":
      return self.floats(shape, -1.0 if low is None else low, 1.0 if high is None else high)
    return self.integers(kind, shape, low, high)

  def inputs(self, kind, shape):
    """Values for two invokes: the whole range, then a narrow band that does not saturate."""
    if kind == "float32":
      return [self.floats(shape), self.floats(shape, -8.0, 8.0)]
    info = np.iinfo(numpy_type(kind))
    centre = int(self._state.randint(info.min // 2, info.max // 2))
    return [
        self.integers(kind, shape),
        self.integers(kind, shape, max(info.min, centre - 12), min(info.max, centre + 12)),
    ]
