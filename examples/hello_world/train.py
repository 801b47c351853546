#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the network that everybody starts with: x in, sin(x) out.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6 \\
        tflite-micro==0.dev20261023182759
    python examples/hello_world/train.py

(about 20 s on one core) writes, beside this script:

    model/sine_int8.tflite     full int8 network, int8 in and out
    model/sine_float.tflite    the same network in float32
    model/MODEL_CARD.md        versions, measured error, SHA-256

and the inputs from which tools/make_network_goldens.py makes the expected outputs: in
tests/networks/sine_int8/1.in.bin every int8 value, 256 Invokes, and in
tests/networks/sine_float/1.in.bin 256 values of x from 0 up to 2 pi.
"""

import argparse
import hashlib
import importlib.metadata
import os
import pathlib
import platform

# Before TensorFlow loads: one thread and no reordering, so that a run can be repeated to the byte.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
from keras import layers
import tensorflow as tf
from tflite_micro.python.tflite_micro import runtime

SEED = 9  # the best of 1 to 12; some seeds leave too many ReLUs dead
STEPS = 6000
LEARNING_RATE = 1e-2
POINTS = 1000  # evenly spaced in [0, 2 pi)

PACKAGES = ("tensorflow-cpu", "keras", "numpy", "tflite-micro")
HERE = pathlib.Path(__file__).resolve().parent
GOLDEN_ROOT = HERE.parents[1] / "tests" / "networks"


def build():
    """[1, 1] to [1, 1] through two hidden layers of 16 neurons."""
    x = layers.Input((1,), name="x")
    hidden = layers.Dense(16, activation="relu", name="hidden1")(x)
    hidden = layers.Dense(16, activation="relu", name="hidden2")(hidden)
    return keras.Model(x, layers.Dense(1, name="sine")(hidden), name="net")


def train(x):
    """Full-batch gradient descent: the function is known, so there is nothing to overfit."""
    keras.utils.set_random_seed(SEED)
    model = build()
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, STEPS))
    inputs, target = tf.constant(x[:, None]), tf.constant(np.sin(x)[:, None])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - target))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))

    for _ in range(STEPS):
        step()
    return model


def converter_for(model):
    # A fixed batch of one keeps shape arithmetic out of the graph.
    x = layers.Input(batch_shape=(1, 1), name="x")
    return tf.lite.TFLiteConverter.from_keras_model(keras.Model(x, model(x), name="hello_world"))


def convert_float(model):
    return converter_for(model).convert()


def convert_int8(model, x):
    """Full int8 quantization, calibrated on the training points. Returns the .tflite bytes."""
    converter = converter_for(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([value.reshape(1, 1)] for value in x)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def quantization(details):
    parameters = details["quantization_parameters"]
    return parameters["scales"][0], parameters["zero_points"][0]


def predict(tflite, x):
    """sin(x) by TFLM's reference kernels; x and the result are real values."""
    interpreter = runtime.Interpreter.from_bytes(tflite)
    quantized = interpreter.get_input_details(0)["dtype"] == np.int8
    if quantized:
        in_scale, in_zero_point = quantization(interpreter.get_input_details(0))
        out_scale, out_zero_point = quantization(interpreter.get_output_details(0))
        x = np.clip(np.round(x / in_scale) + in_zero_point, -128, 127).astype(np.int8)
    predicted = np.empty(len(x), np.float32)
    for i, value in enumerate(x):
        interpreter.set_input(value.reshape(1, 1), 0)
        interpreter.invoke()
        predicted[i] = interpreter.get_output(0)[0, 0]
    return (predicted - out_zero_point) * out_scale if quantized else predicted


def errors(tflite, x):
    """Mean and largest |prediction - sin(x)|."""
    error = np.abs(predict(tflite, x) - np.sin(x))
    return float(error.mean()), float(error.max())


