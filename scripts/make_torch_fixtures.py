#!/usr/bin/env python3
"""Writes random convolutions, pools and activations with the results of PyTorch and OpenCV.

The tests of convscope/kernels read them: the committed ones (the defaults of this program make them again) and, when the
environment variable CONVSCOPE_PEER_CASES names a folder, all the ones there:

    python3 scripts/make_torch_fixtures.py --seed 2 --cases 3000 --largest 5000 --out /tmp/cases
    CONVSCOPE_PEER_CASES=/tmp/cases build/convscope_core_test --gtest_filter='PeerCases.*'

Two files. peer_cases.txt has one line a case, "conv", "pool" or "activation" and then key=value; lists have one number
an axis. peer_cases.bin has the values of all cases one after the other as little-endian float32: input, kernel and bias
(conv only; bias=0 has none), output; layouts NHWC and HWIO. Peers compute in float64, results are rounded once.

Needs torch, numpy and cv2.
"""

import argparse
import pathlib
import random

import cv2
import numpy as np
import torch
import torch.nn.functional as F

TORCH_MODES = {"zero": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}
CV_BORDERS = {"zero": cv2.BORDER_CONSTANT, "edge": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT_101}
CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVERAGE_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "leaky_relu:0.01": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "elu:0.5": lambda x: F.elu(x, 0.5),
    "selu": F.selu,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": F.hardsigmoid,
    "hard_sigmoid:0.2:0.5": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1),
    "tanh": torch.tanh,
    "softplus": lambda x: torch.log1p(torch.exp(x)),  # F.softplus is linear above 20
    "softsign": F.softsign,
    "swish": F.silu,
    "gelu": F.gelu,
    "gelu:tanh": lambda x: F.gelu(x, approximate="tanh"),
    "mish": F.mish,
    "exponential": torch.exp,
    "softmax": lambda x: F.softmax(x, dim=-1),
    "hard_swish": F.hardswish,
    "thresholded_relu:0.5": lambda x: F.threshold(x, 0.5, 0),
    "celu": F.celu,
    "celu:0.5": lambda x: F.celu(x, 0.5),
    "log_softmax": lambda x: F.log_softmax(x, dim=-1),
}


def channels_last(x):
    """(N, C, spatial...) to (N, spatial..., C)"""
    return x.movedim(1, -1)


def pad(x, before, after, mode, value=0.0):
    """x (N, C, spatial...) padded per side, as the file's axes say."""
    if not any(before) and not any(after):
        return x
    sides = [n for axis in reversed(range(len(before))) for n in (before[axis], after[axis])]
    extra = {"value": value} if mode == "zero" else {}
    return F.pad(x, sides, mode=TORCH_MODES[mode], **extra)


