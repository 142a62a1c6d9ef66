#!/usr/bin/env python3
"""Writes small Keras networks in Keras' files, and what each of their layers computes, for the tests of
convscope/formats: testdata/keras_sequential.{keras,h5,weights.h5}, keras_functional.{keras,h5} and
keras_nested.{keras,h5}, and the outputs in keras_sequential_tensors.npz and so on. Where there is tf_keras, the Keras 2
of TensorFlow, also keras2_nested.{keras,h5}.

    python3 scripts/make_keras_fixtures.py             # the fixtures
    python3 scripts/make_keras_fixtures.py --check PROGRAM   # what convscope writes, opened by Keras

Needs keras 3 with a backend, and numpy.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

try:
    import keras
    import numpy as np
    from keras import layers
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)  # which ctest shows as skipped

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "convscope/formats/testdata"


def sequential():
    return keras.Sequential([
        keras.Input((12, 12, 2), name="input"),
        layers.Rescaling(0.5, offset=-0.1),
        layers.Conv2D(4, 3, padding="same", name="conv"),
        layers.BatchNormalization(),
        layers.Activation("hard_sigmoid"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same", activation="swish"),
        layers.SeparableConv2D(6, 3, activation="elu"),
        layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
        layers.PReLU(shared_axes=[1, 2]),
        layers.AveragePooling2D(2),
        layers.UpSampling2D(2, interpolation="bilinear"),
        layers.ZeroPadding2D(((1, 0), (2, 1))),
        layers.Cropping2D(1),
        layers.LayerNormalization(),
        layers.SpatialDropout2D(0.2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(5, activation="gelu"),
        layers.Dense(3, activation="softmax", use_bias=False, name="classes"),
    ], name="tiny_sequential")


def functional():
    """Branches of several depths and a shared layer: Keras lists its layers in another order than they are made in."""
    entry = keras.Input((10, 10, 3), name="picture")
    shared = layers.Conv2D(4, 3, padding="same", activation="relu", name="shared")
    late = layers.Conv2D(4, 1, name="made_first")
    one = layers.Conv2D(3, 3, padding="same")(entry)
    two = layers.MaxPooling2D(2, strides=1, padding="same")(entry)
    left, right = shared(one), shared(two)
    right = layers.LeakyReLU(negative_slope=0.1)(right)
    joined = layers.Concatenate()([left, right])
    short = late(one)
    total = layers.Add()([layers.Conv2D(4, 3, padding="same", use_bias=False)(joined), short])
    scaled = layers.Multiply()([total, left])
    pooled = layers.GlobalAveragePooling2D()(scaled)
    return keras.Model(entry, layers.Dense(4, activation="softmax")(pooled), name="tiny_functional")


def nested(layers=layers, keras=keras, add=keras.ops.add, relu=keras.ops.relu, maximum=keras.ops.maximum,
           mean=keras.ops.mean, name="tiny_nested"):
    """Models as layers, one called twice and with two outputs, of names that are not theirs alone; operations among
    layers; layers that do something only while a network learns; and pictures of any size."""
    entry = keras.Input((None, None, 3), name="inner_picture")
    conv = layers.Conv2D(4, 3, padding="same", name="conv")(entry)
    normal = layers.BatchNormalization(name="normal")(conv)
    backbone = keras.Model(entry, [relu(normal), normal], name="backbone")
    change = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.1)],
                              name="change")
    head = keras.Sequential([keras.Input((None, None, 4)), layers.GaussianNoise(0.1),
                             layers.Conv2D(2, 1, name="conv"), layers.BatchNormalization()], name="head")
    picture = keras.Input((None, None, 3), name="picture")
    scaled = change(picture) / 2 - 0.25
    active, before = backbone(scaled, training=False)
    again = backbone(1 - scaled * 3, training=False)[1]
    total = head(add(active, again)) - head(before)
    pooled = mean(maximum(total, 0 * total), axis=[1, 2])
    return keras.Model(picture, layers.Dense(3, activation="softmax", name="classes")(pooled), name=name)


def randomise(model, seed):
    """Every number random, running statistics too, so that none could be left at its start unnoticed."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        layer.set_weights([
            (random.uniform(0.5, 1.5, w.shape) if "variance" in getattr(v, "path", v.name) else
             0.4 * random.standard_normal(w.shape)).astype(w.dtype) for v, w in zip(layer.weights, layer.get_weights())
        ])
    shape = (1, *(length or 8 for length in model.input_shape[1:]))
    return random.standard_normal(shape).astype("float32")


