#!/usr/bin/env python3
"""Times OpenCV's filter2D and PyTorch's conv2d for the benchmark, which asks on standard input.

A question is a line "SECONDS filter2D ROWS COLUMNS CHANNELS KERNEL SEPARABLE" or
"SECONDS conv2d ROWS COLUMNS CHANNELS FILTERS GROUPS KERNEL STRIDE PADDING"; the answer is a line of milliseconds, one a
run, empty where the module is missing. The first line tells the modules' versions, empty when there are none.
PyTorch runs in the faster of its two memory formats.
"""
import sys
import time

threads = int(sys.argv[1])
versions = []
try:
    import cv2
    import numpy as np
    cv2.setNumThreads(threads)
    versions.append('OpenCV ' + cv2.__version__)
except ImportError:
    cv2 = None
try:
    import torch
    torch.set_num_threads(threads)
    versions.append('PyTorch ' + torch.__version__)
except ImportError:
    torch = None

def measure(run, seconds):
    run()
    start = time.perf_counter()
    run()
    batch = max(1, min(10000, int(1e-3 / max(time.perf_counter() - start, 1e-7))))
    runs, end = [], time.perf_counter() + seconds
    while len(runs) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(batch):
            run()
        runs.append((time.perf_counter() - start) * 1e3 / batch)
    return runs

def filter2d(seconds, rows, columns, channels, size, separable):
    if not cv2:
        return []
    rng = np.random.default_rng(0)
    shape = (rows, columns) if channels == 1 else (rows, columns, channels)
    picture = rng.random(shape, dtype=np.float32)
    out = np.empty_like(picture)
    column, row = rng.random(size, dtype=np.float32), rng.random(size, dtype=np.float32)
    if separable:
        return measure(lambda: cv2.sepFilter2D(picture, cv2.CV_32F, row, column, dst=out), seconds)
    kernel = rng.random((size, size), dtype=np.float32) - .5
    return measure(lambda: cv2.filter2D(picture, cv2.CV_32F, kernel, dst=out), seconds)

def conv2d(seconds, rows, columns, channels, filters, groups, size, stride, padding):
    if not torch:
        return []
    best = []
    for memory_format in (torch.contiguous_format, torch.channels_last):
        x = torch.rand(1, channels, rows, columns).to(memory_format=memory_format)
        w = torch.rand(filters, channels // groups, size, size).to(memory_format=memory_format)
        with torch.inference_mode():
            runs = measure(lambda: torch.nn.functional.conv2d(x, w, None, stride, padding, 1, groups), seconds / 2)
        if not best or sorted(runs)[len(runs) // 2] < sorted(best)[len(best) // 2]:
            best = runs
    return best

print(', '.join(versions), flush=True)
for line in sys.stdin:
    words = line.split()
    arguments = [float(words[0])] + [int(w) for w in words[2:]]
    runs = {'filter2D': filter2d, 'conv2d': conv2d}[words[1]](*arguments)
    print(' '.join(f'{ms:.6f}' for ms in runs), flush=True)
