# SPDX-License-Identifier: Apache-2.0
"""What operators with float activations and narrower weights have in common."""

import numpy as np

from case import UNIT_ROUNDOFF, abs_rel


def half_constant(model, data):
  """A float tensor as the converter writes it: a float16 constant behind a DEQUANTIZE."""
  half = model.tensor("float16", data.shape, data=data.astype(np.float16))
  full = model.tensor("float32", data.shape)
  model.operator("DEQUANTIZE", [half], [full], None, 3)
  return full


def dynamic_range_tolerance(bias):
  """Of outputs scale * sum + bias with an exact integer sum: some roundings of either term."""
  bound = 8 * UNIT_ROUNDOFF
  return abs_rel(bound * float(np.max(np.abs(bias), initial=0)), bound)
