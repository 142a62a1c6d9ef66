#!/usr/bin/env python3
"""Holds the .onnx files that convscope writes against ONNX' own checker and ONNX Runtime.

For small models of every operation, which the test program writes: the checker takes each file, with shape inference
that is strict; ONNX Runtime computes what our graph computes, for a batch of 3 too where the model leaves the batch open.

Needs the Python packages onnx, onnxruntime and numpy:
    python3 -m venv peers && peers/bin/pip install onnx onnxruntime numpy
    peers/bin/python scripts/check_onnx_with_runtime.py build/convscope_io_test
Ends with 77, which ctest shows as skipped, where they are missing.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnxruntime
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

# Largest difference, as a share of the largest value: sums of at most some hundred products in float32.
TOLERANCE = 1e-5


def difference(actual, expected):
    """As a share of the largest value; NaN where both are NaN, and equal infinities, do not count."""
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return f"{actual.dtype}{actual.shape} in place of {expected.dtype}{expected.shape}"
    same = (actual == expected) | (numpy.isnan(actual) & numpy.isnan(expected))
    if same.all():
        return 0.0
    finite = numpy.abs(expected[numpy.isfinite(expected)])
    with numpy.errstate(invalid="ignore"):
        return float(numpy.max(numpy.where(same, 0, numpy.abs(actual - expected))) / max(finite.max(initial=0), 1e-30))


def check(path):
    """The problems of one file, and its largest difference."""
    problems = []
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:  # the checker raises several kinds
        problems.append(f"checker: {error}")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return problems + [f"runtime: {error}"], 0
    worst, runs = 0.0, 0
    for batch in (1, 3):  # 1: the graph as it is
        stem = f"{path.with_suffix('')}.{batch}"
        if not os.path.exists(stem + ".out.0.npy"):
            continue
        inputs = {tensor.name: numpy.load(f"{stem}.in.{i}.npy") for i, tensor in enumerate(session.get_inputs())}
        try:
            outputs = session.run(None, inputs)
        except Exception as error:
            problems.append(f"batch {batch}: {error}")
            continue
        for i, output in enumerate(outputs):
            found = difference(output, numpy.load(f"{stem}.out.{i}.npy"))
            if isinstance(found, str) or not found <= TOLERANCE:
                problems.append(f"batch {batch}, output {session.get_outputs()[i].name}: {found}")
            else:
                worst = max(worst, found)
        runs += 1
    if runs == 0:
        problems.append("never run")
    return problems, worst


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        folder = sys.argv[2] if len(sys.argv) == 3 else folder  # a folder to look at afterwards
        written = subprocess.run([sys.argv[1], "--gtest_filter=OnnxCases.EveryModelIsTheSameFromItsFile"],
                                 env={**os.environ, "CONVSCOPE_ONNX_CASES": folder}, capture_output=True, text=True)
        if written.returncode != 0:
            sys.exit(written.stdout)
        files = sorted(pathlib.Path(folder).glob("*.onnx"))
        failed, worst = 0, (0.0, "")
        for path in files:
            problems, largest = check(path)
            worst = max(worst, (largest, path.stem))
            failed += bool(problems)
            for problem in problems:
                print(f"{path.stem}: {problem}")
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {len(files) - failed} of {len(files)} models "
          f"hold; largest difference {worst[0]:.1e} ({worst[1]})")
    sys.exit(1 if failed or not files else 0)


if __name__ == "__main__":
    main()
