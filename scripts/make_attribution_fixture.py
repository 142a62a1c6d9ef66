#!/usr/bin/env python3
"""Writes what PyTorch computes for every attribution of a small network, for the tests of convscope/inspect.

    python3 scripts/make_attribution_fixture.py

Every method is written out here by the formula of its paper, over torch.autograd and a forward pass, in float64. One
file, convscope/inspect/testdata/attribution.bin, little-endian float64, in this order:

the parameters, as ours: conv1 kernel (3, 3, 2, 5) HWIO, bias (5,); bn gamma, beta, mean, variance (5,) each; conv2 kernel
(3, 3, 5, 6), bias (6,); dense1 kernel (54, 8), bias (8,), rows in the order of (rows, columns, channels); dense2 kernel
(8, 4), bias (4,); the picture (12, 10, 2) and a baseline of the same shape; the logits (4,); then for class 2 and for
class 0: gradient, input x gradient, guided backpropagation, deconvolution, integrated gradients of STEPS steps by the
trapezoid rule, each (12, 10, 2); Grad-CAM, Grad-CAM++, LayerCAM, Score-CAM, Eigen-CAM, each (6, 5), of the second
rectifier; Grad-CAM at the picture's size (12, 10); the drops (5, 4) and the attribution (12, 10) of an occlusion with a
window of 4 and a stride of 2.

The network: conv 3x3 same, batch normalization, relu, max pool 2, conv 3x3 same, relu, max pool 2 (same: 3 x 3 of
6 x 5), flatten, dense, relu, dense. Needs torch and numpy.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

STEPS, WINDOW, STRIDE = 16, 4, 2
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


conv1, bias1 = draw(3, 3, 2, 5), draw(5)
gamma, beta, mean, variance = draw(5, low=0.5, high=1.5), draw(5), draw(5), draw(5, low=0.5, high=1.5)
conv2, bias2 = draw(3, 3, 5, 6), draw(6)
dense1, bias3 = draw(54, 8), draw(8)
dense2, bias4 = draw(8, 4), draw(4)
picture, baseline = draw(ROWS, COLUMNS, 2, low=0, high=1), draw(ROWS, COLUMNS, 2, low=0, high=0.3)


def layers(x):
    """The second rectifier (N, 6, rows, columns) of pictures (N, rows, columns, 2)."""
    x = F.conv2d(x.permute(0, 3, 1, 2), conv1.permute(3, 2, 0, 1), bias1, padding=1)
    x = F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=1e-3)
    x = F.max_pool2d(Rectifier.apply(x), 2)
    return Rectifier.apply(F.conv2d(x, conv2.permute(3, 2, 0, 1), bias2, padding=1))


def head(maps):
    x = F.max_pool2d(F.pad(maps, (0, 1, 0, 0)), 2)  # of what is not negative: a padding of zeroes changes nothing
    x = x.permute(0, 2, 3, 1).flatten(1)
    return Rectifier.apply(x @ dense1 + bias3) @ dense2 + bias4


def gradient(x, c, rule="true"):
    global RULE
    RULE = rule
    x = x.detach().clone().requires_grad_()
    (result,) = torch.autograd.grad(head(layers(x))[:, c].sum(), x)
    RULE = "true"
    return result


def score(x, c):
    with torch.no_grad():
        return head(layers(x))[:, c]


def integrated(c):
    total = torch.zeros_like(picture)
    for k in range(STEPS + 1):
        at = baseline + (picture - baseline) * k / STEPS
        total += gradient(at[None], c)[0] * (0.5 if k in (0, STEPS) else 1) / STEPS
    return (picture - baseline) * total


def cams(c):
    maps = layers(picture[None]).detach().requires_grad_()
    (g,) = torch.autograd.grad(head(maps)[0, c], maps)
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
        scores[k] = score((picture * mask[:, :, None])[None], c)[0] - score(torch.zeros_like(picture)[None], c)[0]
    score_cam = (torch.softmax(scores, 0)[:, None, None] * maps).sum(0).clamp(min=0)

    places = maps.permute(1, 2, 0).reshape(-1, 6)
    first = torch.linalg.svd(places, full_matrices=False).Vh[0]
    eigen_cam = (places @ first).reshape(maps.shape[1:])
    eigen_cam = -eigen_cam if eigen_cam.sum() < 0 else eigen_cam

    enlarged = F.interpolate(grad_cam[None, None], (ROWS, COLUMNS), mode="bilinear", align_corners=False)[0, 0]
    return [grad_cam, plus_plus, layer_cam, score_cam, eigen_cam, enlarged]


def occlusion(c):
    whole = score(picture[None], c)[0]
    tops, lefts = range(0, ROWS - WINDOW + 1, STRIDE), range(0, COLUMNS - WINDOW + 1, STRIDE)
    drops = torch.zeros(len(tops), len(lefts), dtype=torch.float64)
    total, count = torch.zeros(2, ROWS, COLUMNS, dtype=torch.float64)
    for v, top in enumerate(tops):
        for u, left in enumerate(lefts):
            here = (slice(top, top + WINDOW), slice(left, left + WINDOW))
            hidden = picture.clone()
            hidden[here] = baseline[here]
            drops[v, u] = whole - score(hidden[None], c)[0]
            total[here] += drops[v, u]
            count[here] += 1
    return [drops, total / count]


def main():
    parts = [conv1, bias1, gamma, beta, mean, variance, conv2, bias2, dense1, bias3, dense2, bias4, picture, baseline]
    parts.append(head(layers(picture[None])).detach()[0])
    for c in (2, 0):
        true = gradient(picture[None], c)[0]
        parts += [true, picture * true]
        parts += [gradient(picture[None], c, rule)[0] for rule in ("guided", "deconvolution")]
        parts += [integrated(c), *cams(c), *occlusion(c)]
    numbers = np.concatenate([part.numpy().astype("<f8").ravel() for part in parts])
    assert np.isfinite(numbers).all()
    assert all(part.abs().max() > 0.01 for part in parts), "a method has nothing to show: choose another seed"
    path = pathlib.Path(__file__).parent.parent / "convscope/inspect/testdata/attribution.bin"
    path.write_bytes(numbers.tobytes())
    print(f"{path}: {len(numbers)} numbers")


if __name__ == "__main__":
    main()
