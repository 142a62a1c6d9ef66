#!/usr/bin/env python3
"""Writes torchvision's networks, with random weights, as .onnx files for convscope_bench --models.

Usage: export_models.py FOLDER [NAME...]; needs torch, torchvision and onnx. Nothing is downloaded.
"""
import pathlib
import sys

import torch
import torchvision

folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
x = torch.rand(1, 3, 224, 224)
for name in names or ('squeezenet1_1', 'mobilenet_v2', 'resnet18', 'resnet50', 'alexnet', 'vgg16'):
    model = getattr(torchvision.models, name)(weights=None).eval()
    torch.onnx.export(model, (x,), folder / f'{name}.onnx', opset_version=13, dynamo=False)
    print(name)
