#!/usr/bin/env python3
"""Writes what PyTorch computes for every attribution of two small networks, for the tests of convscope/inspect.

    python3 scripts/make_attribution_fixture.py

Every method is written out here by the formula of its paper, over torch.autograd and a forward pass, in float64. Two
files in convscope/inspect/testdata, little-endian float64. attribution.bin has in this order:

the parameters, as ours: conv1 kernel (3, 3, 2, 5) HWIO, bias (5,); bn gamma, beta, mean, variance (5,) each; conv2 kernel
(3, 3, 5, 6), bias (6,); dense1 kernel (54, 8), bias (8,), rows in the order of (rows, columns, channels); dense2 kernel
(8, 4), bias (4,); the picture (12, 10, 2) and a baseline of the same shape; the logits (4,); then for class 2 and for
class 0: gradient, input x gradient, guided backpropagation, deconvolution, integrated gradients of STEPS steps by the
trapezoid rule, each (12, 10, 2); Grad-CAM, Grad-CAM++, LayerCAM, Score-CAM, Eigen-CAM, each (6, 5), of the second
rectifier; Grad-CAM at the picture's size (12, 10); the drops (5, 4) and the attribution (12, 10) of an occlusion with a
window of 4 and a stride of 2.

The network: conv 3x3 same, batch normalization, relu, max pool 2, conv 3x3 same, relu, max pool 2 (same: 3 x 3 of
6 x 5), flatten, dense, relu, dense.

attribution_branches.bin has the same of a network of the kinds of ResNet and MobileNet, from the picture on; before it the
parameters: stem kernel (3, 3, 2, 4); its bn gamma, beta, mean, variance (4,) each; block/conv1 and block/bn1, block/conv2
and block/bn2 likewise, (3, 3, 4, 4); depthwise kernel (3, 3, 4), its bn; pointwise kernel (1, 1, 4, 6), bias (6,); dense
kernel (6, 4), bias (4,). The network: conv 3x3 same, bn, relu; of that a block of conv, bn, relu, conv, bn, added to what
went in, relu; a depthwise conv 3x3 of stride 2 (same: nothing before, one row after), bn, relu; conv 1x1, relu, which is
the layer of the class activation maps; global average, dense. Needs torch and numpy.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

STEPS, WINDOW, STRIDE = 16, 4, 2
SEED_OF_BRANCHES = 3
ROWS, COLUMNS = 12, 10
RULE = "true"


class Rectifier(torch.autograd.Function):
    """ReLU, whose backward pass follows RULE."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        if RULE == "deconvolution":
            return gradient.clamp(min=0)
        passed = gradient * (x > 0)
        return passed.clamp(min=0) if RULE == "guided" else passed


random = np.random.default_rng(1)


def draw(*shape, low=-0.5, high=0.5):
    """Random numbers that float32 holds exactly."""
    return torch.tensor(random.uniform(low, high, shape).astype(np.float32).astype(np.float64))


def draw_normalization(channels):
    """gamma, beta, mean, variance"""
    return draw(channels, low=0.5, high=1.5), draw(channels), draw(channels), draw(channels, low=0.5, high=1.5)


def convolve(x, kernel, bias=None, **how):
    return F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, **how)


def normalize(x, parameters):
    gamma, beta, mean, variance = parameters
    return F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=1e-3)


class Chain:
    def __init__(self):
        self.conv1, self.bias1 = draw(3, 3, 2, 5), draw(5)
        self.bn = draw_normalization(5)
        self.conv2, self.bias2 = draw(3, 3, 5, 6), draw(6)
        self.dense1, self.bias3 = draw(54, 8), draw(8)
        self.dense2, self.bias4 = draw(8, 4), draw(4)

    def parameters(self):
        return [self.conv1, self.bias1, *self.bn, self.conv2, self.bias2, self.dense1, self.bias3, self.dense2,
                self.bias4]

    def layers(self, x):
        """The second rectifier (N, 6, rows, columns) of pictures (N, rows, columns, 2)."""
        x = normalize(convolve(x.permute(0, 3, 1, 2), self.conv1, self.bias1, padding=1), self.bn)
        x = F.max_pool2d(Rectifier.apply(x), 2)
        return Rectifier.apply(convolve(x, self.conv2, self.bias2, padding=1))

    def head(self, maps):
        x = F.max_pool2d(F.pad(maps, (0, 1, 0, 0)), 2)  # of what is not negative: a padding of zeroes changes nothing
        x = x.permute(0, 2, 3, 1).flatten(1)
        return Rectifier.apply(x @ self.dense1 + self.bias3) @ self.dense2 + self.bias4


class Branches:
    def __init__(self):
        self.convolutions = []  # kernel and normalization each
        for channels in (2, 4, 4):
            self.convolutions.append((draw(3, 3, channels, 4), draw_normalization(4)))
        self.depthwise, self.bn = draw(3, 3, 4), draw_normalization(4)
        self.pointwise, self.bias = draw(1, 1, 4, 6), draw(6)
        self.dense, self.dense_bias = draw(6, 4), draw(4)

    def parameters(self):
        first = [part for kernel, bn in self.convolutions for part in (kernel, *bn)]
        return first + [self.depthwise, *self.bn, self.pointwise, self.bias, self.dense, self.dense_bias]

    def layers(self, x):
        def step(x, i):
            kernel, bn = self.convolutions[i]
            return normalize(convolve(x, kernel, padding=1), bn)

        stem = Rectifier.apply(step(x.permute(0, 3, 1, 2), 0))
        x = Rectifier.apply(step(Rectifier.apply(step(stem, 1)), 2) + stem)
        kernel = self.depthwise.permute(2, 0, 1)[:, None]
        x = normalize(F.conv2d(F.pad(x, (0, 1, 0, 1)), kernel, stride=2, groups=4), self.bn)
        return Rectifier.apply(convolve(Rectifier.apply(x), self.pointwise, self.bias))

    def head(self, maps):
        return maps.mean((2, 3)) @ self.dense + self.dense_bias


