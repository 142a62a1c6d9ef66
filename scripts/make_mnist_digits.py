#!/usr/bin/env python3
"""Writes the first COUNT images of MNIST's training set as grey PNG files: how data/mnist was made.

IDX is the file train-images-idx3-ubyte, gzipped or not. Needs nothing but Python.
Usage: make_mnist_digits.py IDX FOLDER [COUNT]
"""
import gzip
import pathlib
import struct
import sys
import zlib


def read_images(path, count):
    """The first `count` images of an IDX file: a list of (rows, columns, pixels), one byte a pixel."""
    with open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if compressed else open(path, "rb") as file:
        magic, images, rows, columns = struct.unpack(">4i", file.read(16))
        if magic != 0x803:
            sys.exit(f"{path}: not an IDX file of images (0x803): starts with {magic:#x}")
        if images < count:
            sys.exit(f"{path}: holds {images} images, {count} are wanted")
        return [(rows, columns, file.read(rows * columns)) for _ in range(count)]


def png(rows, columns, pixels):
    """The bytes of an 8-bit grey PNG file."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">2I5B", columns, rows, 8, 0, 0, 0, 0)
    scanlines = b"".join(b"\0" + pixels[row * columns : (row + 1) * columns] for row in range(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(scanlines, 9)) + chunk(b"IEND", b"")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for index, image in enumerate(read_images(sys.argv[1], int(sys.argv[3]) if len(sys.argv) == 4 else 6)):
        (folder / f"train_{index}.png").write_bytes(png(*image))


if __name__ == "__main__":
    main()
