#!/usr/bin/env python3
"""Writes convscope/formats/testdata/hdf5_outside.h5: an HDF5 file that leads out of itself in each way that the format
has, and claims more than it holds. Needs h5py and numpy."""

import pathlib

import h5py
import numpy as np

place = pathlib.Path(__file__).resolve().parent.parent / "convscope/formats/testdata/hdf5_outside.h5"
with h5py.File(place, "w", track_order=False) as file:
    file["half"] = np.array([[0, 0.5], [1, 1.5]], dtype="float16")
    file["texts"] = ["a", "b"]
    file["external_link"] = h5py.ExternalLink("other.h5", "/x")
    file["soft_link"] = h5py.SoftLink("/half")
    file.create_dataset("external_storage", (2,), "float32", external=[("/etc/hostname", 0, 8)])
    layout = h5py.VirtualLayout((2,), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(2,))
    file.create_virtual_dataset("virtual", layout)
    file.create_dataset("bomb", (1 << 28,), "float32", chunks=(1 << 20,), compression="gzip")
    file.attrs["fixed"] = np.array([b"one", b"three"])
    file.attrs["number"] = 5
