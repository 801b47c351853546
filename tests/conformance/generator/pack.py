# SPDX-License-Identifier: Apache-2.0
"""The pack file: cases one after the other. The layout is documented in ../README.md."""

import struct

from case import EXACT

MAGIC = b"MIDGECAS"
VERSION = 1
_ALIGNMENT = 16
_FLAGS = 0  # none defined yet


def _padding(length):
  return bytes(-length % _ALIGNMENT)


def _tensor(array, schema_type, tolerance):
  return struct.pack(
      "<IBBHff", array.nbytes, schema_type, tolerance.compare, 0, tolerance.a, tolerance.b
  )


def record(case, model_bytes, input_types, output_types, tolerance, outputs, oracle):
  """One case as bytes. `outputs` is [[array per output] per invoke]; empty if it is refused."""
  invokes = list(zip(case.invokes, outputs))
  first_inputs, first_outputs = invokes[0] if invokes else ([], [])
  name = case.name.encode()
  head = struct.pack(
      "<HHHHIIIII",
      case.kind,
      oracle,
      len(first_inputs),
      len(first_outputs),
      len(invokes),
      len(name),
      len(model_bytes),
      case.seed,
      _FLAGS,
  )
  head += b"".join(_tensor(a, t, EXACT) for a, t in zip(first_inputs, input_types))
  head += b"".join(_tensor(a, t, tolerance) for a, t in zip(first_outputs, output_types))
  head += name
  head += _padding(4 + len(head))  # 4: the record's own length, which lets a reader step over it
  body = head + model_bytes + _padding(len(model_bytes))
  for inputs, results in invokes:
    body += b"".join(array.tobytes() for array in [*inputs, *results])
  body += _padding(4 + len(body))
  return struct.pack("<I", 4 + len(body)) + body


def pack(records):
  return MAGIC + struct.pack("<II", VERSION, len(records)) + b"".join(records)
