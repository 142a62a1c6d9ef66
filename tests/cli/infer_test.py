#!/usr/bin/env python3
"""A model on raw arrays, as a user runs it. Usage: infer_test.py PROGRAM DATA"""
import json
import math
import struct

from command_line import CommandLineTest, main


def npy(shape, values, descr="<f4", code="f"):
    """The bytes of an .npy file, version 1.0."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + struct.pack(f"<{len(values)}{code}",
                                                                                            *values)


def numbers(data):
    """The floats of an .npy file."""
    begin = 10 + struct.unpack_from("<H", data, 8)[0]
    return struct.unpack_from(f"<{(len(data) - begin) // 4}f", data, begin)


def field(number, value):
    """A field of a protobuf message: a number below 128, or bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def onnx(nodes, outputs, shape=(1, 2)):
    """An .onnx file of another program, below 128 bytes a message: one input x, nodes as (type, input, output)."""
    axes = b"".join(field(1, field(1, length)) for length in shape)
    told = field(1, b"x") + field(2, field(1, field(1, 1) + field(2, axes)))
    graph = b"".join(field(1, field(1, read) + field(2, made) + field(4, kind)) for kind, read, made in nodes)
    graph += field(2, b"g") + field(11, told) + b"".join(field(12, field(1, name)) for name in outputs)
    return field(1, 8) + field(7, graph) + field(8, field(2, 17))


