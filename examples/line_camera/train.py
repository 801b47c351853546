#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the network of the line camera and writes everything this example commits.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6 \\
        tflite-micro==0.dev20261023182759
    python examples/line_camera/train.py

(about ten minutes on one core) writes, beside this script:

    model/line_camera.tflite    full int8 network, int8 in and out
    model/MODEL_CARD.md         data, versions, measured accuracy, SHA-256

and in tests/networks/line_camera/ the inputs 1.in.bin to 3.in.bin: the first test scenes, from
which tools/make_network_goldens.py makes the expected outputs.

Data: drawn by `draw` below, in integers, the same as camera.cc does; so every scene is a number, and
training and testing use different numbers. Nothing is tuned on the test scenes.
"""

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
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

SEED = 20
SCENES_PER_EPOCH = 4096
EPOCHS = 24
BATCH = 64
LEARNING_RATE = 4e-3
LABEL_SMOOTHING = 0.05

SIDE = 96
KINDS = ("nothing", "disc", "square", "triangle", "cross")
FIRST_TEST_SCENE = 0  # training begins at 2^20
FIRST_TRAINING_SCENE = 1 << 20
TEST_SCENES = 1000

PACKAGES = ("tensorflow-cpu", "keras", "numpy", "tflite-micro")
HERE = pathlib.Path(__file__).resolve().parent
GOLDEN_DIR = HERE.parents[1] / "tests" / "networks" / "line_camera"

# 64 * cos and sin of multiples of pi / 16, for a quarter turn.
TURNS = np.array([[64, 0], [63, 12], [59, 24], [53, 36], [45, 45], [36, 53], [24, 59], [12, 63]])


def mix(value):
    """A hash of 32-bit numbers."""
    value = np.asarray(value, np.uint32)
    value = (value ^ (value >> np.uint32(16))) * np.uint32(0x7FEB352D)
    value = (value ^ (value >> np.uint32(15))) * np.uint32(0x846CA68B)
    return value ^ (value >> np.uint32(16))


def choose(scene, what, low, high):
    """A number from low to high that belongs to `what` of a scene."""
    span = np.uint32(high - low + 1)
    return low + (mix(scene * np.uint32(16) + np.uint32(what)) % span).astype(np.int32)


def kind_of(scenes):
    return choose(np.asarray(scenes, np.uint32), 0, 0, len(KINDS) - 1)


def draw(scenes):
    """Scenes by number: uint8 images [N, 96, 96]. The same as camera.cc, pixel by pixel."""
    scene = np.asarray(scenes, np.uint32)[:, None, None]
    y = np.arange(SIDE, dtype=np.int32)[None, :, None]
    x = np.arange(SIDE, dtype=np.int32)[None, None, :]
    kind = kind_of(scene)
    turn = TURNS[choose(scene, 1, 0, 7)]
    cos, sin = turn[..., 0], turn[..., 1]
    dx, dy = x - choose(scene, 2, 26, 69), y - choose(scene, 3, 26, 69)
    radius = choose(scene, 4, 13, 24)
    # In the shape's own frame, in 1/64 pixel.
    u, v = np.abs(cos * dx + sin * dy), cos * dy - sin * dx
    a = np.abs(v)
    disc = dx * dx + dy * dy <= radius * radius * 5 // 8
    square = np.maximum(u, a) <= radius * 45
    triangle = (u * 64 <= (v + radius * 64) * 37) & (v <= radius * 32)
    cross = ((u <= radius * 18) & (a <= radius * 64)) | ((a <= radius * 18) & (u <= radius * 64))
    nothing = np.zeros_like(disc)
    shape = np.choose(kind, [nothing, disc, square, triangle, cross])
    # A light that falls off to one side, a stripe somewhere, and noise.
    light = choose(scene, 5, 70, 180)
    light = light + (choose(scene, 6, -40, 40) * x + choose(scene, 7, -40, 40) * y) // 96
    contrast = choose(scene, 8, 30, 60) * (2 * choose(scene, 9, 0, 1) - 1)
    stripe_turn = TURNS[choose(scene, 10, 0, 7)]
    along = stripe_turn[..., 0] * x - stripe_turn[..., 1] * (y - SIDE // 2)
    stripe = np.abs(along - choose(scene, 11, 0, SIDE - 1) * 64) <= 96
    pixel = (scene << np.uint32(14)) + (y * SIDE + x).astype(np.uint32)
    noise = (mix(pixel) & np.uint32(31)).astype(np.int32) - 16
    value = light + contrast * shape + choose(scene, 12, -40, 40) * (stripe & ~shape) + noise
    return np.clip(value, 0, 255).astype(np.uint8)


def to_int8(images):
    """What the network takes: [N, 96, 96] to [N, 1, 96, 96, 1]."""
    return (images.astype(np.int16) - 128).astype(np.int8)[:, None, :, :, None]


def to_float(images):
    return images[..., None].astype(np.float32) / 255.0


def build():
    """The network: [N, 96, 96, 1] brightness 0..1 to [N, 5] logits. Softmax comes on export."""

    def norm_relu(x):
        return layers.ReLU(6.0)(layers.BatchNormalization()(x))

    def separable(x, channels, stride):
        x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(x)
        x = norm_relu(x)
        return norm_relu(layers.Conv2D(channels, 1, use_bias=False)(x))

    image = layers.Input((SIDE, SIDE, 1))
    x = norm_relu(layers.Conv2D(8, 3, 2, padding="same", use_bias=False)(image))
    x = separable(x, 16, 2)
    x = separable(x, 24, 1)
    x = separable(x, 32, 2)
    x = separable(x, 32, 1)
    x = separable(x, 64, 2)
    x = layers.Flatten()(layers.AveragePooling2D(6)(x))
    return keras.Model(image, layers.Dense(len(KINDS))(x), name="net")


def train():
    keras.utils.set_random_seed(SEED)
    model = build()
    steps_per_epoch = SCENES_PER_EPOCH // BATCH
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * steps_per_epoch)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return value

    scene = FIRST_TRAINING_SCENE
    for epoch in range(EPOCHS):
        value = 0.0
        for _ in range(steps_per_epoch):
            scenes = np.arange(scene, scene + BATCH)
            scene += BATCH
            one_hot = np.eye(len(KINDS), dtype=np.float32)[kind_of(scenes)]
            value += float(step(tf.constant(to_float(draw(scenes))), tf.constant(one_hot)))
        print(f"epoch {epoch}: loss {value / steps_per_epoch:.3f}", flush=True)
    return model


def accuracy(model, scenes):
    logits = model.predict(to_float(draw(scenes)), batch_size=BATCH, verbose=0)
    return float(np.mean(logits.argmax(1) == kind_of(scenes)))


def count_macs(model):
    macs = 0
    for layer in model.layers:
        if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D)):
            macs += int(np.prod(layer.output.shape[1:3]) * np.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            macs += int(np.prod(layer.kernel.shape))
    return macs


def convert(model):
    """Full int8 quantization, calibrated on training scenes. Returns the .tflite bytes."""
    # A fixed batch of one keeps shape arithmetic (SHAPE, STRIDED_SLICE, PACK) out of the graph.
    image = layers.Input(batch_shape=(1, SIDE, SIDE, 1), name="image")
    probabilities = layers.Softmax(name="probabilities")(model(image, training=False))
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(image, probabilities, name="line_camera")
    )
    images = to_float(draw(np.arange(FIRST_TRAINING_SCENE, FIRST_TRAINING_SCENE + 256)))
    images[0, 0, 0], images[0, 0, 1] = 0.0, 1.0  # so that a pixel is its byte - 128
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def int8_accuracy(tflite, scenes):
    """Accuracy of the quantized network, run by TFLM's reference kernels."""
    interpreter = runtime.Interpreter.from_bytes(tflite)
    parameters = interpreter.get_input_details(0)["quantization_parameters"]
    assert parameters["zero_points"][0] == -128 and abs(parameters["scales"][0] * 255 - 1) < 1e-3
    correct = 0
    for image, kind in zip(to_int8(draw(scenes)), kind_of(scenes)):
        interpreter.set_input(image, 0)
        interpreter.invoke()
        correct += int(interpreter.get_output(0).argmax() == kind)
    return correct / len(scenes)


