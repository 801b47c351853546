#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the expected outputs of a whole network with TFLM's reference kernels (its Python wheel).

    pip install tflite-micro==0.dev20261023182759 numpy==2.4.6
    python tools/make_network_goldens.py MODEL.tflite --out tests/networks/NAME \\
        --inputs 1.in.bin 2.in.bin --seeds 3 4

writes into the output folder, for every N of --inputs (its file name) and --seeds:

    N.in.bin        all inputs in graph order, raw little-endian tensors, repeated per Invoke
    N.out.bin       all outputs in graph order, likewise
    N.layers.tsv    one line per operator output after the last Invoke: index of the operator, its
                    name, which of its outputs, tensor index, type, shape, bytes, FNV-1a hash of the
                    bytes, first values
    manifest.json   model, operators, shapes, versions, SHA-256 of every file

The hash is 64-bit FNV-1a with offset basis 1469598103934665603 (not the usual one). A --seeds input
is uniform over the input type's range, floats over --float-range (numpy's PCG64, seeded).

    python tools/make_network_goldens.py MODEL.tflite --check FOLDER

writes nothing: it recomputes the outputs of every N.in.bin in FOLDER and compares.
Exit code: 0, or 1 if --check found a difference, or 2 for a usage error.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import sys

import numpy as np
from tflite_micro.python.tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

FNV_OFFSET_BASIS = 1469598103934665603
FNV_PRIME = 0x100000001B3
FIRST_VALUES = 8
# The wheel's default of ten times the model is too small where activations dwarf the weights.
ARENA_BYTES = 16 << 20
REPOSITORY = pathlib.Path(__file__).resolve().parents[1]

NUMPY_TYPES = {
    "FLOAT32": np.float32,
    "INT8": np.int8,
    "UINT8": np.uint8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "BOOL": np.bool_,
}


def names_of(enumeration):
    """Maps value to name for one of the generated schema's enumeration classes."""
    return {value: name for name, value in vars(enumeration).items() if name[0] != "_"}


TENSOR_TYPES = names_of(schema.TensorType)
OPERATORS = names_of(schema.BuiltinOperator)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def fnv1a64(data):
    value = FNV_OFFSET_BASIS
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


class Network:
    """A model's bytes and what a golden says about its first subgraph."""

    def __init__(self, path):
        self.path = path
        self.data = path.read_bytes()
        if self.data[4:8] != b"TFL3":
            raise ValueError("not a TensorFlow Lite model")
        self.model = runtime.convert_bytearray_to_object(self.data)
        self.graph = self.model.subgraphs[0]

    def tensor_type(self, index):
        return TENSOR_TYPES[self.graph.tensors[index].type] if index >= 0 else "NONE"

    def operator_code(self, operator):
        return self.model.operatorCodes[operator.opcodeIndex]

    def operator_name(self, operator):
        code = self.operator_code(operator)
        # Old files know only the deprecated byte, new ones write both.
        return OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]

    def operators(self):
        """Distinct operators with version, types and count, sorted by name."""
        counts = {}
        for operator in self.graph.operators:
            key = (
                self.operator_name(operator),
                self.operator_code(operator).version,
                ",".join(self.tensor_type(i) for i in operator.inputs),
                ",".join(self.tensor_type(i) for i in operator.outputs),
            )
            counts[key] = counts.get(key, 0) + 1
        fields = ("op", "version", "inputs", "outputs")
        return [dict(zip(fields, key), count=n) for key, n in sorted(counts.items())]

    def describe(self, indices):
        described = []
        for index in indices:
            tensor = self.graph.tensors[index]
            shape = [int(n) for n in tensor.shape]
            quantization = tensor.quantization
            quantized = quantization is not None and quantization.scale is not None
            described.append(
                {
                    "type": self.tensor_type(index),
                    "shape": shape,
                    "bytes": int(np.prod(shape)) * np.dtype(self.numpy_type(index)).itemsize,
                    # Nine digits identify a float32.
                    "scale": float(f"{quantization.scale[0]:.9g}") if quantized else 0,
                    "zero_point": int(quantization.zeroPoint[0]) if quantized else 0,
                }
            )
        return described

    def numpy_type(self, index):
        return NUMPY_TYPES[self.tensor_type(index)]

    def random_inputs(self, seed, invokes, float_range):
        rng = np.random.default_rng(seed)
        raw = b""
        for _ in range(invokes):
            for index in self.graph.inputs:
                kind = np.dtype(self.numpy_type(index))
                shape = [int(n) for n in self.graph.tensors[index].shape]
                if kind.kind == "f":
                    values = rng.uniform(*float_range, shape).astype(kind)
                elif kind.kind == "b":
                    values = rng.integers(0, 2, shape).astype(kind)
                else:
                    limits = np.iinfo(kind)
                    values = rng.integers(limits.min, limits.max, shape, kind, endpoint=True)
                raw += values.tobytes()
        return raw

    def run(self, raw):
        """Runs the network on one N.in.bin. Returns the bytes of N.out.bin and N.layers.tsv."""
        bytes_per_invoke = sum(t["bytes"] for t in self.describe(self.graph.inputs))
        if not raw or len(raw) % bytes_per_invoke:
            raise ValueError(f"{len(raw)} input bytes, an Invoke takes {bytes_per_invoke}")
        interpreter = runtime.Interpreter.from_bytes(
            self.data,
            arena_size=ARENA_BYTES,
            intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
        )
        outputs = b""
        offset = 0
        while offset < len(raw):
            for i, index in enumerate(self.graph.inputs):
                shape = [int(n) for n in self.graph.tensors[index].shape]
                count = int(np.prod(shape))
                values = np.frombuffer(raw, self.numpy_type(index), count, offset)
                interpreter.set_input(values.reshape(shape), i)
                offset += values.nbytes
            interpreter.invoke()
            for i in range(len(self.graph.outputs)):
                outputs += np.ascontiguousarray(interpreter.get_output(i)).tobytes()
        return outputs, self.layers(interpreter).encode()

    def layers(self, interpreter):
        lines = ["op\tname\tout\ttensor\ttype\tshape\tbytes\tfnv1a64\tfirst values"]
        for op_index, operator in enumerate(self.graph.operators):
            for out, tensor in enumerate(operator.outputs):
                values = np.ascontiguousarray(interpreter.GetTensor(tensor, 0)["tensor_data"])
                data = values.tobytes()
                shape = ",".join(str(n) for n in values.shape)
                first = "".join(f"{v:.9g} " for v in values.ravel()[:FIRST_VALUES])
                lines.append(
                    f"{op_index}\t{self.operator_name(operator)}\t{out}\t{tensor}\t"
                    f"{self.tensor_type(tensor)}\t[{shape}]\t{len(data)}\t{fnv1a64(data):016x}\t"
                    f"{first}"
                )
        return "\n".join(lines) + "\n"


