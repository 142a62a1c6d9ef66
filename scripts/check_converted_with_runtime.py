#!/usr/bin/env python3
"""Holds .onnx files of other programs, written again by convscope, against the files that they came from.

`convscope convert in.onnx -o out.onnx` keeps the inputs and outputs, their names, types and axes: ONNX' checker takes the
file, ONNX Runtime computes the same from the same arrays, for a batch of 3 too, and so does `convscope infer`. The models
are made here, one for each way in which axes can stand at the border of a network; more can be named.

Needs the Python packages onnx, onnxruntime and numpy:
    peers/bin/python scripts/check_converted_with_runtime.py build/convscope [MODEL.onnx ...]
Ends with 77, which ctest shows as skipped, where they are missing.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

TOLERANCE = 1e-5  # of the largest value: sums of at most some hundred products in float32


def model(nodes, inputs, outputs, weights):
    """Of nodes (type, inputs, outputs, attributes), and {name: shape} of inputs and outputs."""
    def values(shapes):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    graph = helper.make_graph(
        [helper.make_node(kind, taken, given, name=f"/{given[0]}/{kind}", **attributes)
         for kind, taken, given, attributes in nodes],
        "made", values(inputs), values(outputs),
        [numpy_helper.from_array(numpy.asarray(array), name) for name, array in weights.items()])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def made_models():
    random = numpy.random.default_rng(1)

    def numbers(*shape):
        return random.standard_normal(shape).astype(numpy.float32)

    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    yield "classifier", model(
        [("Conv", ["x", "k"], ["c"], conv), ("Relu", ["c"], ["r"], {}),
         ("MaxPool", ["r"], ["p"], {"kernel_shape": [2, 2], "strides": [2, 2]}), ("Flatten", ["p"], ["f"], {}),
         ("Gemm", ["f", "w", "b"], ["y"], {"transB": 1})],
        {"x": ["N", 3, 8, 6]}, {"y": ["N", 5]},
        {"k": numbers(4, 3, 3, 3), "w": numbers(5, 4 * 4 * 3), "b": numbers(5)})
    yield "maps_and_what_follows_from_them", model(
        [("Conv", ["x", "k"], ["c"], conv), ("Relu", ["c"], ["r"], {}), ("Add", ["r", "c"], ["y"], {})],
        {"x": ["N", 3, 8, 6]}, {"c": ["N", 4, 8, 6], "y": ["N", 4, 8, 6]}, {"k": numbers(4, 3, 3, 3)})
    yield "channels_last_in_and_out", model(
        [("Transpose", ["x"], ["t"], {"perm": [0, 3, 1, 2]}), ("Conv", ["t", "k"], ["c"], conv),
         ("Transpose", ["c"], ["y"], {"perm": [0, 2, 3, 1]})],
        {"x": ["N", 8, 6, 3]}, {"y": ["N", 8, 6, 4]}, {"k": numbers(4, 3, 3, 3)})
    yield "two_inputs_of_which_one_is_no_picture", model(
        [("Conv", ["x", "k"], ["c"], conv), ("GlobalAveragePool", ["c"], ["g"], {}), ("Flatten", ["g"], ["f"], {}),
         ("Concat", ["f", "v"], ["y"], {"axis": 1})],
        {"x": ["N", 3, 8, 6], "v": ["N", 7]}, {"y": ["N", 11]}, {"k": numbers(4, 3, 3, 3)})
    yield "text_lines", model(
        [("Conv", ["x", "k"], ["c"], {"kernel_shape": [3], "pads": [1, 1]}), ("Relu", ["c"], ["r"], {}),
         ("Transpose", ["r"], ["y"], {"perm": [0, 2, 1]})],
        {"x": ["N", 3, 9]}, {"r": ["N", 4, 9], "y": ["N", 9, 4]}, {"k": numbers(4, 3, 3)})
    yield "softmax_over_the_channels_of_maps", model(
        [("Conv", ["x", "k"], ["c"], conv), ("Softmax", ["c"], ["y"], {"axis": 1}),
         ("ReduceMean", ["y"], ["m"], {"axes": [2, 3], "keepdims": 1})],
        {"x": ["N", 3, 8, 6]}, {"y": ["N", 4, 8, 6], "m": ["N", 4, 1, 1]}, {"k": numbers(4, 3, 3, 3)})


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def difference(actual, expected):
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return f"{actual.dtype}{actual.shape} in place of {expected.dtype}{expected.shape}"
    largest = max(float(numpy.abs(expected).max(initial=0)), 1e-30)
    return float(numpy.abs(actual.astype(float) - expected.astype(float)).max(initial=0)) / largest


def check(program, path, folder):
    """The problems of one file."""
    written = folder / "written.onnx"
    done = subprocess.run([program, "convert", str(path), "-o", str(written)], capture_output=True, text=True)
    if done.returncode != 0:
        return [done.stderr.strip()]
    problems = []
    try:
        onnx.checker.check_model(onnx.load(written), full_check=True)
    except Exception as error:  # the checker raises several kinds
        problems.append(f"checker: {error}")
    before, after = session(path), session(written)
    for what in ("get_inputs", "get_outputs"):
        old, new = ({value.name: len(value.shape) for value in getattr(each, what)()} for each in (before, after))
        if old != new:
            return problems + [f"{what}: {new} in place of {old}"]
    fixed = {value.name: value.shape for value in after.get_inputs()}
    for batch in (1, 3):
        stated = [value.shape for value in before.get_inputs()] + list(fixed.values())
        if batch != 1 and any(isinstance(shape[0], int) for shape in stated):
            continue  # the batch is part of this model
        random = numpy.random.default_rng(2)
        fed = {}
        for value in before.get_inputs():
            lengths = [batch if i == 0 and not isinstance(length, int) else length
                       for i, length in enumerate(fixed[value.name])]
            fed[value.name] = random.standard_normal(lengths).astype(numpy.float32)
        expected = before.run(None, fed)
        names = [value.name for value in before.get_outputs()]
        for name, old, new in zip(names, expected, after.run(names, fed)):
            found = difference(new, old)
            if isinstance(found, str) or found > TOLERANCE:
                problems.append(f"batch {batch}, output {name}: {found}")
        arguments = []
        for name, array in fed.items():
            numpy.save(folder / f"in.{len(arguments)}.npy", array)
            arguments += ["--input", f"{name}={folder}/in.{len(arguments)}.npy"]
        saved = folder / f"out.{batch}"
        done = subprocess.run([program, "infer", str(written), *arguments, "--save", str(saved), "--json"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            problems.append(done.stderr.strip())
            continue
        for name, old in zip(names, expected):
            found = difference(numpy.load(saved / f"{name.replace('/', '.')}.npy"), old)
            if isinstance(found, str) or found > TOLERANCE:
                problems.append(f"convscope infer, batch {batch}, output {name}: {found}")
    return problems


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed, count = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, made in made_models():
            paths.append(pathlib.Path(folder) / f"{name}.onnx")
            onnx.save(made, paths[-1])
        for path in paths + [pathlib.Path(name) for name in sys.argv[2:]]:
            with tempfile.TemporaryDirectory() as own:
                problems = check(sys.argv[1], path, pathlib.Path(own))
            count += 1
            failed += bool(problems)
            for problem in problems:
                print(f"{path.stem}: {problem}")
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {count - failed} of {count} files written "
          "again hold")
    sys.exit(1 if failed or count == 0 else 0)


if __name__ == "__main__":
    main()