MODEL_CARD = """\
# line_camera.tflite

Made by `train.py`; this page too. A small int8 convolutional network that tells what a camera of 96 x 96 pixels
sees: {kinds}. Of the same shape as the networks that detect persons
in such images, and a seventh of their work.

| | |
|---|---|
| input | `int8 [1, 96, 96, 1]`, scale 1/255, zero point -128: brightness, 0 to 255, less 128 |
| output | `int8 [1, {kind_count}]`, scale 1/256, zero point -128: probability of each kind |
| operators | {ops} |
| parameters | {parameters}, before batch normalization is folded into the convolutions |
| multiply-accumulates | {macs} |
| size | {size} bytes |
| SHA-256 | `{sha256}` |

## Accuracy

| | float | int8 |
|---|--:|--:|
| {test_count} scenes that training never saw | {float_test:.2%} | **{int8_test:.2%}** |

The int8 figure is that of TFLM's reference kernels.

## Data

Drawn by `train.py`, and on the board by `camera.cc`, in integers and pixel by pixel the same: one of four shapes or
none, turned, in any place, lighter or darker than its ground, under an uneven light, with a stripe across and noise.
A scene is a number: tests begin at {first_test}, training at {first_training}.

Not for production: drawings only.

## Reproduce

    pip install {pins}
    python examples/line_camera/train.py
    python tools/make_network_goldens.py examples/line_camera/model/line_camera.tflite \\
        --out tests/networks/line_camera --inputs tests/networks/line_camera/{{1..3}}.in.bin

Seed {seed}, one thread. Made with Python {python} on {machine} with

{versions}

Two runs on one machine give the same bytes; on another CPU a training step may round differently.
"""


