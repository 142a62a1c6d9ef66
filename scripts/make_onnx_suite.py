#!/usr/bin/env python3
"""Writes the cases of the installed onnx package as a folder that the backend test of convscope reads.

    make_onnx_suite.py FOLDER                                   FOLDER/node/CASE/model.onnx, test_data_set_0/...
    make_onnx_suite.py --check PROGRAM [TABLE]                  writes them to a temporary folder and runs PROGRAM,
                                                                convscope_io_test, on it; 77 where onnx is not installed
                                                                TABLE: the test's table of what it saw goes there

Debian's libonnx-testdata ends with opset 17. Here each case is written for opset 21, the newest that convscope
claims, wherever the checker of onnx says that this is the same node; a case that needs a later one is left out, one
of an older definition (the body of a function) keeps its own.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

NEWEST = 21  # opset
NEWEST_IR = 10
MOST_BYTES = 1 << 22  # of a case: some are of large tensors for the sake of speed


def version_of(model):
    return max([o.version for o in model.opset_import if o.domain in ("", "ai.onnx")], default=0)


def at_version(onnx, model, version):
    """The model for this opset; none where the checker says that its nodes do not exist there."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for opset in changed.opset_import:
        if opset.domain in ("", "ai.onnx"):
            opset.version = version
    changed.ir_version = min(max(changed.ir_version, 8), NEWEST_IR)
    try:
        onnx.checker.check_model(changed)
        # What the checker does not see: an attribute or a type that came later.
        onnx.shape_inference.infer_shapes(changed, check_type=True, strict_mode=True)
    except Exception:  # whatever its form, it says no
        return None
    return changed


def bytes_of(onnx, value, info):
    helper = onnx.numpy_helper
    if isinstance(value, onnx.TensorProto):
        return value.SerializeToString()
    for kind, convert in (("sequence_type", helper.from_list), ("optional_type", helper.from_optional),
                          ("map_type", helper.from_dict)):
        if info.type.HasField(kind):
            return convert(value, info.name).SerializeToString()
    return helper.from_array(value, info.name).SerializeToString()


def write_case(onnx, case, folder):
    """False: left out."""
    model = case.model
    if any(o.domain not in ("", "ai.onnx") for o in model.opset_import):
        return False
    changed = at_version(onnx, model, NEWEST)
    if changed is None:
        if version_of(model) > NEWEST:
            return False
        changed = model
    if sum(getattr(v, "nbytes", 0) for data in case.data_sets for side in data for v in side) > MOST_BYTES:
        return False
    for number, (inputs, outputs) in enumerate(case.data_sets):
        place = folder / f"test_data_set_{number}"
        place.mkdir(parents=True)
        for kind, values, infos in (("input", inputs, model.graph.input), ("output", outputs, model.graph.output)):
            for i, value in enumerate(values):
                (place / f"{kind}_{i}.pb").write_bytes(bytes_of(onnx, value, infos[i]))
    (folder / "model.onnx").write_bytes(changed.SerializeToString())
    return True


def write_suite(onnx, root):
    import onnx.backend.test.case.node as node_cases
    import onnx.checker
    import onnx.numpy_helper
    import onnx.shape_inference

    written = 0
    for case in node_cases.collect_testcases():
        written += write_case(onnx, case, root / "node" / case.name)
    return written


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    try:
        import onnx
    except ImportError:
        print("skipped: Python has no onnx")
        sys.exit(77)
    if tuple(int(part) for part in onnx.__version__.split(".")[:2]) < (1, 17):
        print(f"skipped: opset {NEWEST} came with onnx 1.17, this is {onnx.__version__}")
        sys.exit(77)
    if arguments[0] != "--check":
        print(write_suite(onnx, pathlib.Path(arguments[0])), "cases for opset", NEWEST, "by onnx", onnx.__version__)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(write_suite(onnx, pathlib.Path(folder)), "cases")
        environment = dict(os.environ, CONVSCOPE_ONNX_SUITE=folder)
        if len(arguments) > 2:
            environment["CONVSCOPE_WRITE_ONNX_SUITE"] = arguments[2]
        sys.exit(subprocess.run([arguments[1], "--gtest_filter=OnnxBackend.*"], env=environment).returncode)


if __name__ == "__main__":
    main()
