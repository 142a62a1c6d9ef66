#!/usr/bin/env python3
"""Writes what NumPy's singular value decomposition makes of some points, for the tests of convscope/inspect.

    python3 scripts/make_components_fixture.py

One file, convscope/inspect/testdata/components.bin, little-endian float64: points (40, 12), which float32 holds exactly,
of correlated columns and far from zero; the scores (40, 4) of the first four principal components, their directions
(4, 12), the entry of the largest magnitude positive, their variances (4,) by n - 1; the variance in all directions.
Needs numpy.
"""
import pathlib

import numpy as np

POINTS, DIMENSIONS, COMPONENTS = 40, 12, 4

random = np.random.default_rng(3)
mixed = random.normal(size=(POINTS, DIMENSIONS)) @ random.normal(size=(DIMENSIONS, DIMENSIONS)) + 5
points = mixed.astype(np.float32).astype(np.float64)
centred = points - points.mean(0)
_, singular, directions = np.linalg.svd(centred, full_matrices=False)
directions = directions[:COMPONENTS]
largest = np.abs(directions).argmax(1)
directions *= np.sign(directions[np.arange(COMPONENTS), largest])[:, None]
variances = singular**2 / (POINTS - 1)
parts = [points, centred @ directions.T, directions, variances[:COMPONENTS], variances.sum(keepdims=True)]
path = pathlib.Path(__file__).parent.parent / "convscope/inspect/testdata/components.bin"
path.write_bytes(np.concatenate([part.astype("<f8").ravel() for part in parts]).tobytes())
ratios = (variances[1 : COMPONENTS + 1] / variances[:COMPONENTS]).round(3)
print(f"{path}: each variance is so much of the one before: {ratios}")
