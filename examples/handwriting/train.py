#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the handwritten digit network and writes everything this example commits.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6 scikit-learn==1.9.1 \\
        tflite-micro==0.dev20261023182759
    python examples/handwriting/train.py

(about 30 s on one core) writes, beside this script:

    model/handwriting.tflite            full int8 network, int8 in and out
    model/MODEL_CARD.md                 data, split, versions, measured accuracy, SHA-256
    test_digits.h, test_digits.cc       the held-out images and labels as C++ arrays

and in tests/networks/handwriting/ the inputs 1.in.bin to 10.in.bin: the first held-out image of
each digit, from which tools/make_network_goldens.py makes the expected outputs.

Data: scikit-learn carries the test set of UCI's "Optical Recognition of Handwritten Digits", 1797
images of 8 x 8 pixels with values 0 (paper) to 16 (ink), in the order in which they were collected.
Every person copied the same form of 130 digits, so the label sequence repeats and shows where a
form begins. Training uses the first 11 forms, testing the last 3: the writers differ, which is
the question a user cares about, and a harder one than a random split.

Nothing is tuned on the test forms: `--cross-validate` prints the figure that the settings below
were chosen by.
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
from sklearn.datasets import load_digits
import tensorflow as tf
from tflite_micro.python.tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

SEED = 20
EPOCHS = 120
BATCH = 128
LEARNING_RATE = 4e-3
LABEL_SMOOTHING = 0.1

# Index of each form's first image; a form is complete with 130 digits, a few were lost on the way.
FORM_STARTS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667)
TRAIN_FORMS = 11
TEST_START = FORM_STARTS[TRAIN_FORMS]

PACKAGES = ("tensorflow-cpu", "keras", "numpy", "scikit-learn", "tflite-micro")
HERE = pathlib.Path(__file__).resolve().parent
GOLDEN_DIR = HERE.parents[1] / "tests" / "networks" / "handwriting"


def load_data():
    """Returns images [1797, 8, 8] float32 with values 0..16 and labels [1797] int64."""
    digits = load_digits()
    # Every form begins by counting from 0 to 9; form 7 has lost its first digit.
    for start in FORM_STARTS:
        assert list(digits.target[start : start + 5]) in ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    return digits.images.astype(np.float32), digits.target


def distort(images, rng):
    """A new hand for every image: bilinear resampling under a small random affine map.

    images: [N, 8, 8]. Rotation up to 0.15 rad, slant up to 0.15, size up to 8 %, shift up to half a
    pixel: mild, since the data set's own preprocessing has already centred and scaled the digits.
    """
    n = len(images)
    angle = rng.uniform(-0.15, 0.15, n)
    slant = rng.uniform(-0.15, 0.15, n)
    size_x = np.exp(rng.uniform(-0.08, 0.08, n))
    size_y = np.exp(rng.uniform(-0.08, 0.08, n))
    shift = rng.uniform(-0.5, 0.5, (n, 2, 1))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos * size_y, -sin * size_x], [sin * size_y + slant, cos * size_x]])
    grid = np.mgrid[0:8, 0:8].reshape(2, 64) - 3.5
    margin = 2  # white pixels around the image, so that a sample from outside reads paper
    source = np.einsum("ijn,jk->nik", matrix, grid) + 3.5 + shift + margin
    source = np.clip(source, 0, 7 + 2 * margin - 1e-3)
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    corner = source.astype(int)
    row_part, column_part = np.moveaxis(source - corner, 1, 0)
    row, column = np.moveaxis(corner, 1, 0)
    which = np.arange(n)[:, None]
    upper = padded[which, row, column] * (1 - column_part)
    upper += padded[which, row, column + 1] * column_part
    lower = padded[which, row + 1, column] * (1 - column_part)
    lower += padded[which, row + 1, column + 1] * column_part
    return (upper * (1 - row_part) + lower * row_part).reshape(n, 8, 8).astype(np.float32)


def build():
    """The network: [N, 8, 8, 1] pixel values 0..16 to [N, 10] logits. Softmax comes on export."""

    def conv(name, x, channels, size):
        x = layers.Conv2D(channels, size, padding="same", use_bias=False, name=name)(x)
        return layers.BatchNormalization(name=f"{name}_norm")(x)

    image = layers.Input((8, 8, 1))
    x = layers.ReLU(name="relu1")(conv("conv1", image, 12, 3))
    x = layers.ReLU(name="relu2")(conv("conv2", x, 20, 3))
    x = layers.MaxPool2D(2, name="pool1")(x)
    # A depthwise separable residual block: cheap, and it exercises DEPTHWISE_CONV_2D and ADD.
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    y = layers.ReLU(name="relu3")(layers.BatchNormalization(name="depthwise_norm")(y))
    y = conv("pointwise", y, 20, 1)
    x = layers.ReLU(name="relu4")(layers.Add(name="add")([x, y]))
    x = layers.ReLU(name="relu5")(conv("conv3", x, 32, 3))
    x = layers.AveragePooling2D(2, name="pool2")(x)
    x = layers.Dropout(0.2)(layers.Flatten(name="flatten")(x))
    return keras.Model(image, layers.Dense(10, name="logits")(x), name="net")