def operator_names(tflite):
    """The operators that the network needs, by their names in the format."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name[0] != "_"}
    model = schema.Model.GetRootAs(tflite)
    return [names[model.OperatorCodes(i).BuiltinCode()] for i in range(model.OperatorCodesLength())]


def write_model_card(tflite, model, float_test, int8_test):
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    (HERE / "model" / "MODEL_CARD.md").write_text(
        MODEL_CARD.format(
            kinds="nothing, a " + ", a ".join(KINDS[1:-1]) + " or a " + KINDS[-1],
            kind_count=len(KINDS),
            ops=", ".join(operator_names(tflite)),
            parameters=model.count_params(),
            macs=count_macs(model),
            size=len(tflite),
            sha256=hashlib.sha256(tflite).hexdigest(),
            first_test=FIRST_TEST_SCENE,
            first_training=FIRST_TRAINING_SCENE,
            test_count=TEST_SCENES,
            float_test=float_test,
            int8_test=int8_test,
            pins=" ".join(f"{name}=={version}" for name, version in versions.items()),
            versions="\n".join(f"    {name} {version}" for name, version in versions.items()),
            python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            seed=SEED,
        )
    )


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()

    model = train()
    tflite = convert(model)
    (HERE / "model").mkdir(exist_ok=True)
    (HERE / "model" / "line_camera.tflite").write_bytes(tflite)
    scenes = np.arange(FIRST_TEST_SCENE, FIRST_TEST_SCENE + TEST_SCENES)
    float_test, int8_test = accuracy(model, scenes), int8_accuracy(tflite, scenes)
    print(f"float {float_test:.4f}, int8 {int8_test:.4f}")
    GOLDEN_DIR.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(to_int8(draw(scenes[:3]))):
        image.tofile(GOLDEN_DIR / f"{i + 1}.in.bin")
    write_model_card(tflite, model, float_test, int8_test)
    print(f"model/line_camera.tflite: {len(tflite)} bytes, {hashlib.sha256(tflite).hexdigest()}")


if __name__ == "__main__":
    main()
