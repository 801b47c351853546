# SPDX-License-Identifier: Apache-2.0
"""Writes denoise.tflite: an op of our own, SoftThreshold(0.5), and a MUL after it.

  python examples/custom_op/make_model.py

Made with Python 3.11, flatbuffers 25.12.19, numpy 2.4.6, tflite-micro 0.dev20261023182759 (the format's
schema alone is used).
"""

import pathlib

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

ELEMENTS = 8
THRESHOLD = 0.5
GAIN = 2.0


def tensor(name, buffer):
  result = schema.TensorT()
  result.name = name
  result.shape = [1, ELEMENTS]
  result.type = schema.TensorType.FLOAT32
  result.buffer = buffer
  return result


def operator(code, inputs, outputs):
  result = schema.OperatorT()
  result.opcodeIndex = code
  result.inputs = inputs
  result.outputs = outputs
  return result


def build():
  threshold_code = schema.OperatorCodeT()
  threshold_code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
  threshold_code.builtinCode = schema.BuiltinOperator.CUSTOM
  threshold_code.customCode = "SoftThreshold"
  mul_code = schema.OperatorCodeT()
  mul_code.deprecatedBuiltinCode = schema.BuiltinOperator.MUL
  mul_code.builtinCode = schema.BuiltinOperator.MUL

  threshold = operator(0, [0], [1])
  # Custom options are the op's own bytes; ours are the threshold as a little-endian float32.
  threshold.customOptions = np.frombuffer(np.array([THRESHOLD], "<f4").tobytes(), np.uint8)
  mul = operator(1, [1, 2], [3])
  mul.builtinOptionsType = schema.BuiltinOptions.MulOptions
  mul.builtinOptions = schema.MulOptionsT()

  graph = schema.SubGraphT()
  graph.tensors = [tensor("noisy", 0), tensor("denoised", 0), tensor("gain", 1), tensor("result", 0)]
  graph.inputs = [0]
  graph.outputs = [3]
  graph.operators = [threshold, mul]

  gain = schema.BufferT()
  gain.data = np.frombuffer(np.full(ELEMENTS, GAIN, "<f4").tobytes(), np.uint8)
  model = schema.ModelT()
  model.version = 3
  model.operatorCodes = [threshold_code, mul_code]
  model.buffers = [schema.BufferT(), gain]  # buffer 0 is the empty one, by convention
  model.subgraphs = [graph]
  builder = flatbuffers.Builder(1024)
  builder.Finish(model.Pack(builder), b"TFL3")
  return bytes(builder.Output())


if __name__ == "__main__":
  (pathlib.Path(__file__).parent / "denoise.tflite").write_bytes(build())