def make(network, arguments):
    folder = arguments.out
    cases = []
    for path in arguments.inputs:
        number = path.name.removesuffix(".in.bin")
        if not number.isdigit():
            raise ValueError(f"{path}: an input file is called N.in.bin")
        cases.append((int(number), "file", path.read_bytes()))
    for seed in arguments.seeds:
        raw = network.random_inputs(seed, arguments.invokes, arguments.float_range)
        cases.append((seed, "full", raw))
    numbers = [number for number, _, _ in cases]
    if len(set(numbers)) != len(numbers):
        raise ValueError("two cases have the same number")
    bytes_per_invoke = sum(t["bytes"] for t in network.describe(network.graph.inputs))
    invokes = {len(raw) // bytes_per_invoke for _, _, raw in cases}
    if len(invokes) > 1:
        raise ValueError("all cases of a network take the same number of Invokes")
    if not cases:
        raise ValueError("nothing to do: give --inputs or --seeds")
    cases.sort()
    # All is computed before anything is written, so that a failure leaves the folder as it was.
    results = [(number, mode, raw, *network.run(raw)) for number, mode, raw in cases]

    folder.mkdir(parents=True, exist_ok=True)
    goldens = []
    for number, mode, raw, outputs, layers in results:
        (folder / f"{number}.in.bin").write_bytes(raw)
        (folder / f"{number}.out.bin").write_bytes(outputs)
        (folder / f"{number}.layers.tsv").write_bytes(layers)
        goldens.append(
            {
                "seed": number,
                "mode": mode,
                "layers": f"{number}.layers.tsv",
                "input": f"{number}.in.bin",
                "output": f"{number}.out.bin",
                "input_sha256": sha256(raw),
                "output_sha256": sha256(outputs),
                "layers_sha256": sha256(layers),
            }
        )
    wheel = importlib.metadata.version("tflite-micro")
    manifest = {
        "model": network.path.stem,
        # Relative to this manifest, so that a reader needs no other anchor.
        "path": pathlib.PurePath(os.path.relpath(network.path, folder)).as_posix(),
        "bytes": len(network.data),
        "sha256": sha256(network.data),
        "peer": f"TFLM reference kernels, tflite-micro {wheel} (Python wheel)",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "tflite-micro": wheel,
            "machine": f"{platform.system()} {platform.machine()}",
        },
        "ops": network.operators(),
        "subgraphs": len(network.model.subgraphs),
        "n_ops": len(network.graph.operators),
        "invokes": invokes.pop(),
        "goldens": goldens,
        "inputs": network.describe(network.graph.inputs),
        "outputs": network.describe(network.graph.outputs),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{folder}: {len(goldens)} cases, {len(network.graph.operators)} operators")
    return 0


def check(network, folder):
    inputs = sorted(folder.glob("*.in.bin"))
    if not inputs:
        raise ValueError(f"{folder}: no N.in.bin")
    differences = 0
    for path in inputs:
        number = path.name.removesuffix(".in.bin")
        computed = network.run(path.read_bytes())
        for name, data in zip((f"{number}.out.bin", f"{number}.layers.tsv"), computed):
            same = (folder / name).read_bytes() == data
            differences += not same
            print(f"{folder / name}: {'equal' if same else 'DIFFERENT'}")
    return 1 if differences else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=pathlib.Path, help="the .tflite file")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=pathlib.Path, help="folder to write")
    where.add_argument("--check", type=pathlib.Path, help="folder to recompute and compare")
    parser.add_argument("--inputs", type=pathlib.Path, nargs="+", default=[], metavar="N.in.bin")
    parser.add_argument("--seeds", type=int, nargs="+", default=[], metavar="N")
    parser.add_argument("--invokes", type=int, default=1, help="Invokes per --seeds case")
    parser.add_argument(
        "--float-range", type=float, nargs=2, default=(-1.0, 1.0), metavar=("LOW", "HIGH")
    )
    arguments = parser.parse_args()
    try:
        network = Network(arguments.model)
        if arguments.check:
            return check(network, arguments.check)
        return make(network, arguments)
    except (OSError, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
