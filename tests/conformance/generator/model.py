# SPDX-License-Identifier: Apache-2.0
"""Builds the tiny .tflite models that the conformance cases run.

Models carry no names and no description: a case should be small, and the runtime must not need
them.
"""

import copy
import enum

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

ABSENT = -1  # an optional input that is left out

_NUMPY_TYPES = {
    "float32": np.float32,
    "float16": np.float16,
    "float16": np.float16,
    "int8": np.int8,
    "int4": np.int8,  # packed when the model is written
    "uint8": np.uint8,
    "int16": np.int16,
    "int32": np.int32,
    "uint32": np.uint32,
    "int64": np.int64,
    "bool": np.bool_,
}
_SCHEMA_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "float16": schema.TensorType.FLOAT16,
    "int8": schema.TensorType.INT8,
    "int4": schema.TensorType.INT4,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "uint32": schema.TensorType.UINT32,
    "int64": schema.TensorType.INT64,
    "bool": schema.TensorType.BOOL,
    "resource": schema.TensorType.RESOURCE,
}


class Activation(enum.IntEnum):
  """The fused activations, numbered as in the format."""

  NONE = schema.ActivationFunctionType.NONE
  RELU = schema.ActivationFunctionType.RELU
  RELU_N1_TO_1 = schema.ActivationFunctionType.RELU_N1_TO_1
  RELU6 = schema.ActivationFunctionType.RELU6


class Padding(enum.IntEnum):
  SAME = schema.Padding.SAME
  VALID = schema.Padding.VALID


def numpy_type(name):
  return _NUMPY_TYPES[name]


def _packed_int4(data):
  """Two elements to a byte, the first in its lower half."""
  nibbles = data.reshape(-1).astype(np.uint8) & 15
  nibbles = np.append(nibbles, np.zeros(nibbles.size % 2, np.uint8))
  return nibbles[0::2] | nibbles[1::2] << 4


class Model:
  """A graph under construction. Tensors and operators are added in execution order.

  The first is the model; subgraph() adds one that its operators may call.
  """

  def __init__(self):
    self._subgraphs = []  # those behind this one
    self._tensors = []
    self._constants = {}  # tensor index -> numpy array
    self._codes = []  # (builtin code, version)
    self._operators = []
    self._inputs = []
    self._outputs = []

  def tensor(self, kind, shape, scale=None, zero_point=0, axis=0, data=None):
    """Adds a tensor; returns its index.

    `scale` and `zero_point` are numbers, or sequences with one entry per slice of dimension `axis`;
    a zero point that is one number serves all scales. `data` makes the tensor a constant.
    """
    tensor = schema.TensorT()
    tensor.shape = [int(d) for d in shape]
    tensor.type = _SCHEMA_TYPES[kind]
    if scale is not None:
      quantization = schema.QuantizationParametersT()
      quantization.scale = np.atleast_1d(np.asarray(scale, np.float32))
      zero_points = np.atleast_1d(np.asarray(zero_point, np.int64))
      quantization.zeroPoint = np.broadcast_to(zero_points, quantization.scale.shape).copy()
      quantization.quantizedDimension = axis
      tensor.quantization = quantization
    index = len(self._tensors)
    self._tensors.append(tensor)
    if data is not None:
      data = np.ascontiguousarray(data, _NUMPY_TYPES[kind])
      assert data.size == int(np.prod(tensor.shape)), (data.shape, tensor.shape)
      self._constants[index] = data
    return index

  def variable(self, *args, **kwargs):
    """A tensor that keeps its value from one invoke to the next."""
    index = self.tensor(*args, **kwargs)
    self._tensors[index].isVariable = True
    return index

  @staticmethod
  def schema_type(kind):
    """The number of an element type in the format, for options that hold one."""
    return _SCHEMA_TYPES[kind]

  def quantize(self, index, kind, scale, data):
    """Makes a float constant one of `kind`, with one scale."""
    tensor = self._tensors[index]
    tensor.type = _SCHEMA_TYPES[kind]
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = np.atleast_1d(np.float32(scale))
    tensor.quantization.zeroPoint = np.zeros(1, np.int64)
    self._constants[index] = np.ascontiguousarray(data, _NUMPY_TYPES[kind])

  def mark_input(self, index):
    self._inputs.append(index)

  def mark_output(self, index):
    self._outputs.append(index)

  def input(self, *args, **kwargs):
    """A tensor that is the next input of the graph."""
    index = self.tensor(*args, **kwargs)
    self.mark_input(index)
    return index

  def output(self, *args, **kwargs):
    """A tensor that is the next output of the graph."""
    index = self.tensor(*args, **kwargs)
    self.mark_output(index)
    return index

  def operator(self, name, inputs, outputs, options_type=None, version=1, **options):
    """Adds the builtin operator `name`; `options_type` is e.g. "Conv2DOptions", or None."""
    code = (getattr(schema.BuiltinOperator, name), version)
    if code not in self._codes:
      self._codes.append(code)
    operator = schema.OperatorT()
    operator.opcodeIndex = self._codes.index(code)
    operator.inputs = list(inputs)
    operator.outputs = list(outputs)
    if options_type is not None:
      operator.builtinOptionsType = getattr(schema.BuiltinOptions, options_type)
      operator.builtinOptions = getattr(schema, options_type + "T")()
      for key, value in options.items():
        assert hasattr(operator.builtinOptions, key), key
        setattr(operator.builtinOptions, key, value)
    self._operators.append(operator)

  def subgraph(self):
    """Adds an empty graph behind the last; operators name it by index()."""
    graph = Model()
    graph._codes = self._codes
    self._subgraphs.append(graph)
    return graph

  def index(self, graph):
    return 1 + self._subgraphs.index(graph)

  def magnitudes(self):
    """The same model with every constant but integers that count replaced by its magnitude, and no
    fused activation.

    Run on magnitudes of the inputs, a linear operator then gives the sum of |a * b| in which the
    rounding errors of its sums are measured.
    """
    twin = copy.deepcopy(self)
    for index, data in twin._constants.items():
      if data.dtype in (np.float32, np.float16, np.int8):
        twin._constants[index] = np.abs(data)
    for operator in twin._operators:
      if hasattr(operator.builtinOptions, "fusedActivationFunction"):
        operator.builtinOptions.fusedActivationFunction = Activation.NONE
    return twin

  def input_types(self):
    return [self._tensors[i].type for i in self._inputs]

  def output_types(self):
    return [self._tensors[i].type for i in self._outputs]

  def serialize(self):
    """The bytes of the .tflite file."""
    model = schema.ModelT()
    model.version = 3
    model.operatorCodes = []
    for code, version in self._codes:
      entry = schema.OperatorCodeT()
      entry.deprecatedBuiltinCode = min(code, 127)
      entry.builtinCode = code
      entry.version = version
      model.operatorCodes.append(entry)
    model.buffers = [schema.BufferT()]  # buffer 0 is the empty one, by convention
    model.subgraphs = [graph._pack(model.buffers) for graph in [self, *self._subgraphs]]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())

  def _pack(self, buffers):
    for index, tensor in enumerate(self._tensors):
      tensor.buffer = 0
      if index in self._constants:
        buffer = schema.BufferT()
        data = self._constants[index]
        if tensor.type == schema.TensorType.INT4:
          data = _packed_int4(data)
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        tensor.buffer = len(buffers)
        buffers.append(buffer)
    subgraph = schema.SubGraphT()
    subgraph.tensors = self._tensors
    subgraph.inputs = self._inputs
    subgraph.outputs = self._outputs
    subgraph.operators = self._operators
    return subgraph
