# SPDX-License-Identifier: Apache-2.0
"""What the families of operators that only move data share."""

import numpy as np

from case import Oracle


def text(shape):
  return "x".join(map(str, shape)) or "scalar"


def signed(values):
  """Numbers as a part of a name, where "-" separates parts."""
  return "_".join(f"n{-v}" if v < 0 else str(v) for v in values)


def quantization(kind, random):
  if kind not in ("int8", "uint8", "int16"):
    return {}
  zero_point = 0 if kind == "int16" else int(random.integers(kind, ()))
  return dict(scale=random.scale(), zero_point=zero_point)


def draw(random, kind, shape):
  """Any values of the type."""
  if kind == "float32":
    return random.floats(shape, -100.0, 100.0)
  if kind == "bool":
    return random.integers("int8", shape, 0, 1).astype(np.bool_)
  if kind in ("int64", "uint64"):
    high = random.integers("int32", shape).astype(np.int64)
    return ((high << 32) + random.integers("int32", shape)).astype(kind)
  return random.integers(kind, shape)


def oracle_of(kind, tflm_kinds):
  """TFLM for the types that it takes, LiteRT for others."""
  return Oracle.TFLM_REFERENCE if kind in tflm_kinds else Oracle.LITERT_REFERENCE
