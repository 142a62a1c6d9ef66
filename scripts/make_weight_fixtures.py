#!/usr/bin/env python3
"""Writes the weights of a small PyTorch network, and what it computes, for the tests of convscope/formats:
convscope/formats/testdata/torch_network.safetensors and torch_network_tensors.npz.

The network has each kind of layer whose weights PyTorch lays out otherwise: convolutions (grouped by channels too), a
transposed one, batch normalization of maps and of vectors, slopes, dense layers behind a flattening, one of them square.
The second file has an input and every layer's output, channels last.

Needs torch, numpy and safetensors. The same bytes each time.
"""

import pathlib
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "convscope/formats/testdata"


def network():
    return nn.Sequential(OrderedDict([
        ("conv1", nn.Conv2d(3, 6, 3, padding=1)),
        ("bn1", nn.BatchNorm2d(6)),
        ("act1", nn.PReLU(6)),
        ("depthwise", nn.Conv2d(6, 12, 3, groups=6, bias=False)),
        ("up", nn.ConvTranspose2d(12, 5, 2, stride=2)),
        ("square", nn.Conv2d(5, 5, 5, stride=3)),
        ("flatten", nn.Flatten()),
        ("drop", nn.Dropout(0.5)),
        ("bn2", nn.BatchNorm1d(5 * 4 * 4)),
        ("fc1", nn.Linear(5 * 4 * 4, 16)),
        ("relu", nn.ReLU()),
        ("fc2", nn.Linear(16, 16)),
        ("fc3", nn.Linear(16, 4)),
    ])).eval()


def main():
    torch.manual_seed(1)
    model = network()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape))
        for module in model:
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 1.5)
        value = torch.randn(1, 3, 10, 10)
        tensors = {"input": value}
        for name, module in model.named_children():
            value = tensors[name] = module(value)
    save_file(model.state_dict(), FOLDER / "torch_network.safetensors")
    last = {name: np.ascontiguousarray(np.moveaxis(t.numpy(), 1, -1)) for name, t in tensors.items()}
    np.savez(FOLDER / "torch_network_tensors.npz", **last)


if __name__ == "__main__":
    main()
