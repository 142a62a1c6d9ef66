#!/usr/bin/env python3
"""Models and weights from one format to another, as a user moves them. Usage: convert_test.py PROGRAM DATA"""
import io
import json
import struct
import zipfile
from pathlib import Path

from command_line import CommandLineTest, main
from picture_files import read_npy


def read_safetensors(data):
    """The metadata, and {name: (shape, bytes)}."""
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    numbers = data[8 + length:]
    return metadata, {name: (entry["shape"], numbers[slice(*entry["data_offsets"])]) for name, entry in header.items()}


def safetensors(tensors, dtype="F32"):
    header, numbers = {}, b""
    for name, (shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(numbers), len(numbers) + len(data)]}
        numbers += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def field(number, value):
    """A protobuf field: of bytes, a text or a number below 128."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    data = value.encode() if isinstance(value, str) else value
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def open_model():
    """x (N, 3, H, W) -> GlobalAveragePool -> y, as ONNX of another program."""
    def tensor(name, dims):
        shape = b"".join(field(1, field(1, dim) if isinstance(dim, int) else field(2, dim)) for dim in dims)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))
    node = field(1, "x") + field(2, "y") + field(4, "GlobalAveragePool")
    graph = (field(1, node) + field(2, "g") + field(11, tensor("x", ["N", 3, "H", "W"])) +
             field(12, tensor("y", ["N", 3, 1, 1])))
    return field(1, 8) + field(8, field(1, "") + field(2, 17)) + field(7, graph)


class Converting(CommandLineTest):
    def converted(self, *arguments):
        return json.loads(self.done("convert", *arguments, "--json"))

    def scores(self, *model):
        report = json.loads(self.done("predict", *model, "grey.png", "--top", "10", "--json"))
        return report["pictures"][0]

    def random_weights(self, *arguments):
        """Those of another seed than a built-in network shows without weights: of its own, turned around."""
        self.done("convert", "fashion-cnn", "-o", "start.safetensors", *arguments)
        _, tensors = read_safetensors(self.bytes_of("start.safetensors"))
        return {name: (shape, struct.pack(f"<{len(data) // 4}f", *reversed(struct.unpack(f"<{len(data) // 4}f", data))))
                for name, (shape, data) in tensors.items()}

    def test_weights_written_and_named_again_are_the_same_network(self):
        self.write("a.safetensors", safetensors(self.random_weights()))
        expected = self.scores("fashion-cnn", "--weights", "a.safetensors")
        self.assertNotEqual(expected, self.scores("fashion-cnn"))
        for file in ("b.onnx", "b.keras"):
            report = self.converted("fashion-cnn", "--weights", "a.safetensors", "-o", file)
            self.assertEqual(report["parameters"], 243786)
            self.assertTrue(report["trained"])
            self.assertEqual(self.scores(file), expected, file)
        for file, layout in (("b.npz", "keras"), ("b.safetensors", "keras"), ("t.npz", "torch"),
                             ("t.safetensors", "torch")):
            self.converted("b.onnx", "-o", file, "--layout", layout)
            self.assertEqual(self.scores("fashion-cnn", "--weights", file), expected, file)
        self.converted("b.keras", "-o", "b.weights.h5")
        for file in ("b.weights.h5", "b.keras"):
            self.assertEqual(self.scores("fashion-cnn", "--weights", file), expected, file)

    def test_files_are_as_their_formats_want_them(self):
        self.converted("fashion-cnn", "-o", "a.safetensors", "--layout", "torch")
        metadata, tensors = read_safetensors(self.bytes_of("a.safetensors"))
        self.assertEqual(metadata["format"], "pt")
        self.assertEqual(tensors["conv_layer_1.weight"][0], [64, 1, 3, 3])
        self.assertEqual(tensors["dense_layer_7.weight"][0][0], 10)
        self.converted("fashion-cnn", "-o", "a.npz")
        with zipfile.ZipFile(io.BytesIO(self.bytes_of("a.npz"))) as archive:
            self.assertIsNone(archive.testzip())
            shape, _ = read_npy(archive.read("conv_layer_1/kernel.npy"))
            self.assertEqual(list(shape), [3, 3, 1, 64])
        self.converted("fashion-cnn", "-o", "a.keras")
        with zipfile.ZipFile(io.BytesIO(self.bytes_of("a.keras"))) as archive:
            self.assertEqual(sorted(archive.namelist()), ["config.json", "convscope.json", "metadata.json",
                                                          "model.weights.h5"])
            self.assertEqual(json.loads(archive.read("config.json"))["class_name"], "Sequential")
        self.converted("fashion-cnn", "-o", "a.json")
        self.assertIn("243,786", self.done("summary", "a.json"))
        self.assertIn("243,786", self.done("summary", "a.keras"))

    def test_names_of_another_network_are_matched_by_shape_and_it_is_told(self):
        tensors = self.random_weights("--layout", "torch")
        self.write("a.safetensors", safetensors(tensors))
        expected = self.scores("fashion-cnn", "--weights", "a.safetensors")
        modules = list(dict.fromkeys(name.rpartition(".")[0] for name in tensors))
        numbered = {f"net.{3 * modules.index(module)}.{leaf}": tensors[f"{module}.{leaf}"]
                    for module, _, leaf in (name.rpartition(".") for name in tensors)}
        self.write("n.safetensors", safetensors(dict(sorted(numbered.items()))))
        self.assertEqual(self.scores("fashion-cnn", "--weights", "n.safetensors"), expected)
        matched = self.converted("fashion-cnn", "--weights", "n.safetensors", "-o", "o.npz")["weights"]["matched"]
        self.assertEqual({match["by"] for match in matched}, {"shape"})
        first = next(match for match in matched if match["parameter"] == "conv_layer_1/kernel")
        self.assertEqual((first["stored"], first["stored_shape"], first["transposed"]),
                         ("net.0.weight", [64, 1, 3, 3], True))
        text = self.done("convert", "fashion-cnn", "--weights", "n.safetensors", "-o", "o.npz")
        self.assertIn("conv_layer_1/kernel (3, 3, 1, 64) <- net.0.weight (64, 1, 3, 3)", " ".join(text.split()))
        self.assertIn("by shape, transposed", text)

    def test_a_built_in_network_has_as_many_classes_as_its_weights_tell(self):
        tensors = self.random_weights("--layout", "torch")
        shape, data = tensors["dense_layer_7.weight"]
        tensors["dense_layer_7.weight"] = ([7, shape[1]], data[:7 * shape[1] * 4])
        tensors["dense_layer_7.bias"] = ([7], tensors["dense_layer_7.bias"][1][:28])
        self.write("seven.safetensors", safetensors(tensors))
        self.converted("fashion-cnn", "--weights", "seven.safetensors", "-o", "seven.onnx")
        report = json.loads(self.done("predict", "seven.onnx", "grey.png", "--top", "7", "--json"))
        self.assertEqual(len(report["pictures"][0]["top"]), 7)

    def test_weights_of_another_network_are_refused_and_partial_ones_on_request(self):
        self.converted("lenet-5", "-o", "lenet.safetensors")
        self.refused("predict", "fashion-cnn", "--weights", "lenet.safetensors", "grey.png",
                     says=["lenet.safetensors", "none for conv_layer_1/kernel", "left over"])
        tensors = self.random_weights()
        del tensors["dense_layer_7/bias"]
        self.write("most.safetensors", safetensors(tensors))
        self.refused("convert", "fashion-cnn", "--weights", "most.safetensors", "-o", "o.npz",
                     says=["none for dense_layer_7/bias"])
        report = self.converted("fashion-cnn", "--weights", "most.safetensors", "--partial", "-o", "o.npz")
        self.assertEqual(report["weights"]["missing"], ["dense_layer_7/bias"])
        self.assertEqual(len(report["weights"]["matched"]), 7)

    def test_files_of_torch_save_are_answered_with_what_converts_them(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02}.")
        lines = ["torch.load(", "weights_only=True", "safetensors.torch.save_file(", "torch.onnx.export"]
        for name in ("net.pt", "net.pth", "net.bin"):
            self.write(name, data.getvalue())
            self.refused("predict", name, "grey.png", says=[name, *lines])
            self.refused("summary", name, says=lines)
            self.refused("predict", "fashion-cnn", "--weights", name, "grey.png", says=lines)

    def test_a_run_folder_becomes_a_keras_file_of_its_layers(self):
        trained = self.run_program("train", "fashion-cnn", "--data", self.few_clothes(), "--epochs", "1", "--out", "run")
        self.assertEqual(trained.returncode, 0, trained.stderr.decode())
        expected = self.scores("run")
        self.converted("run", "-o", "run.keras")
        self.assertEqual(self.scores("run.keras")["top"], expected["top"])
        self.assertIn("243,786", self.done("summary", "run.keras"))

    def test_a_model_is_not_written_over_its_own_source(self):
        self.converted("fashion-cnn", "-o", "a.onnx")
        self.converted("fashion-cnn", "-o", "w.npz")
        (self.folder / "other.onnx").symlink_to("a.onnx")
        before = self.bytes_of("a.onnx"), self.bytes_of("w.npz")
        for output in ("a.onnx", "./a.onnx", "other.onnx"):
            self.refused("convert", "a.onnx", "-o", output, says=[output, "the same file"])
        self.refused("convert", "fashion-cnn", "--weights", "w.npz", "-o", "w.npz", says=["w.npz", "the same file"])
        self.assertEqual((self.bytes_of("a.onnx"), self.bytes_of("w.npz")), before)
        self.converted("a.onnx", "-o", "b.onnx")
        self.converted("a.onnx", "-o", "b.onnx")  # any other file is replaced

    def test_what_is_not_as_it_was_is_told(self):
        self.assertEqual(self.converted("fashion-cnn", "-o", "a.safetensors")["changed"], [])
        _, tensors = read_safetensors(self.bytes_of("a.safetensors"))
        halves = {}
        for name, (shape, data) in tensors.items():
            halves[name] = (shape, struct.pack(f"<{len(data) // 4}e", *struct.unpack(f"<{len(data) // 4}f", data)))
        self.write("half.safetensors", safetensors(halves, "F16"))
        for output in ("b.onnx", "b.npz"):
            changed = self.converted("fashion-cnn", "--weights", "half.safetensors", "-o", output)["changed"]
            self.assertEqual(changed, ["numbers of float16 are written as float32"])
        self.assertIn("float16 are written", self.done("convert", "fashion-cnn", "--weights", "half.safetensors", "-o",
                                                       "c.onnx"))
        # Rows and columns that any picture may have, and a batch that nothing inside depends on.
        self.write("open.onnx", open_model())
        told = self.run_program("convert", "open.onnx", "-o", "fixed.onnx", "--input-size", "8,6", "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        [line] = json.loads(told.stdout)["changed"]
        self.assertIn("input x has fixed lengths in axes that were open: 2 (8), 3 (6)", line)
        self.assertIn("--input-size", line)
        self.assertEqual(self.converted("fixed.onnx", "-o", "again.onnx")["changed"], [])

    def test_what_keras_opens_otherwise_is_told(self):
        [line] = self.converted("alexnet", "-o", "a.json")["changed"]
        self.assertIn("LocalResponseNormalization", line)
        nested = str(Path(__file__).parents[2] / "convscope/formats/testdata/keras_nested.keras")
        for file, told in (("n.weights.h5", ["not into the nested one"]), ("n.keras", [])):
            changed = json.loads(self.run_program("convert", nested, "-o", file, "--json").stdout)["changed"]
            self.assertEqual(len(changed), len(told))
            self.assertTrue(all(words in line for words, line in zip(told, changed)))

    def test_what_cannot_be_written_is_refused_first(self):
        self.refused("convert", "fashion-cnn", "-o", "a.pb", says=[".onnx", ".keras", ".safetensors"])
        self.refused("convert", "fashion-cnn", "-o", "a.h5", says=[".keras", ".weights.h5"])
        self.refused("convert", "fashion-cnn", "-o", "a.onnx", "--layout", "torch", says=["PyTorch"])
        self.refused("convert", "fashion-cnn", "-o", "no/such/a.onnx", says=["no/such"])
        self.refused("summary", "missing.keras", says=["missing.keras"])
        self.write("broken.keras", b"PK\x03\x04 not really")
        self.refused("predict", "broken.keras", "grey.png", says=["broken.keras"])
        self.write("broken.safetensors", b"\x00")
        self.refused("predict", "fashion-cnn", "--weights", "broken.safetensors", "grey.png",
                     says=["broken.safetensors"])
        self.refused("predict", "broken.safetensors", "grey.png", says=["weights alone", "--weights"])
        self.assertEqual(self.run_program("film", "fashion-cnn", "--weights", "x.npz", "-o", "a.gif").returncode, 2)
        self.assertEqual(self.run_program("convert", "fashion-cnn", "--partial", "-o", "a.npz").returncode, 2)


if __name__ == "__main__":
    main()
