#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a network of uint8 as TF 1 wrote them, with every operator that such models have, and what
it must give: tests/networks/uint8.

    python tests/networks/make_uint8.py     (packages: tests/conformance/corpus/VERSIONS.txt)

Weights are random numbers. Every layer but one is run by LiteRT's reference kernels. They round
FULLY_CONNECTED once, docs/NUMERICS.md twice: there the corpus's NumPy twin of that page is the
oracle, and what follows runs on what it gave.
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np

_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "tests/conformance/generator"), str(_ROOT / "tools")]

from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: E402
from case import Random  # noqa: E402
from make_network_goldens import FIRST_VALUES, Network, fnv1a64, sha256  # noqa: E402
from model import Activation, Model, Padding  # noqa: E402
from twins import quantize_multiplier, requantize  # noqa: E402

_FOLDER = _ROOT / "tests/networks/uint8"
_RECORDS = 3
_CLASSES, _KINDS = 7, 4
_SIX = (6 / 255, 0)  # what RELU6 leaves


class Builder:
  """The model under construction; layers give their output tensor."""

  def __init__(self):
    self.model, self.random = Model(), Random("uint8-35")
    self.tensors = {}  # index -> (shape, scale, zero point)
    self.dense = None  # the FULLY_CONNECTED layer: input, weights, bias, output

  def tensor(self, shape, scale, zero_point, make=None):
    make = make or self.model.tensor
    index = make("uint8", shape, np.float32(scale), zero_point)
    self.tensors[index] = (tuple(shape), np.float32(scale), zero_point)
    return index

  def layer(self, name, inputs, shape, q, options=None, make=None, **fields):
    y = self.tensor(shape, *q, make)
    self.model.operator(name, inputs, [y], options, **fields)
    return y

  def weights(self, x, shape, terms, reach, axis_units):
    """Weights and bias for outputs whose standard deviation is about `reach`."""
    _, scale, _ = self.tensors[x]
    weight_scale = np.float32(reach / (74 * 74 * np.sqrt(terms) * scale))
    zero_point = int(self.random.integers("uint8", (), 110, 146))
    data = self.random.integers("uint8", shape)
    w = self.model.tensor("uint8", shape, weight_scale, zero_point, data=data)
    bias_scale = np.float32(scale) * weight_scale
    most = int(reach / 4 / bias_scale)
    bias = self.random.integers("int32", (axis_units,), -most, most)
    b = self.model.tensor("int32", (axis_units,), bias_scale, data=bias)
    return w, b, (data, weight_scale, zero_point, bias)

  def convolution(self, x, units, kernel, stride, q, activation, depthwise=False):
    (n, h, w, c), _, _ = self.tensors[x]
    reach = q[0] * 60
    shape = (1, kernel, kernel, c) if depthwise else (units, kernel, kernel, c)
    terms = kernel * kernel * (1 if depthwise else c)
    weights, bias, _ = self.weights(x, shape, terms, reach, units)
    fields = dict(padding=Padding.SAME, strideH=stride, strideW=stride, dilationHFactor=1,
                  dilationWFactor=1, fusedActivationFunction=activation)
    options = "Conv2DOptions"
    if depthwise:
      fields["depthMultiplier"], options = 1, "DepthwiseConv2DOptions"
    out = (n, -(-h // stride), -(-w // stride), units)
    name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    return self.layer(name, [x, weights, bias], out, q, options, **fields)

  def pool(self, name, x, window, stride, padding):
    (n, h, w, c), scale, zero_point = self.tensors[x]
    out = (n, -(-h // stride), -(-w // stride), c) if padding == Padding.SAME else (
        n, (h - window) // stride + 1, (w - window) // stride + 1, c)
    return self.layer(name, [x], out, (scale, zero_point), "Pool2DOptions", padding=padding,
                      strideH=stride, strideW=stride, filterHeight=window, filterWidth=window)

  def ints(self, values):
    return self.model.tensor("int32", (len(values),), data=values)


def build():
  b, relu6, none = Builder(), Activation.RELU6, Activation.NONE
  image = b.tensor((1, 10, 10, 3), 1 / 255, 0, b.model.input)
  t = b.layer("QUANTIZE", [image], (1, 10, 10, 3), (1 / 128, 128))
  t = b.convolution(t, 5, 3, 2, _SIX, relu6)
  t = b.convolution(t, 5, 3, 1, _SIX, relu6, depthwise=True)
  trunk = b.convolution(t, 6, 1, 1, (0.05, 120), none)
  side = b.convolution(trunk, 6, 3, 1, (0.04, 133), none)
  t = b.layer("ADD", [trunk, side], (1, 5, 5, 6), (0.07, 125), "AddOptions")
  # Branches of different ranges, as in Inception and SSD.
  one = b.convolution(t, 4, 1, 1, _SIX, relu6)
  two = b.pool("MAX_POOL_2D", t, 3, 1, Padding.SAME)
  three = b.convolution(t, 3, 3, 1, (0.09, 140), none)
  joined = b.layer("CONCATENATION", [one, two, three], (1, 5, 5, 13), (0.09, 140),
                   "ConcatenationOptions", axis=3)
  # What it is.
  t = b.pool("AVERAGE_POOL_2D", joined, 2, 2, Padding.VALID)
  means = b.layer("MEAN", [t, b.ints([1, 2])], (1, 1, 1, 13), (0.05, 128), "ReducerOptions",
                  keepDims=True)
  flat = b.layer("RESHAPE", [means, b.ints([1, 13])], (1, 13), (0.05, 128), "ReshapeOptions",
                 newShape=[1, 13])
  w, bias, numbers = b.weights(flat, (_CLASSES, 13), 13, 1.5, _CLASSES)
  scores = b.layer("FULLY_CONNECTED", [flat, w, bias], (1, _CLASSES), (0.03, 117),
                   "FullyConnectedOptions")
  b.dense = (flat, numbers, scores)
  chances = b.layer("SOFTMAX", [scores], (1, _CLASSES), (1 / 256, 0), "SoftmaxOptions",
                    make=b.model.output, beta=1.0)
  real = b.model.output("float32", (1, _CLASSES))
  b.model.operator("DEQUANTIZE", [chances], [real])
  # Where it is.
  t = b.convolution(joined, _KINDS, 1, 1, (0.06, 128), none)
  t = b.layer("RESIZE_BILINEAR", [t, b.ints([9, 9])], (1, 9, 9, _KINDS), (0.06, 128),
              "ResizeBilinearOptions", halfPixelCenters=True)
  places = b.model.output("int64", (1, 9, 9))
  axis = b.model.tensor("int32", (), data=3)
  b.model.operator("ARG_MAX", [t, axis], [places], "ArgMaxOptions", outputType=4)
  return b


def run_litert(data, given):
  """Every tensor, from the inputs `given` (by tensor)."""
  interpreter = Interpreter(model_content=data, experimental_preserve_all_tensors=True,
                            experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
  interpreter.allocate_tensors()
  for index, values in given.items():
    interpreter.set_tensor(index, values)
  interpreter.invoke()
  return interpreter


def dense(b, values):
  x, (weights, weight_scale, weight_zero_point, bias), y = b.dense
  _, scale, zero_point = b.tensors[x]
  shape, output_scale, output_zero_point = b.tensors[y]
  sums = (values.astype(np.int64) - zero_point) @ (weights.astype(np.int64) - weight_zero_point).T
  real = float(scale) * float(weight_scale) / float(output_scale)
  scaled = requantize(sums + bias, *quantize_multiplier(real)) + output_zero_point
  return np.clip(scaled, 0, 255).astype(np.uint8).reshape(shape)


def after(b, first):
  """The model from tensor `first` on, which is its input."""
  tail = Model()
  tail.__dict__.update(b.model.__dict__)
  begin = next(i for i, op in enumerate(b.model._operators) if first in op.inputs)
  reached, operators = {first}, []
  for op in b.model._operators[begin:]:
    if reached & set(op.inputs):
      operators.append(op)
      reached |= set(op.outputs)
  tail._operators, tail._inputs = operators, [first]
  tail._outputs = [t for t in b.model._outputs if t in reached]
  return tail.serialize(), reached


def main():
  b = build()
  data = b.model.serialize()
  _FOLDER.mkdir(parents=True, exist_ok=True)
  path = _FOLDER / "uint8.tflite"
  path.write_bytes(data)
  network = Network(path)
  scores = b.dense[2]
  tail, from_tail = after(b, scores)
  goldens = []
  for number in range(1, _RECORDS + 1):
    image = Random(f"uint8/{number}").integers("uint8", (1, 10, 10, 3))
    if number == 1:  # one that is not noise
      y, x, c = np.indices((10, 10, 3))
      image = ((25 * y + 13 * x * (c + 1)) % 256).astype(np.uint8)[None]
    whole = run_litert(data, {network.graph.inputs[0]: image})
    ours = dense(b, whole.get_tensor(b.dense[0]))
    rest = run_litert(tail, {scores: ours})
    tensors = {t: (rest if t in from_tail else whole).get_tensor(t).copy()
               for op in network.graph.operators for t in op.outputs}
    tensors[scores] = ours
    lines = ["op\tname\tout\ttensor\ttype\tshape\tbytes\tfnv1a64\tfirst values"]
    for i, op in enumerate(network.graph.operators):
      for out, t in enumerate(op.outputs):
        raw = np.ascontiguousarray(tensors[t]).tobytes()
        shape = ",".join(str(n) for n in tensors[t].shape)
        first = "".join(f"{v:.9g} " for v in tensors[t].ravel()[:FIRST_VALUES])
        lines.append(f"{i}\t{network.operator_name(op)}\t{out}\t{t}\t{network.tensor_type(t)}\t"
                     f"[{shape}]\t{len(raw)}\t{fnv1a64(raw):016x}\t{first}")
        spread = tensors[t].astype(float).std()
        print(f"{network.operator_name(op)}: {tensors[t].shape}, standard deviation {spread:.3g}")
    outputs = b"".join(np.ascontiguousarray(tensors[t]).tobytes() for t in network.graph.outputs)
    files = {"input": (f"{number}.in.bin", image.tobytes()),
             "output": (f"{number}.out.bin", outputs),
             "layers": (f"{number}.layers.tsv", ("\n".join(lines) + "\n").encode())}
    golden = {"seed": number}
    for role, (name, content) in files.items():
      (_FOLDER / name).write_bytes(content)
      golden[role], golden[f"{role}_sha256"] = name, sha256(content)
    goldens.append(golden)
  versions = {name: importlib.metadata.version(name)
              for name in ("ai-edge-litert", "tflite-micro", "flatbuffers", "numpy")}
  manifest = {
      "model": "uint8", "path": path.name, "bytes": len(data), "sha256": sha256(data),
      "peer": "LiteRT reference kernels (BUILTIN_REF); FULLY_CONNECTED: NumPy twin",
      "versions": versions, "ops": network.operators(), "n_ops": len(network.graph.operators),
      "goldens": goldens, "inputs": network.describe(network.graph.inputs),
      "outputs": network.describe(network.graph.outputs),
  }
  (_FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
  main()