class Cases:
    def __init__(self, seed, largest, out):
        self.random = random.Random(seed)
        self.normal = np.random.default_rng(seed)
        self.largest = largest
        out.mkdir(parents=True, exist_ok=True)
        self.index = open(out / "peer_cases.txt", "w", encoding="ascii")
        self.values = open(out / "peer_cases.bin", "wb")

    def tensor(self, *shape):
        """Normal float32 values, as float64."""
        return torch.from_numpy(self.normal.standard_normal(shape).astype(np.float32).astype(np.float64))

    def write(self, what, fields, arrays):
        texts = [f"{key}={','.join(map(str, v)) if isinstance(v, list) else v}" for key, v in fields.items()]
        self.index.write(" ".join([what, *texts]) + "\n")
        for array in arrays:
            self.values.write(np.ascontiguousarray(np.asarray(array), dtype="<f4").tobytes())

    def length(self, rank):
        """Longest axis of the input."""
        return ({1: 60, 2: 19, 3: 9} if self.largest < 2000 else {1: 500, 2: 60, 3: 20})[rank]

    def axis(self, length, mode, same_padding=False, pooling=False):
        """One random axis: in, size, stride, dilation, before, after; None where the window does not fit."""
        r = self.random
        n = r.randint(1, length)
        size = r.choice([1, 2, 3, 3, 3, 4, 5, 7])
        stride = r.choice([1, 1, 1, 2, 3])
        dilation = r.choice([1, 1, 1, 2, 3])
        most = {"zero": 9, "edge": 9, "reflect": n - 1, "wrap": n}[mode]
        if pooling:
            most = min(most, size // 2)
        before = r.randint(0, min(most, size))
        after = before if same_padding else r.randint(0, min(most, size))
        if n + before + after < dilation * (size - 1) + 1:
            return None
        return n, size, stride, dilation, before, after

    def axes(self, rank, length, mode, **options):
        while True:
            axes = [self.axis(length, mode, **options) for _ in range(rank)]
            if None not in axes:
                return [list(column) for column in zip(*axes)]

    def conv(self, rank):
        while not self.try_conv(rank):
            pass

    def try_conv(self, rank):
        """Writes one random convolution and returns True, or draws one that is too large."""
        r = self.random
        mode = r.choice(list(TORCH_MODES))
        groups = r.choice([1, 1, 1, 2, 3, 5])
        per_group = r.choice([1, 1, 2, 3, 4, 8])
        channels = groups * per_group
        filters = groups * r.choice([1, 1, 2, 3, 4, 9, 16])
        if r.random() < 0.25:  # one kernel on a picture, whose sizes matter most
            groups = per_group = channels = filters = 1
        elif r.random() < 0.15:  # depthwise
            per_group = 1
            groups = channels = filters = r.choice([2, 8, 17, 32])
        batch = r.choice([1, 1, 2])
        n, size, stride, dilation, before, after = self.axes(rank, self.length(rank), mode)
        if np.prod(n) * channels * batch > self.largest or np.prod(size) * per_group * filters > self.largest:
            return False
        flip, bias = r.randint(0, 1), r.randint(0, 1)
        x = self.tensor(batch, channels, *n)
        w = self.tensor(filters, per_group, *size)
        if rank == 2 and r.random() < 0.2:  # a column times a row
            w = (self.tensor(1, per_group, size[0], 1) * self.tensor(1, per_group, 1, size[1])).float().double()
            w = w.expand(filters, -1, -1, -1).contiguous()
        b = self.tensor(filters)
        spatial = tuple(range(2, rank + 2))
        y = CONV[rank](pad(x, before, after, mode), w.flip(spatial) if flip else w, b if bias else None, stride, 0,
                       dilation, groups)
        if y.numel() > self.largest:
            return False
        fields = dict(rank=rank, batch=batch, channels=channels, filters=filters, groups=groups, mode=mode, flip=flip,
                      bias=bias, size=size, stride=stride, dilation=dilation, before=before, after=after, out=list(y.shape[2:]))
        fields["in"] = n
        kernel = w.permute(*spatial, 1, 0)
        self.write("conv", fields, [channels_last(x), kernel, *([b] if bias else []), channels_last(y)])
        return True

    def filter2d(self):
        """OpenCV's filter: one kernel on every channel, output as large as the picture."""
        r = self.random
        mode = r.choice(list(CV_BORDERS))
        channels = r.choice([1, 1, 3, 4])
        side = int((self.largest / channels) ** 0.5)
        n = [r.randint(8, max(8, side)), r.randint(8, max(8, side))]
        size = [r.randint(1, 8), r.randint(1, 8)]
        flip = r.randint(0, 1)
        x = self.normal.standard_normal((*n, channels)).astype(np.float32).astype(np.float64)
        w = self.normal.standard_normal(size).astype(np.float32).astype(np.float64)
        before = [size[0] // 2, size[1] // 2]
        after = [size[0] - 1 - before[0], size[1] - 1 - before[1]]
        y = cv2.filter2D(x, cv2.CV_64F, cv2.flip(w, -1) if flip else w, anchor=(before[1], before[0]),
                         borderType=CV_BORDERS[mode])
        fields = dict(rank=2, batch=1, channels=channels, filters=channels, groups=channels, mode=mode, flip=flip, bias=0,
                      size=size, stride=[1, 1], dilation=[1, 1], before=before, after=after, out=n)
        fields["in"] = n
        kernel = np.repeat(w.reshape(*size, 1, 1), channels, axis=3)
        self.write("conv", fields, [x, kernel, y.reshape(*n, channels)])

    def pool(self):
        r = self.random
        rank = r.choice([1, 2, 2, 2, 3])
        mode = r.choice(["zero", "zero", *TORCH_MODES])
        kind = r.choice(["max", "average"])
        ceil_mode, include = r.randint(0, 1), r.randint(0, 1)
        channels, batch = r.choice([1, 1, 2, 3, 8, 11]), r.choice([1, 2])
        while True:
            n, size, stride, dilation, before, after = self.axes(
                rank, self.length(rank), mode, same_padding=mode == "zero", pooling=True)
            if kind == "average":
                dilation = [1] * rank
            # avg_pool3d wants a window that fits even without the padding.
            fits = kind == "max" or mode != "zero" or all(a >= b for a, b in zip(n, size))
            if fits and np.prod(n) * channels * batch <= self.largest:
                break
        if mode != "zero" and any(after):
            ceil_mode = 0  # to PyTorch that padding would be picture, where a last window may start
        x = self.tensor(batch, channels, *n)
        # PyTorch pads with zeroes itself; the other modes are pictures that are larger to begin with.
        padded, own = (x, before) if mode == "zero" else (pad(x, before, after, mode), [0] * rank)
        if kind == "max":
            y = MAX_POOL[rank](padded, size, stride, own, dilation, ceil_mode=bool(ceil_mode))
        else:
            y = AVERAGE_POOL[rank](padded, size, stride, own, bool(ceil_mode), bool(include))
        fields = dict(kind=kind, rank=rank, batch=batch, channels=channels, mode=mode, ceil=ceil_mode, include=include,
                      size=size, stride=stride, dilation=dilation, before=before, after=after, out=list(y.shape[2:]))
        fields["in"] = n
        self.write("pool", fields, [channels_last(x), channels_last(y)])

    def activation(self, name):
        row = self.random.choice([1, 3, 10, 17])
        x = (self.tensor(7, row) * self.random.choice([0.1, 1, 6])).float().double()
        self.write("activation", dict(name=name, rows=7, row=row), [x, ACTIVATIONS[name](x)])

    def one(self):
        choice = self.random.choices(
            ["conv2", "conv1", "conv3", "filter2d", "pool", "activation"], [40, 8, 12, 10, 20, 10])[0]
        if choice.startswith("conv"):
            self.conv(int(choice[-1]))
        elif choice == "activation":
            self.activation(self.random.choice(list(ACTIVATIONS)))
        else:
            getattr(self, choice)()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=400, help="how many, besides one of each activation")
    parser.add_argument("--largest", type=int, default=600, help="most elements of an input, kernel or output")
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent.parent / "convscope/kernels/testdata")
    options = parser.parse_args()
    cases = Cases(options.seed, options.largest, options.out)
    for name in ACTIVATIONS:
        cases.activation(name)
    for _ in range(options.cases):
        cases.one()


if __name__ == "__main__":
    main()
