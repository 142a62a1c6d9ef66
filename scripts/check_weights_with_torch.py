#!/usr/bin/env python3
"""Holds convscope's ResNet-18, AlexNet and VGG-16 with PyTorch's weights beside PyTorch itself.

    python3 scripts/check_weights_with_torch.py build/convscope [resnet18 alexnet vgg16]

Each network is built in PyTorch as torchvision builds it, under the same names, with random weights; its state goes into
a .safetensors file, which `convscope predict NAME --weights FILE` reads; the probabilities of all classes are compared on
one picture. Then `convscope convert --layout torch` writes ResNet-18's weights back, and they must be the same bits.

Needs torch and safetensors.
"""

import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

try:
    import torch
    from safetensors.torch import load_file, save_file
    from torch import nn
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)  # which ctest shows as skipped

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        channels = 64
        for i, filters in enumerate((64, 128, 256, 512), 1):
            stride = 1 if i == 1 else 2
            setattr(self, f"layer{i}", nn.Sequential(Block(channels, filters, stride), Block(filters, filters, 1)))
            channels = filters
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


class FeaturesAndClassifier(nn.Module):
    def __init__(self, features, pooled, classifier):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d(pooled)
        self.classifier = classifier

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def alexnet():
    def conv(*arguments):
        return [nn.Conv2d(*arguments), nn.ReLU()]
    pool = nn.MaxPool2d(3, 2)
    features = nn.Sequential(*conv(3, 64, 11, 4, 2), pool, *conv(64, 192, 5, 1, 2), pool, *conv(192, 384, 3, 1, 1),
                             *conv(384, 256, 3, 1, 1), *conv(256, 256, 3, 1, 1), pool)
    return FeaturesAndClassifier(features, 6, nn.Sequential(
        nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Linear(4096, 1000)))


def vgg16():
    layers, channels = [], 3
    for entry in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if entry == 0:
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(channels, entry, 3, 1, 1), nn.ReLU()]
            channels = entry
    return FeaturesAndClassifier(nn.Sequential(*layers), 7, nn.Sequential(
        nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
        nn.Linear(4096, 1000)))


NETWORKS = {"resnet18": ("resnet18", ResNet18), "alexnet": ("alexnet-torch", alexnet), "vgg16": ("vgg16", vgg16)}


def png(picture):
    """(rows, columns, 3) uint8."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows, columns, _ = picture.shape
    lines = b"".join(b"\0" + bytes(row.flatten().tolist()) for row in picture)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, names = sys.argv[1], sys.argv[2:] or list(NETWORKS)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        torch.manual_seed(3)
        picture = torch.randint(0, 256, (224, 224, 3), dtype=torch.uint8)
        (folder / "picture.png").write_bytes(png(picture))
        x = ((picture.float() / 255 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)).permute(2, 0, 1)[None]
        for name in names:
            ours, make = NETWORKS[name]
            model = make().eval()
            with torch.no_grad():
                for module in model.modules():
                    if isinstance(module, nn.BatchNorm2d):
                        module.running_mean.normal_(std=0.1)
                        module.running_var.uniform_(0.5, 2)
                        module.weight.uniform_(0.5, 1.5)
                    elif isinstance(module, (nn.Conv2d, nn.Linear)):
                        nn.init.kaiming_normal_(module.weight)
                # So that no class takes all.
                last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
                last.weight *= 2 / model(x).std()
                expected = torch.softmax(model(x), 1)[0].tolist()
            save_file(model.state_dict(), folder / "weights.safetensors")
            report = json.loads(subprocess.run(
                [program, "predict", ours, "--weights", folder / "weights.safetensors", folder / "picture.png", "--top",
                 "1000", "--json"], check=True, capture_output=True).stdout)
            found = {entry["class"]: entry["score"] for entry in report["pictures"][0]["top"]}
            worst = max(abs(found[i] - p) for i, p in enumerate(expected))
            largest = max(expected)
            print(f"{name}: probabilities up to {largest:.4f} differ by at most {worst:.2e}")
            failed |= not worst <= 1e-4 or math.isnan(worst)
            if name == "resnet18":
                subprocess.run([program, "convert", ours, "--weights", folder / "weights.safetensors", "-o",
                                folder / "back.safetensors", "--layout", "torch"], check=True, capture_output=True)
                back = load_file(folder / "back.safetensors")
                print(model.load_state_dict(back))
                same = all(torch.equal(tensor, back[key]) for key, tensor in model.state_dict().items() if key in back)
                print(f"{len(back)} tensors written back, {'the same bits' if same else 'CHANGED'}")
                failed |= not same
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
