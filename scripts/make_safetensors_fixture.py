#!/usr/bin/env python3
"""Writes convscope/formats/testdata/types.safetensors, a file of every type that convscope reads, with the format's own
library; and checks a file that convscope wrote with it.

    python3 scripts/make_safetensors_fixture.py            # the fixture, the same bytes each time
    python3 scripts/make_safetensors_fixture.py --read F   # prints what the library reads from F

Needs safetensors and torch (for bfloat16, which NumPy lacks).
"""

import argparse
import pathlib

import torch
from safetensors import safe_open
from safetensors.torch import save_file

TYPES = {
    "f64": torch.float64,
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "i64": torch.int64,
    "i32": torch.int32,
    "i16": torch.int16,
    "i8": torch.int8,
    "u8": torch.uint8,
    "bool": torch.bool,
}


def fixture():
    """(2, 3) of each type: 0, 1, 2, ... less 2 where the type has a sign, halves where it has fractions; a scalar; an
    empty one."""
    tensors = {}
    for name, dtype in TYPES.items():
        values = torch.arange(6, dtype=torch.float64).reshape(2, 3)
        if dtype is not torch.uint8 and dtype is not torch.bool:
            values -= 2
        if dtype.is_floating_point:
            values /= 2
        tensors[name] = values.to(dtype)
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.zeros(0, 4)
    tensors["f16 extremes"] = torch.tensor([65504, 2**-24, float("inf"), -float("inf"), float("nan")]).half()
    tensors["bf16 extremes"] = torch.tensor([3.3895314e38, 2**-133, float("inf"), -float("inf")]).bfloat16()
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--read", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.read:
        with safe_open(arguments.read, "pt") as file:
            print(file.metadata())
            for name in file.keys():
                tensor = file.get_tensor(name)
                print(name, tensor.dtype, tuple(tensor.shape), tensor.flatten()[:6].tolist())
        return
    place = pathlib.Path(__file__).resolve().parent.parent / "convscope/formats/testdata/types.safetensors"
    save_file(fixture(), place, metadata={"format": "pt"})


if __name__ == "__main__":
    main()
