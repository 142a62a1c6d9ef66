#!/usr/bin/env python3
"""What the Network view asks of convscope serve. Usage: network_test.py PROGRAM ROOT"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import serve_test
from serve_test import Server, ServerTest, tensors

SUBJECT = {"model": "bundled-fashion-cnn", "picture": "data:fashion-mnist-small:18"}


def run(*arguments):
    return subprocess.run([serve_test.PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def npy(path):
    """Shape and numbers of a .npy file of float32."""
    content = path.read_bytes()
    header = 10 + struct.unpack("<H", content[8:10])[0]
    shape = eval(content[10:header].decode())["shape"]
    return list(shape), struct.unpack(f"<{(len(content) - header) // 4}f", content[header:])


def other_program():
    """An .onnx file as PyTorch writes them: the tensors have other names than the nodes."""
    def field(number, value):
        if isinstance(value, int):
            return bytes([number << 3, value])
        return bytes([number << 3 | 2, len(value)]) + value

    axes = b"".join(field(1, field(1, length)) for length in (1, 3, 8, 8))
    told = field(1, b"x") + field(2, field(1, field(1, 1) + field(2, axes)))
    nodes = [(b"x", b"/net/Relu_output_0", b"/net/Relu", b"Relu"), (b"/net/Relu_output_0", b"y", b"/net/Pool", b"GlobalAveragePool")]
    graph = b"".join(field(1, field(1, read) + field(2, made) + field(3, name) + field(4, kind))
                     for read, made, name, kind in nodes)
    graph += field(2, b"g") + field(11, told) + field(12, field(1, b"y"))
    assert len(graph) < 256
    return field(1, 8) + bytes([7 << 3 | 2, len(graph) & 127 | 128, len(graph) >> 7]) + graph + field(8, field(2, 17))


class Networks(ServerTest):
    def model(self):
        return serve_test.ROOT / "data/models/fashion-cnn.onnx"

    def test_maps_are_those_of_features(self):
        values, report = tensors(self.ask("POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_3"})[1])
        with tempfile.TemporaryDirectory() as folder:
            run("features", self.model(), "--data", "fashion-mnist-small", "--sample", 18, "--layer", "conv_layer_3",
                "--save", folder)
            shape, numbers = npy(pathlib.Path(folder) / "conv_layer_3.npy")
        self.assertEqual(shape, [1, 11, 11, 64])
        got_shape, got = values["maps"]
        self.assertEqual(got_shape, [64, 11, 11])
        self.assertEqual(list(got), [numbers[place * 64 + channel] for channel in range(64) for place in range(121)])
        self.assertEqual(report["maps"][3]["high"], max(got[3 * 121:4 * 121]))

    def test_a_run_says_what_predict_says(self):
        _, report = tensors(self.ask("POST", "/api/network/run", {**SUBJECT, "top": 3})[1])
        told = json.loads(run("predict", self.model(), "--data", "fashion-mnist-small", "--sample", 18, "--top", 3,
                              "--json"))["pictures"][0]
        self.assertEqual([one["name"] for one in report["prediction"]["top"]], [one["name"] for one in told["top"]])
        for got, expected in zip(report["prediction"]["top"], told["top"]):
            self.assertAlmostEqual(got["score"], expected["score"], 5)
        self.assertEqual(report["truth"], "Bag")

    def test_a_value_is_explained_as_explain_does(self):
        status, told = self.ask("POST", "/api/network/explain", {**SUBJECT, "at": "conv_layer_1:6,14,33",
                                                                 "walk_back": True})
        self.assertEqual(status, 200)
        expected = json.loads(run("explain", self.model(), "--data", "fashion-mnist-small", "--sample", 18, "--at",
                                  "conv_layer_1:6,14,33", "--trace", "--json"))
        for part in ("explanations", "receptive_field", "trace"):
            self.assertEqual(told[part], expected[part])

    def test_attributions_are_those_of_attribute(self):
        body = {**SUBJECT, "methods": ["saliency", "grad-cam"], "class": 8}
        values, report = tensors(self.ask("POST", "/api/network/attribute", body)[1])
        self.assertEqual([one["tensor"] for one in report["attributions"]], ["saliency.8", "grad-cam.8"])
        with tempfile.TemporaryDirectory() as folder:
            run("attribute", self.model(), "--data", "fashion-mnist-small", "--sample", 18, "--method", "saliency",
                "--class", 8, "--save", folder)
            _, numbers = npy(pathlib.Path(folder) / "saliency.Bag.map.npy")
        self.assertEqual(values["saliency.8"][1], numbers)

    def test_a_model_that_is_sent_is_the_model(self):
        content = self.model().read_bytes()
        status, sent = self.ask("POST", "/api/models", content)
        self.assertEqual((status, sent["origin"], sent["title"]), (200, "sent", "fashion-cnn"))
        self.assertEqual(self.ask("POST", "/api/models", content)[1], sent)
        self.assertIn(sent, self.ask("GET", "/api/models")[1]["models"])
        answers = [tensors(self.ask("POST", "/api/network/maps", {**SUBJECT, "model": model, "tensor": "conv_layer_1"})[1])
                   for model in (SUBJECT["model"], sent["id"])]
        self.assertEqual(*answers)

    def test_layers_of_another_program_are_named_as_their_nodes(self):
        sent = self.ask("POST", "/api/models", other_program())[1]
        told = self.ask("POST", "/api/network", {"model": sent["id"]})[1]
        layers = {layer["name"]: layer["tensor"] for layer in told["layers"]}
        self.assertEqual(layers["/net/Relu"], "/net/Relu_output_0")
        self.assertEqual([node["tensor"] for node in told["graph"]["nodes"] if node["tensor"]],
                         [layers["/net/Relu"], layers["/net/Pool"]])
        asked = {"model": sent["id"], "picture": "chelsea", "tensor": layers["/net/Relu"]}
        self.assertEqual(self.ask("POST", "/api/network/maps", asked)[0], 200)

    def test_sizes_beyond_the_tensor_are_cut_or_refused(self):
        status, content = self.ask("POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_1", "side": 2**63 - 1})
        self.assertEqual((status, tensors(content)[1]["step"]), (200, 1))
        self.refused(400, "POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_1", "channels": [0] * 65},
                     says=("64 channels",))

    def test_of_many_that_are_sent_the_last_are_kept(self):
        content = self.model().read_bytes()
        sent = []
        for number in range(33):
            field = b"\xa0\x06" + bytes([number])  # one that ONNX does not know, so that each file is another
            status, entry = self.ask("POST", "/api/models", content + field)
            self.assertEqual(status, 200, entry)
            sent.append(entry["id"])
        models = [model["id"] for model in self.ask("GET", "/api/models")[1]["models"] if model["origin"] == "sent"]
        self.assertEqual(len(models), 32)
        self.refused(404, "POST", "/api/network", {"model": sent[0]}, says=["send it again"])
        self.assertEqual(self.ask("POST", "/api/network", {"model": sent[-1]})[0], 200)

    def test_pictures_are_brought_to_the_model(self):
        values, report = tensors(self.ask("POST", "/api/network/run", {**SUBJECT, "picture": "chelsea"})[1])
        self.assertEqual(values["picture"][0], [28, 28, 1])
        self.assertEqual(report["note"], "scaled and cut from 300 x 451 to 28 x 28")

    def test_architectures_are_listed_and_untrained(self):
        models = {model["id"]: model for model in self.ask("GET", "/api/models")[1]["models"]}
        self.assertEqual(models["lenet"]["title"], "lenet (untrained)")
        self.assertEqual(models["bundled-fashion-cnn"]["origin"], "bundled")
        status, network = self.ask("POST", "/api/network", {"model": "lenet"})
        self.assertEqual((status, network["trained"], network["title"]), (200, False, "lenet (untrained)"))

    def test_what_is_wrong_is_told(self):
        keras = (serve_test.ROOT / "convscope/formats/testdata/keras_sequential.h5").read_bytes()
        self.refused(400, "POST", "/api/models", keras, says=["name it on the command line"])
        self.refused(400, "POST", "/api/models", b"PK\x03\x04 and more", says=["name it on the command line"])
        self.refused(400, "POST", "/api/models", b"nothing")
        self.refused(404, "POST", "/api/network", {"model": "sent-1234"}, says=["send it again"])
        self.refused(404, "POST", "/api/network", {"model": "/etc/passwd"})
        self.refused(404, "POST", "/api/network/run", {**SUBJECT, "picture": "sent-1234"}, says=["send it again"])
        self.refused(404, "POST", "/api/network/run", {**SUBJECT, "picture": "../../etc/passwd"})
        for picture in ("data:fashion-mnist-small:2000", "data:fashion-mnist-small:-1", "data:nothing:1", "data:/etc:1",
                        "data:", "data:mnist"):
            self.refused(400, "POST", "/api/network/run", {**SUBJECT, "picture": picture})
        self.refused(400, "POST", "/api/network/run", {**SUBJECT, "model": "resnet18"}, says=["3 channels"])
        self.refused(400, "POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_1", "channels": [64]})
        self.refused(400, "POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_9"}, says=["conv_layer_1"])
        self.refused(400, "POST", "/api/network/maps", {**SUBJECT, "tensor": "conv_layer_1", "channels": "0"})
        self.refused(400, "POST", "/api/network/explain", {**SUBJECT, "at": "conv_layer_1:99,0,0"})
        self.refused(400, "POST", "/api/network/weights", {"model": "lenet", "parameter": "nothing"})
        self.refused(400, "POST", "/api/network/attribute", {**SUBJECT, "methods": ["magic"]})
        self.refused(400, "POST", "/api/network/attribute", {**SUBJECT, "class": 10})


class Named(unittest.TestCase):
    def test_models_of_the_command_line_come_first(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "digits.keras"
            run("convert", "lenet", "-o", file)
            server = Server(str(file), "lenet")
            self.addCleanup(server.stop)
            first = server.ask("GET", "/api/models")[1]["models"][0]
            self.assertEqual((first["id"], first["origin"]), (str(file), "named"))
            self.assertEqual(server.ask("POST", "/api/network", {"model": first["id"]})[0], 200)

    def test_a_wrong_one_is_told_at_once(self):
        failed = subprocess.run([serve_test.PROGRAM, "serve", "--port", "0", "nothing.onnx"], capture_output=True,
                                text=True)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("nothing.onnx", failed.stderr)


if __name__ == "__main__":
    serve_test.PROGRAM, serve_test.ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
