#!/usr/bin/env python3
"""Writes resize_cases.txt: what the backend tests of ONNX expect of Resize, in lines that a test of ours reads.

Needs the Python packages onnx and numpy. One case in four lines:
    name mode=... coordinates=... nearest=... cubic_a=... exclude_outside=0 extrapolation=0 antialias=0
    scales ... | lengths ... | roi ...          (one entry an axis of the input; empty where there are none)
    x SHAPE: VALUES
    y SHAPE: VALUES
Axes and the policy for the aspect ratio are resolved here, as who reads an .onnx file does.
"""
import pathlib

import numpy
from onnx.backend.test.case.node import collect_testcases

DEFAULTS = {"mode": "nearest", "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_floor",
            "cubic_coeff_a": -0.75, "exclude_outside": 0, "extrapolation_value": 0, "antialias": 0,
            "keep_aspect_ratio_policy": "stretch", "axes": None}


def numbers(values):
    return " ".join(repr(float(value)) if value != int(value) else str(int(value)) for value in values)


def cases():
    for case in sorted(collect_testcases("Resize"), key=lambda case: case.name):
        node = case.model.graph.node[0]
        if node.op_type != "Resize" or len(case.model.graph.node) != 1:
            continue
        options = dict(DEFAULTS)
        for attribute in node.attribute:
            value = {1: attribute.f, 2: attribute.i, 3: attribute.s.decode(), 7: list(attribute.ints)}[attribute.type]
            options[attribute.name] = value
        inputs, outputs = case.data_sets[0]
        names = [name for name in node.input if name]
        given = dict(zip(names, inputs))
        x, y = inputs[0], outputs[0]
        rank = x.ndim
        axes = options["axes"] or list(range(rank))
        axes = [axis % rank for axis in axes]

        def all_axes(values, fill):
            full = [fill] * rank
            for axis, value in zip(axes, values):
                full[axis] = value
            return full

        roles = dict(zip(["X", "roi", "scales", "sizes"], node.input))
        scales, lengths, roi = [], [], []
        if roles.get("scales"):
            scales = all_axes(given[roles["scales"]], 1.0)
        if roles.get("sizes"):
            sizes = given[roles["sizes"]]
            policy = options["keep_aspect_ratio_policy"]
            if policy == "stretch":
                lengths = all_axes(sizes, 0)
            else:
                ratios = [size / x.shape[axis] for axis, size in zip(axes, sizes)]
                scale = min(ratios) if policy == "not_larger" else max(ratios)
                scales = all_axes([scale] * len(axes), 1.0)
                lengths = all_axes([int(scale * x.shape[axis] + 0.5) for axis in axes], 0)
        if roles.get("roi") and options["coordinate_transformation_mode"] == "tf_crop_and_resize":
            values = given[roles["roi"]]
            roi = all_axes(values[:len(axes)], 0.0) + all_axes(values[len(axes):], 1.0)
        if x.dtype != numpy.float32:
            continue
        yield "\n".join([
            f"{case.name} mode={options['mode']} coordinates={options['coordinate_transformation_mode']} "
            f"nearest={options['nearest_mode']} cubic_a={options['cubic_coeff_a']:g} "
            f"exclude_outside={options['exclude_outside']} extrapolation={options['extrapolation_value']:g} "
            f"antialias={options['antialias']}",
            f"scales {numbers(scales)} | lengths {numbers(lengths)} | roi {numbers(roi)}",
            f"x {' '.join(map(str, x.shape))}: {numbers(x.ravel())}",
            f"y {' '.join(map(str, y.shape))}: {numbers(y.ravel())}",
        ])


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("resize_cases.txt")
    path.write_text("\n".join(cases()) + "\n")