def tensors(model, value):
    """The first output of each layer."""
    outputs = [layer.output if len(layer._inbound_nodes) == 1 else layer._inbound_nodes[0].outputs[0]
               for layer in model.layers]
    names = [layer.name for layer in model.layers]
    return {"the input": value, **dict(zip(names, (np.asarray(x) for x in keras.Model(model.input, outputs)(value))))}


def nested_tensors(keras, model, value):
    """The first output of each layer, of those of models inside as "backbone/conv", at the first call of the model. Not
    of what only hands its input on."""
    found = {"the input": value}

    def add(inner, inputs, place):
        parts = [part for part in getattr(inner, "operations", inner.layers)
                 if not isinstance(part, (keras.layers.InputLayer, keras.layers.GaussianNoise)) and part.name != "change"]
        # In Keras 2 the first node of a model is its own making.
        nodes = [part._inbound_nodes[-2 if part.name in ("backbone", "head") else 0] for part in parts]
        first = lambda tensors: tensors[0] if isinstance(tensors, (list, tuple)) else tensors
        makes = lambda tensors: keras.Model(inner.inputs, tensors)(inputs, training=False)
        for part, node in zip(parts, nodes):
            if isinstance(part, keras.Model):
                add(part, makes(first(node.input_tensors)), f"{place}{part.name}/")
            else:
                found[place + part.name] = np.asarray(makes(first(node.outputs)))

    add(model, value, "")
    return found


def write_nested():
    keras.utils.clear_session()
    models = [(keras, nested(), "keras_nested")]
    try:
        import tensorflow as tf
        import tf_keras
        models.append((tf_keras, nested(tf_keras.layers, tf_keras, tf.add, tf.nn.relu, tf.maximum, tf.reduce_mean),
                       "keras2_nested"))
    except ImportError as error:
        print(f"keras2_nested skipped: {error}")
    for library, model, name in models:
        value = randomise(model, 3)
        for ending in (".keras", ".h5"):
            model.save(FOLDER / (name + ending))
        np.savez_compressed(FOLDER / f"{name}_tensors.npz", **nested_tensors(library, model, value))


def write_fixtures():
    write_nested()
    for make, formats in ((sequential, (".keras", ".h5", ".weights.h5")), (functional, (".keras", ".h5"))):
        keras.utils.clear_session()
        model = make()
        value = randomise(model, 1)
        name = f"keras_{make.__name__}"
        for ending in formats:
            (model.save_weights if ending == ".weights.h5" else model.save)(FOLDER / (name + ending))
        np.savez_compressed(FOLDER / f"{name}_tensors.npz", **tensors(model, value))


def check(program):
    """Networks through convscope and back: Keras computes of them what it did before, bit for bit, since nothing but the
    place of a number changes."""
    differences = []

    def tell(what, difference):
        print(f"{what}: differs by {difference}")
        differences.append(difference)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for make in (sequential, functional):
            keras.utils.clear_session()
            model = make()
            value = randomise(model, 2)
            model.save(folder / "in.keras")
            expected = np.asarray(model(value))
            subprocess.run([program, "convert", folder / "in.keras", "-o", folder / "out.keras"], check=True,
                           stdout=subprocess.DEVNULL)
            again = keras.saving.load_model(folder / "out.keras")
            tell(f"{make.__name__}.keras", np.abs(np.asarray(again(value)) - expected).max())
            subprocess.run([program, "convert", folder / "in.keras", "-o", folder / "out.weights.h5"], check=True,
                           stdout=subprocess.DEVNULL)
            fresh = make()
            fresh.load_weights(folder / "out.weights.h5")
            tell(f"{make.__name__}.weights.h5", np.abs(np.asarray(fresh(value)) - expected).max())
        # Ours, whose explicit padding and names with slashes Keras cannot say as they are.
        subprocess.run([program, "convert", "resnet18", "-o", folder / "resnet.keras"], check=True,
                       stdout=subprocess.DEVNULL)
        resnet = keras.saving.load_model(folder / "resnet.keras")
        subprocess.run([program, "convert", folder / "resnet.keras", "-o", folder / "resnet.npz"], check=True,
                       stdout=subprocess.DEVNULL)
        ours = np.load(folder / "resnet.npz")
        worst = max(np.abs(w - ours[f"{layer.name}/{v.name}"]).max()
                    for layer in resnet.layers for v, w in zip(layer.weights, layer.get_weights()))
        tell(f"{len(ours.files)} tensors of resnet18", worst)
    sys.exit(1 if any(difference != 0 for difference in differences) else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="PROGRAM")
    arguments = parser.parse_args()
    check(arguments.check) if arguments.check else write_fixtures()


if __name__ == "__main__":
    main()