def train(images, labels):
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    model = build()
    steps_per_epoch = len(images) // BATCH
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * steps_per_epoch)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
    one_hot = np.eye(10, dtype=np.float32)[labels]

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))

    for _ in range(EPOCHS):
        order = rng.permutation(len(images))
        distorted = distort(images, rng)[..., None]
        for i in range(steps_per_epoch):
            batch = order[i * BATCH : (i + 1) * BATCH]
            step(tf.constant(distorted[batch]), tf.constant(one_hot[batch]))
    return model


def accuracy(model, images, labels):
    logits = model(images[..., None], training=False).numpy()
    return float(np.mean(logits.argmax(1) == labels))


def count_macs(model):
    macs = 0
    for layer in model.layers:
        if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D)):
            macs += int(np.prod(layer.output.shape[1:3]) * np.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            macs += int(np.prod(layer.kernel.shape))
    return macs


def convert(model, images):
    """Full int8 quantization, calibrated on training images. Returns the .tflite bytes."""
    # A fixed batch of one keeps shape arithmetic (SHAPE, STRIDED_SLICE, PACK) out of the graph.
    image = layers.Input(batch_shape=(1, 8, 8, 1), name="image")
    probabilities = layers.Softmax(name="probabilities")(model(image, training=False))
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(image, probabilities, name="digits")
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None, ..., None]] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def quantize(images, interpreter):
    """Pixel values to the network's int8 input: [N, 8, 8] to [N, 1, 8, 8, 1]."""
    parameters = interpreter.get_input_details(0)["quantization_parameters"]
    scaled = np.round(images / parameters["scales"][0]) + parameters["zero_points"][0]
    return np.clip(scaled, -128, 127).astype(np.int8)[:, None, :, :, None]


def int8_accuracy(tflite, images, labels):
    """Accuracy of the quantized network, run by TFLM's reference kernels."""
    interpreter = runtime.Interpreter.from_bytes(tflite)
    correct = 0
    for image, label in zip(quantize(images, interpreter), labels):
        interpreter.set_input(image, 0)
        interpreter.invoke()
        correct += int(interpreter.get_output(0).argmax() == label)
    return correct / len(labels)


TEST_DIGITS_H = """\
// SPDX-License-Identifier: Apache-2.0
// Made by train.py; model/MODEL_CARD.md names source and licence of the data.
#pragma once

#include <cstdint>

// Handwriting that training never saw: the last three of the data's 14 forms, each by one person.
inline constexpr int kTestDigitCount = {count};

// Row-major 8 x 8 images, one byte per pixel, from 0 (paper) to 16 (ink).
extern const uint8_t kTestDigits[kTestDigitCount][64];

// The digit, 0 to 9, that the writer was asked to write.
extern const uint8_t kTestLabels[kTestDigitCount];
"""


def write_test_digits(images, labels):
    lines = [
        "// SPDX-License-Identifier: Apache-2.0 AND CC-BY-4.0",
        "// Made by train.py. The images are from Optical Recognition of Handwritten Digits by",
        "// E. Alpaydin and C. Kaynak (UCI), CC BY 4.0; see model/MODEL_CARD.md.",
        '#include "test_digits.h"',
        "",
        "// clang-format off",
        "const uint8_t kTestDigits[kTestDigitCount][64] = {",
    ]
    for image in images.astype(int).reshape(-1, 2, 32):
        upper, lower = (",".join(map(str, half)) for half in image)
        lines += [f" {{{upper},", f"  {lower}}},"]
    lines += ["};", "", "const uint8_t kTestLabels[kTestDigitCount] = {"]
    for i in range(0, len(labels), 32):
        lines.append("  " + "".join(f"{label}," for label in labels[i : i + 32]))
    lines += ["};", ""]
    (HERE / "test_digits.cc").write_text("\n".join(lines))
    (HERE / "test_digits.h").write_text(TEST_DIGITS_H.format(count=len(labels)))


def write_golden_inputs(tflite, images, labels):
    GOLDEN_DIR.mkdir(parents=True, exist_ok=True)
    inputs = quantize(images, runtime.Interpreter.from_bytes(tflite))
    for digit in range(10):
        inputs[np.argmax(labels == digit)].tofile(GOLDEN_DIR / f"{digit + 1}.in.bin")