def gradient(net, x, c, rule="true"):
    global RULE
    RULE = rule
    x = x.detach().clone().requires_grad_()
    (result,) = torch.autograd.grad(net.head(net.layers(x))[:, c].sum(), x)
    RULE = "true"
    return result


def score(net, x, c):
    with torch.no_grad():
        return net.head(net.layers(x))[:, c]


def integrated(net, picture, baseline, c):
    total = torch.zeros_like(picture)
    for k in range(STEPS + 1):
        at = baseline + (picture - baseline) * k / STEPS
        total += gradient(net, at[None], c)[0] * (0.5 if k in (0, STEPS) else 1) / STEPS
    return (picture - baseline) * total


def cams(net, picture, c):
    maps = net.layers(picture[None]).detach().requires_grad_()
    (g,) = torch.autograd.grad(net.head(maps)[0, c], maps)
    maps, g = maps.detach()[0], g[0]  # (6, rows, columns)
    grad_cam = (g.mean((1, 2))[:, None, None] * maps).sum(0).clamp(min=0)

    below = 2 * g**2 + maps.sum((1, 2))[:, None, None] * g**3
    alpha = torch.where(below == 0, torch.zeros_like(g), g**2 / torch.where(below == 0, torch.ones_like(g), below))
    weights = (alpha * g.clamp(min=0)).sum((1, 2))
    plus_plus = (weights[:, None, None] * maps).sum(0).clamp(min=0)

    layer_cam = (g.clamp(min=0) * maps).sum(0).clamp(min=0)

    scores = torch.full((6,), -torch.inf, dtype=torch.float64)
    for k in range(6):
        if maps[k].max() == maps[k].min():
            continue
        mask = F.interpolate(maps[None, k : k + 1], (ROWS, COLUMNS), mode="bilinear", align_corners=False)[0, 0]
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        scores[k] = score(net, (picture * mask[:, :, None])[None], c)[0]
        scores[k] -= score(net, torch.zeros_like(picture)[None], c)[0]
    score_cam = (torch.softmax(scores, 0)[:, None, None] * maps).sum(0).clamp(min=0)

    places = maps.permute(1, 2, 0).reshape(-1, 6)
    first = torch.linalg.svd(places, full_matrices=False).Vh[0]
    eigen_cam = (places @ first).reshape(maps.shape[1:])
    eigen_cam = -eigen_cam if eigen_cam.sum() < 0 else eigen_cam

    enlarged = F.interpolate(grad_cam[None, None], (ROWS, COLUMNS), mode="bilinear", align_corners=False)[0, 0]
    return [grad_cam, plus_plus, layer_cam, score_cam, eigen_cam, enlarged]


def occlusion(net, picture, baseline, c):
    whole = score(net, picture[None], c)[0]
    tops, lefts = range(0, ROWS - WINDOW + 1, STRIDE), range(0, COLUMNS - WINDOW + 1, STRIDE)
    drops = torch.zeros(len(tops), len(lefts), dtype=torch.float64)
    total, count = torch.zeros(2, ROWS, COLUMNS, dtype=torch.float64)
    for v, top in enumerate(tops):
        for u, left in enumerate(lefts):
            here = (slice(top, top + WINDOW), slice(left, left + WINDOW))
            hidden = picture.clone()
            hidden[here] = baseline[here]
            drops[v, u] = whole - score(net, hidden[None], c)[0]
            total[here] += drops[v, u]
            count[here] += 1
    return [drops, total / count]


def write(net, name, least):
    """`least`: what the largest value of each method is at least, so that there is something to compare."""
    picture, baseline = draw(ROWS, COLUMNS, 2, low=0, high=1), draw(ROWS, COLUMNS, 2, low=0, high=0.3)
    parts = [*net.parameters(), picture, baseline, net.head(net.layers(picture[None])).detach()[0]]
    for c in (2, 0):
        true = gradient(net, picture[None], c)[0]
        parts += [true, picture * true]
        parts += [gradient(net, picture[None], c, rule)[0] for rule in ("guided", "deconvolution")]
        parts += [integrated(net, picture, baseline, c), *cams(net, picture, c), *occlusion(net, picture, baseline, c)]
    numbers = np.concatenate([part.numpy().astype("<f8").ravel() for part in parts])
    assert np.isfinite(numbers).all()
    assert all(part.abs().max() > least for part in parts), "a method has nothing to show: choose another seed"
    path = pathlib.Path(__file__).parent.parent / "convscope/inspect/testdata" / name
    path.write_bytes(numbers.tobytes())
    print(f"{path}: {len(numbers)} numbers")


def main():
    global random
    write(Chain(), "attribution.bin", 1e-2)
    random = np.random.default_rng(SEED_OF_BRANCHES)
    write(Branches(), "attribution_branches.bin", 1e-3)  # the mean of 30 places


if __name__ == "__main__":
    main()
