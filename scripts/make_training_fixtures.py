#!/usr/bin/env python3
"""Writes what Keras' optimizers and PyTorch's training of a small network compute, for the tests of convscope/train.

    KERAS_BACKEND=torch python3 scripts/make_training_fixtures.py

Two files in convscope/train/testdata, both little-endian float64, everything computed in float64:

optimizers.bin: first the gradients, STEPS x (5 + 8); then, for each optimizer of OPTIMIZERS in its order, the two
parameters (5,) and (8,) after each step, STEPS x (5 + 8). They begin as 1, 2, ..., 5 over 5 and -1, -2, ..., -8 over 8.

network.bin: conv 3x3 of 2 channels to 3, relu, max pool 2, flatten, dense to 4 classes, cross-entropy of softmax. First
the parameters: kernel HWIO (3, 3, 2, 3), bias (3,), dense kernel (12, 4), dense bias (4,). Then, for each of 10 steps,
pictures (4, 6, 6, 2) and labels (4,). Then for SGD with momentum and for Adam, for each step: the loss, the gradient of
each parameter; and after the last step the parameters. All layouts are ours: NHWC, rows of the dense kernel in that order.

Needs torch, keras (3) and numpy.
"""

import pathlib

import keras
import numpy as np
import torch
import torch.nn.functional as F

keras.config.set_floatx("float64")  # before the optimizers, whose numbers are of that type

STEPS = 8
O = keras.optimizers
OPTIMIZERS = [
    O.SGD(),
    O.SGD(0.1, momentum=0.9),
    O.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    O.SGD(0.1, clipvalue=0.5),
    O.SGD(0.1, clipnorm=1.0),
    O.SGD(0.1, global_clipnorm=2.0),
    O.Adagrad(),
    O.Adagrad(0.1, weight_decay=0.02),
    O.Adadelta(),
    O.Adadelta(1.0, rho=0.9),
    O.RMSprop(),
    O.RMSprop(0.01, momentum=0.9),
    O.RMSprop(0.01, centered=True),
    O.RMSprop(0.01, momentum=0.8, centered=True, global_clipnorm=1.0),
    O.Adam(),
    O.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-3),
    O.Adam(0.01, amsgrad=True, clipnorm=1.0),
    O.AdamW(),
    O.AdamW(0.01, weight_decay=0.1),
]


def values(*tensors):
    arrays = [t.detach().numpy() if isinstance(t, torch.Tensor) else t for t in tensors]
    return np.concatenate([np.asarray(array, dtype="<f8").ravel() for array in arrays])


def optimizers():
    """One row of numbers after another, see above."""
    random = np.random.default_rng(1)
    gradients = [(random.standard_normal(5), random.standard_normal(8) * 0.3) for _ in range(STEPS)]
    rows = [values(*pair) for pair in gradients]
    for optimizer in OPTIMIZERS:
        first = keras.Variable(np.arange(1, 6) / 5, dtype="float64")
        second = keras.Variable(-np.arange(1, 9) / 8, dtype="float64")
        optimizer.build([first, second])
        for pair in gradients:
            optimizer.apply([torch.from_numpy(g) for g in pair])
            rows.append(values(first.value, second.value))
    return np.concatenate(rows)


def forward(parameters, pictures):
    kernel, bias, dense_kernel, dense_bias = parameters
    x = F.conv2d(pictures.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), bias)
    x = F.max_pool2d(F.relu(x), 2)
    return x.permute(0, 2, 3, 1).flatten(1) @ dense_kernel + dense_bias


def network():
    random = np.random.default_rng(2)
    shapes = [(3, 3, 2, 3), (3,), (12, 4), (4,)]
    # Numbers that float32 holds exactly, so that both types begin alike.
    start = [(random.standard_normal(s) * 0.3).astype(np.float32).astype(np.float64) for s in shapes]
    batches = [(random.standard_normal((4, 6, 6, 2)).astype(np.float32).astype(np.float64), random.integers(0, 4, 4))
               for _ in range(10)]
    rows = [values(*start)] + [values(*batch) for batch in batches]
    for name in ["sgd", "adam"]:
        parameters = [torch.tensor(p, requires_grad=True) for p in start]
        if name == "sgd":
            optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
        else:
            optimizer = torch.optim.Adam(parameters, lr=0.01, betas=(0.9, 0.999), eps=1e-3)
        for step, (pictures, labels) in enumerate(batches, start=1):
            if name == "adam":  # Keras adds epsilon before the correction by sqrt(1 - beta_2^step), PyTorch after it
                optimizer.param_groups[0]["eps"] = 1e-3 / np.sqrt(1 - 0.999**step)
            optimizer.zero_grad()
            loss = F.cross_entropy(forward(parameters, torch.from_numpy(pictures)), torch.from_numpy(labels))
            loss.backward()
            rows.append(values(loss, *[p.grad for p in parameters]))
            optimizer.step()
        rows.append(values(*parameters))
    return np.concatenate(rows)


def main():
    out = pathlib.Path(__file__).parent.parent / "convscope/train/testdata"
    out.mkdir(parents=True, exist_ok=True)
    optimizers().tofile(out / "optimizers.bin")
    network().tofile(out / "network.bin")


if __name__ == "__main__":
    main()