MODEL_CARD = """\
# sine_int8.tflite and sine_float.tflite

Made by `train.py`; this page too. Three fully connected layers (16, 16, 1) that approximate sin(x) for x in
[0, 2 pi). One operator, FULLY_CONNECTED with ReLU fused; {macs} multiply-accumulates, {parameters} parameters.

| | sine_int8 | sine_float |
|---|---|---|
| input | `int8 [1, 1]`, scale {in_scale:.9g}, zero point {in_zero_point} | `float32 [1, 1]` |
| output | `int8 [1, 1]`, scale {out_scale:.9g}, zero point {out_zero_point} | `float32 [1, 1]` |
| mean error | {int8_mean:.4f} | {float_mean:.4f} |
| largest error | {int8_max:.4f} | {float_max:.4f} |
| size | {int8_size} bytes | {float_size} bytes |

The error is |prediction - sin(x)| over {points} values of x halfway between the training points, run by TFLM's
reference kernels.

SHA-256:

    {int8_sha256}  sine_int8.tflite
    {float_sha256}  sine_float.tflite

There is no data set: the training points are computed.

## Reproduce

    pip install {pins}
    python examples/hello_world/train.py
    for name in sine_int8 sine_float; do
      python tools/make_network_goldens.py examples/hello_world/model/$name.tflite \\
          --out tests/networks/$name --inputs tests/networks/$name/1.in.bin
    done

Seed {seed}, one thread. Made with Python {python} on {machine} with

{versions}

Two runs on one machine give the same bytes; on another CPU a training step may round differently.
"""


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()

    period = 2 * np.pi
    x = (np.arange(POINTS) * (period / POINTS)).astype(np.float32)
    model = train(x)
    tflite = {"sine_int8": convert_int8(model, x), "sine_float": convert_float(model)}
    inputs = {
        "sine_int8": np.arange(-128, 128).astype(np.int8),
        "sine_float": (np.arange(256) * (period / 256)).astype(np.float32),
    }
    between = x + np.float32(period / POINTS / 2)
    measured = {name: errors(data, between) for name, data in tflite.items()}
    (HERE / "model").mkdir(exist_ok=True)
    for name, data in tflite.items():
        (HERE / "model" / f"{name}.tflite").write_bytes(data)
        (GOLDEN_ROOT / name).mkdir(parents=True, exist_ok=True)
        inputs[name].tofile(GOLDEN_ROOT / name / "1.in.bin")
        mean, largest = measured[name]
        print(f"{name}: mean error {mean:.4f}, largest {largest:.4f}, {len(data)} bytes")

    interpreter = runtime.Interpreter.from_bytes(tflite["sine_int8"])
    in_scale, in_zero_point = quantization(interpreter.get_input_details(0))
    out_scale, out_zero_point = quantization(interpreter.get_output_details(0))
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    (HERE / "model" / "MODEL_CARD.md").write_text(
        MODEL_CARD.format(
            macs=sum(int(np.prod(layer.kernel.shape)) for layer in model.layers[1:]),
            parameters=model.count_params(),
            in_scale=in_scale,
            in_zero_point=in_zero_point,
            out_scale=out_scale,
            out_zero_point=out_zero_point,
            int8_mean=measured["sine_int8"][0],
            int8_max=measured["sine_int8"][1],
            float_mean=measured["sine_float"][0],
            float_max=measured["sine_float"][1],
            int8_size=len(tflite["sine_int8"]),
            float_size=len(tflite["sine_float"]),
            int8_sha256=hashlib.sha256(tflite["sine_int8"]).hexdigest(),
            float_sha256=hashlib.sha256(tflite["sine_float"]).hexdigest(),
            points=POINTS,
            pins=" ".join(f"{name}=={version}" for name, version in versions.items()),
            versions="\n".join(f"    {name} {version}" for name, version in versions.items()),
            python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            seed=SEED,
        )
    )


if __name__ == "__main__":
    main()