MODEL_CARD = """\
# handwriting.tflite

Made by `train.py`; this page too. A small int8 convolutional network that reads one handwritten digit.

| | |
|---|---|
| input | `int8 [1, 8, 8, 1]`, scale {input_scale:.9g}, zero point {input_zero_point}: pixel values 0 (paper) to 16 (ink) |
| output | `int8 [1, 10]`, scale 1/256, zero point -128: probability of each digit |
| operators | {ops} |
| parameters | {parameters}, before batch normalization is folded into the convolutions |
| multiply-accumulates | {macs} |
| size | {size} bytes |
| SHA-256 | `{sha256}` |

## Accuracy

| | float | int8 |
|---|--:|--:|
| held-out test digits ({test_count}) | {float_test:.2%} | **{int8_test:.2%}** |
| training digits ({train_count}) | {float_train:.2%} | {int8_train:.2%} |

The int8 figures are those of TFLM's reference kernels.{cross_validation}

## Data

Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licence CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). We use the copy
of its test set that scikit-learn (BSD-3-Clause) carries: 1797 images. `test_digits.cc` holds the last
{test_count} of them unchanged, in another file format.

The split is by form. Each person copied the same form of 130 digits, and the labels show where one ends and the
next begins: 14 forms. The first 11 forms ({train_count} images) train the network, the last 3 ({test_count} images)
test it. The data set's description counts 13 writers, the labels show 14 forms: the writers of the test forms are
others than those of the training forms unless one person filled in two. By nearest-neighbour distance between
forms, no pair stands out as one hand.

Not for production: 8 x 8 pixels, eleven writers, centred digits only.

## Reproduce

    pip install {pins}
    python examples/handwriting/train.py --cross-validate
    python tools/make_network_goldens.py examples/handwriting/model/handwriting.tflite \\
        --out tests/networks/handwriting --inputs tests/networks/handwriting/{{1..10}}.in.bin --seeds 11 12

Seed {seed}, one thread. Made with Python {python} on {machine} with

{versions}

Two runs on one machine give the same bytes; on another CPU a training step may round differently.
"""


def operator_names(tflite):
    """The operators that the network needs, by their names in the format."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name[0] != "_"}
    model = schema.Model.GetRootAs(tflite)
    return [names[model.OperatorCodes(i).BuiltinCode()] for i in range(model.OperatorCodesLength())]


def write_model_card(tflite, model, cross_validated, measured):
    interpreter = runtime.Interpreter.from_bytes(tflite)
    parameters = interpreter.get_input_details(0)["quantization_parameters"]
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    cross_validation = ""
    if cross_validated is not None:
        cross_validation = (
            " In 4-fold cross-validation over the training forms, each\nfold holding out whole "
            f"forms, the float network reaches {cross_validated:.2%}; the settings were chosen by "
            "that figure,\nnot by the test digits."
        )
    (HERE / "model" / "MODEL_CARD.md").write_text(
        MODEL_CARD.format(
            input_scale=parameters["scales"][0],
            input_zero_point=parameters["zero_points"][0],
            ops=", ".join(operator_names(tflite)),
            parameters=model.count_params(),
            macs=count_macs(model),
            size=len(tflite),
            sha256=hashlib.sha256(tflite).hexdigest(),
            cross_validation=cross_validation,
            pins=" ".join(f"{name}=={version}" for name, version in versions.items()),
            versions="\n".join(f"    {name} {version}" for name, version in versions.items()),
            python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            seed=SEED,
            **measured,
        )
    )


def cross_validate(images, labels):
    """4-fold, whole forms held out, training forms only. Returns the mean accuracy per image."""
    ends = FORM_STARTS[1:]
    correct = 0.0
    for fold in range(4):
        held_out = np.zeros(TEST_START, bool)
        for form in range(fold, TRAIN_FORMS, 4):
            held_out[FORM_STARTS[form] : ends[form]] = True
        model = train(images[:TEST_START][~held_out], labels[:TEST_START][~held_out])
        reached = accuracy(model, images[:TEST_START][held_out], labels[:TEST_START][held_out])
        print(f"fold {fold}: {reached:.2%} of {held_out.sum()}", flush=True)
        correct += reached * held_out.sum()
    return correct / TEST_START


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="first measure the settings on the training forms alone (adds about two minutes)",
    )
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()

    images, labels = load_data()
    cross_validated = cross_validate(images, labels) if arguments.cross_validate else None
    train_images, test_images = images[:TEST_START], images[TEST_START:]
    train_labels, test_labels = labels[:TEST_START], labels[TEST_START:]
    model = train(train_images, train_labels)
    tflite = convert(model, train_images)
    measured = {
        "float_train": accuracy(model, train_images, train_labels),
        "float_test": accuracy(model, test_images, test_labels),
        "int8_train": int8_accuracy(tflite, train_images, train_labels),
        "int8_test": int8_accuracy(tflite, test_images, test_labels),
        "train_count": len(train_labels),
        "test_count": len(test_labels),
    }
    for name, value in measured.items():
        print(f"{name}: {value:.4f}" if isinstance(value, float) else f"{name}: {value}")
    (HERE / "model").mkdir(exist_ok=True)
    (HERE / "model" / "handwriting.tflite").write_bytes(tflite)
    write_test_digits(test_images, test_labels)
    write_golden_inputs(tflite, test_images, test_labels)
    write_model_card(tflite, model, cross_validated, measured)
    print(f"model/handwriting.tflite: {len(tflite)} bytes, {hashlib.sha256(tflite).hexdigest()}")


if __name__ == "__main__":
    main()