class Infer(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.pixels = [(i * 37 % 256) / 255 for i in range(784)]
        self.write("x.npy", npy((1, 28, 28, 1), self.pixels))

    def refused(self, *arguments, code=1):
        result = self.run_program("infer", *arguments)
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stderr.decode()

    def test_outputs_by_default_all_tensors_where_asked(self):
        told = json.loads(self.done("infer", "fashion-cnn", "--input", "x.npy", "--save", "out", "--json"))
        [output] = told["tensors"]
        self.assertEqual((output["shape"], output["type"]), ([1, 10], "float32"))
        saved = numbers(self.bytes_of(f"out/{output['name']}.npy"))
        self.assertAlmostEqual(sum(saved), 1, 5)
        self.assertAlmostEqual(max(saved), output["largest"], 6)
        every = json.loads(self.done("infer", "fashion-cnn", "--input", "x.npy", "--all", "--save", "all", "--json"))
        self.assertGreater(len(every["tensors"]), 6)
        self.assertEqual(len(list((self.folder / "all").iterdir())), len(every["tensors"]))

    def test_what_follows_from_shapes_alone_is_among_all_tensors(self):
        self.write("a.onnx", onnx([(b"Shape", b"x", b"a/s"), (b"Relu", b"x", b"y")], [b"y"]))
        self.write("x.npy", npy((1, 2), [-1, 3]))
        told = json.loads(self.done("infer", "a.onnx", "--input", "x.npy", "--all", "--save", "out", "--json"))
        computed, constant = told["tensors"]
        self.assertEqual((computed["name"], computed["constant"]), ("y", False))
        self.assertEqual((constant["name"], constant["constant"], constant["type"]), ("a/s", True, "int64"))
        self.assertEqual((constant["shape"], constant["smallest"], constant["largest"]), ([2], 1, 2))
        self.assertEqual(struct.unpack("<2q", self.bytes_of(constant["file"])[-16:]), (1, 2))
        table = self.done("infer", "a.onnx", "--input", "x.npy", "--tensor", "a/s")
        self.assertRegex(table, r"a/s +\(2,\) +int64 .* 2  constant\n")
        self.write("maps.onnx", onnx([(b"GlobalAveragePool", b"x", b"y")], [b"y"], (1, 3, 5, 4)))
        self.write("int.npy", npy((1, 3, 5, 4), [0] * 60, "<i4", "i"))
        self.assertIn("elements are float32; received int32", self.refused("maps.onnx", "--input", "int.npy"))
        self.write("two.npy", npy((1, 5, 4, 3), [0] * 60))
        self.assertIn("(1, 3, 5, 4); received (1, 5, 4, 3)", self.refused("maps.onnx", "--input", "two.npy"))
        self.write("out.onnx", onnx([(b"Shape", b"x", b"s"), (b"Relu", b"x", b"y")], [b"y", b"s"]))
        told = json.loads(self.done("infer", "out.onnx", "--input", "x.npy", "--all", "--json"))
        self.assertEqual(sorted(tensor["name"] for tensor in told["tensors"]), ["s", "y"])

    def test_a_tensor_in_the_middle_is_of_the_shape_that_it_has(self):
        self.done("infer", "fashion-cnn", "--input", "x.npy", "--tensor", "conv_layer_1", "--save", "out")
        maps = numbers(self.bytes_of("out/conv_layer_1.npy"))
        self.assertEqual(len(maps), 26 * 26 * 64)
        self.assertTrue(all(value >= 0 and math.isfinite(value) for value in maps))
        self.assertTrue(any(value > 0 for value in maps))

    def test_several_samples_at_once_give_what_each_gives(self):
        self.write("three.npy", npy((3, 28, 28, 1), self.pixels + self.pixels[::-1] + self.pixels))
        self.done("infer", "fashion-cnn", "--input", "x.npy", "--save", "one")
        [name] = [file.name for file in (self.folder / "one").iterdir()]
        self.done("infer", "fashion-cnn", "--input", "three.npy", "--save", "three")
        one, three = (numbers(self.bytes_of(f"{folder}/{name}")) for folder in ("one", "three"))
        for i in range(10):
            self.assertAlmostEqual(three[i], one[i], 6)
            self.assertAlmostEqual(three[20 + i], one[i], 6)
        self.assertNotEqual(three[10:20], three[:10])

    def test_what_cannot_be_fed_in_is_refused_by_name(self):
        self.assertIn("nothing.npy", self.refused("fashion-cnn", "--input", "nothing.npy"))
        self.assertIn("other", self.refused("fashion-cnn", "--input", "other=x.npy"))
        self.write("double.npy", npy((1, 28, 28, 1), self.pixels, "<f8", "d"))
        self.assertIn("float64", self.refused("fashion-cnn", "--input", "double.npy"))
        self.write("wide.npy", npy((1, 28, 27, 1), self.pixels[:756]))
        self.assertIn("(1, 28, 27, 1)", self.refused("fashion-cnn", "--input", "wide.npy"))
        self.assertIn("conv_layer_1", self.refused("fashion-cnn", "--input", "x.npy", "--tensor", "conv_layer_"))
        self.refused("fashion-cnn", code=2)
        self.refused("fashion-cnn", "--input", "x.npy", "--all", "--tensor", "conv_layer_1", code=2)

    def test_an_output_that_could_not_be_read_is_an_error_and_the_others_are_written(self):
        self.write("half.onnx", onnx([(b"Relu", b"x", b"y"), (b"Mystery", b"x", b"z")], [b"y", b"z"]))
        self.write("pair.npy", npy((1, 2), [-1, 2]))
        for options in ([], ["--tensor", "y,z"]):
            message = self.refused("half.onnx", "--input", "pair.npy", "--save", "out", *options)
            self.assertIn("a model without z", message)
            self.assertEqual(numbers(self.bytes_of("out/y.npy")), (0, 2))
        result = self.run_program("infer", "half.onnx", "--input", "pair.npy", "--json")
        self.assertEqual((result.returncode, json.loads(result.stdout)["lost"]), (1, ["z"]))
        for options in (["--tensor", "y"], ["--all"]):
            self.assertEqual(self.run_program("infer", "half.onnx", "--input", "pair.npy", *options).returncode, 0)
        self.assertIn('"zz"', self.refused("half.onnx", "--input", "pair.npy", "--tensor", "zz"))


if __name__ == "__main__":
    main()
