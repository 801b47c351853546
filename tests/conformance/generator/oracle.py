# SPDX-License-Identifier: Apache-2.0
"""Expected outputs: TFLM's reference kernels or LiteRT's, through their Python wheels."""

import os
import pickle
import signal
import tempfile

from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

from case import Oracle

_ARENA_BYTES = 4 << 20
_SECONDS = 60


class Refused(Exception):
  """The oracle does not run this model; str() says why in its words."""


def _invoke_litert(model_bytes, invokes):
  interpreter = Interpreter(
      model_content=model_bytes, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
  )
  interpreter.allocate_tensors()
  inputs_at = [detail["index"] for detail in interpreter.get_input_details()]
  outputs_at = [detail["index"] for detail in interpreter.get_output_details()]
  results = []
  for inputs in invokes:
    for index, data in zip(inputs_at, inputs, strict=True):
      interpreter.set_tensor(index, data)
    interpreter.invoke()
    results.append([interpreter.get_tensor(index).copy() for index in outputs_at])
  return results


def _invoke_tflm(model_bytes, invokes):
  interpreter = runtime.Interpreter.from_bytes(model_bytes, arena_size=_ARENA_BYTES)
  results = []
  for inputs in invokes:
    for index, data in enumerate(inputs):
      interpreter.set_input(data, index)
    interpreter.invoke()
    outputs = []
    while True:
      try:
        outputs.append(interpreter.get_output(len(outputs)).copy())
      except IndexError:
        break
    results.append(outputs)
  return results


_INVOKE = {Oracle.TFLM_REFERENCE: _invoke_tflm, Oracle.LITERT_REFERENCE: _invoke_litert}


def run(model_bytes, invokes, oracle=Oracle.TFLM_REFERENCE):
  """Outputs per invoke: [[array per output] per invoke]. `invokes` holds the inputs likewise.

  Runs in a child process, since the oracle crashes on some models; that counts as a refusal.
  """
  with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as messages:
    child = os.fork()
    if child == 0:
      code = 1
      try:
        signal.alarm(_SECONDS)
        os.dup2(messages.fileno(), 1)
        os.dup2(messages.fileno(), 2)
        pickle.dump(_INVOKE[oracle](model_bytes, invokes), answer)
        answer.flush()
        code = 0
      except BaseException as error:  # whatever it is, the parent must hear of it
        os.write(2, (f"{type(error).__name__}: {error}\n").encode())
      finally:
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if status == 0:
      answer.seek(0)
      return pickle.load(answer)
    messages.seek(0)
    lines = [line for line in messages.read().decode(errors="replace").splitlines() if line]
    if os.WIFSIGNALED(status):
      lines.insert(0, f"killed by {signal.Signals(os.WTERMSIG(status)).name}")
    raise Refused(lines[0] if lines else "no message")
