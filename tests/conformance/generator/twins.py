# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of docs/NUMERICS.md in NumPy, for twins of operators that no oracle gets right."""

import math

import numpy as np


def quantize_multiplier(real):
  """(multiplier of 31 bits, exponent) of a real number > 0."""
  fraction, exponent = math.frexp(real)
  q31 = math.floor(fraction * 2**31 + 0.5)
  if q31 == 2**31:
    q31 //= 2
    exponent += 1
  return (q31, exponent) if exponent >= -31 else (0, 0)


def requantize(x, multiplier, exponent):
  """Requantize, of int64 arrays whose products fit."""
  y = (x * 2 ** max(exponent, 0) * multiplier + 2**30) >> 31
  shift = max(-exponent, 0)
  half = 2 ** (shift - 1) if shift else 0
  return np.where(y >= 0, (y + half) >> shift, -((-y + half) >> shift))
