#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes shapes/NETWORK.csv: one line for each layer whose kernel works on numbers.

usage: make_shapes.py MODEL.tflite...

Made with Python 3.11, numpy 2.4.6, tflite-micro 0.dev20261023182759 (the format's schema alone is
used). README.md says what the columns mean.
"""

import csv
import pathlib
import sys

from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

HERE = pathlib.Path(__file__).resolve().parent
FIELDS = ["node", "op", "types", "input", "filter", "output", "stride", "dilation", "padding",
          "other"]

OPS = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
TYPES = {
    schema.TensorType.INT8: "S8",
    schema.TensorType.INT16: "S16",
    schema.TensorType.INT32: "S32",
    schema.TensorType.FLOAT32: "F32",
}
# Ops that only move elements, have no kernel, or work on what sizes of tensors do not tell.
LEFT_OUT = {
    "BATCH_TO_SPACE_ND", "CONCATENATION", "EXPAND_DIMS", "GATHER", "PACK", "PAD", "RESHAPE", "SHAPE",
    "SLICE", "SPACE_TO_BATCH_ND", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE", "TRANSPOSE",
    "UNPACK", "CUSTOM",
}


def joined(numbers):
    return "x".join(str(number) for number in numbers)


def padding_before(options, extent, output, taps, stride, dilation):
    """What lies before the input in one direction."""
    if options.padding == schema.Padding.VALID:
        return 0
    missing = (output - 1) * stride + (taps - 1) * dilation + 1 - extent
    return max(missing, 0) // 2


def window(options, taps, source, result, row):
    """Fills in what a convolution or pool says about its window of `taps` rows and columns."""
    dilation = [getattr(options, f"dilation{side}Factor", 1) or 1 for side in "HW"]
    stride = [options.strideH, options.strideW]
    row["stride"], row["dilation"] = joined(stride), joined(dilation)
    row["padding"] = joined(
        padding_before(options, source[1 + i], result[1 + i], taps[i], stride[i], dilation[i])
        for i in range(2))


def layer(op, options, operands, result):
    """The line of a node with these operands (tensors, or None) and this result."""
    source = operands[0]
    shape, output = list(source.shape), list(result.shape)
    row = {"op": op, "input": joined(shape), "output": joined(output)}
    types = [source]
    if op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        taps = list(operands[1].shape)
        row["filter"] = joined(taps)
        window(options, taps[1:3], shape, output, row)
        types.append(operands[1])
    elif op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        taps = [options.filterHeight, options.filterWidth]
        row["filter"] = joined(taps)
        window(options, taps, shape, output, row)
    elif op == "FULLY_CONNECTED":
        row["filter"] = joined(operands[1].shape)
        types.append(operands[1])
    elif op == "SVDF":
        row["filter"] = joined(operands[1].shape)
        row["other"] = f"memory {operands[2].shape[1]} rank {options.rank}"
        types += [operands[1], operands[4]]
    elif op == "UNIDIRECTIONAL_SEQUENCE_LSTM":
        row["filter"] = joined(operands[2].shape)
        row["other"] = f"time_major {int(options.timeMajor)}"
        types.append(operands[2])
    else:  # element by element
        if len(operands) > 1 and operands[1] is not None:
            row["filter"] = joined(operands[1].shape)
        types.append(result)
    names = [TYPES.get(tensor.type) for tensor in types]
    if None in names:
        return None
    # All alike is the usual case.
    row["types"] = names[0] if len(set(names)) == 1 else "-".join(names)
    return row


def layers(data):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    graph = model.subgraphs[0]
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    for index, node in enumerate(graph.operators):
        op = OPS[codes[node.opcodeIndex]]
        if op in LEFT_OUT:
            continue
        operands = [graph.tensors[i] if i >= 0 else None for i in node.inputs]
        row = layer(op, node.builtinOptions, operands, graph.tensors[node.outputs[0]])
        if row:
            yield {"node": index} | row


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in map(pathlib.Path, sys.argv[1:]):
        rows = list(layers(path.read_bytes()))
        file_path = HERE / "shapes" / f"{path.stem}.csv"
        with open(file_path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, FIELDS, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{file_path.name}: {len(rows)} layers")


if __name__ == "__main__":
    main()
