#!/usr/bin/env python3
"""Writes where fuzzers begin: FOLDER/onnx, safetensors, npy, npz, idx, keras_json, each with some small whole files.

    make_corpora.py FOLDER [SUITE]

SUITE: the cases of the ONNX backend suite, of which each model of at most 4 KiB becomes one. What is not found on this
machine is left out; only Python's own library is needed.
"""
import json
import pathlib
import struct
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTDATA = ROOT / "convscope" / "formats" / "testdata"


def write(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def npy(descr, shape, data, fortran=False):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    suite = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/usr/share/libonnx-testdata/data")
    for model in sorted(suite.glob("*/*/model.onnx")):
        if model.stat().st_size <= 4096:
            write(out / "onnx", f"{model.parent.parent.name}_{model.parent.name}.onnx", model.read_bytes())
    for path in TESTDATA.glob("*.safetensors"):
        if path.stat().st_size <= 1 << 16:
            write(out / "safetensors", path.name, path.read_bytes())
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [0, 4]}, "__metadata__": {"k": "v"}})
    write(out / "safetensors", "small.safetensors", struct.pack("<Q", len(header)) + header.encode() + bytes(4))
    arrays = {
        "f4.npy": npy("<f4", "(2, 3)", bytes(24)),
        "big.npy": npy(">i2", "(4,)", bytes(8)),
        "fortran.npy": npy("<f2", "(2, 2)", bytes(8), True),
        "scalar.npy": npy("|b1", "()", bytes(1)),
    }
    for name, data in arrays.items():
        write(out / "npy", name, data)
    (out / "npz").mkdir(parents=True, exist_ok=True)
    for name, packing in (("stored.npz", zipfile.ZIP_STORED), ("deflated.npz", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(out / "npz" / name, "w", packing) as archive:
            for array, data in arrays.items():
                archive.writestr(array, data)
    write(out / "idx", "labels.idx", bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]))
    write(out / "idx", "pictures.idx", bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8, 7, 6]))
    write(out / "idx", "floats.idx", bytes([0, 0, 13, 1, 0, 0, 0, 1, 63, 128, 0, 0]))
    for path in TESTDATA.glob("*.keras"):
        with zipfile.ZipFile(path) as archive:
            write(out / "keras_json", path.stem + ".json", archive.read("config.json"))
    for folder in sorted(out.iterdir()):
        print(folder.name, len(list(folder.iterdir())), "files")


if __name__ == "__main__":
    main()
