#!/usr/bin/env python3
"""`convscope summary` as a user runs it. Usage: summary_test.py PROGRAM DATA"""
import json
import re

from command_line import CommandLineTest, main


class Summarizing(CommandLineTest):
    def test_the_table_of_the_fifth_notebook(self):
        text = self.done("summary", "fashion-cnn")
        for cells in (("conv_layer_1 (Conv2D)", "(None, 26, 26, 64)", "640"),
                      ("conv_layer_3 (Conv2D)", "(None, 11, 11, 64)", "36,928"),
                      ("dense_layer_6 (Dense)", "(None, 128)", "204,928"), ("dense_layer_7 (Dense)", "(None, 10)", "1,290")):
            self.assertRegex(text, r"(?m)^" + r" +".join(re.escape(cell) for cell in cells) + "$")
        self.assertIn("\nTotal params: 243,786 (952.29 KB)\n", text)

    def test_costs_are_columns(self):
        self.assertRegex(self.done("summary", "fashion-cnn", "--cost"),
                         r"(?m)^conv_layer_3 .* 36,928 +4,460,544 +8 x 8 +2 +3.5 +60.50 KB +\d+\.\d{3} +\d+\.\d %( \*)?$")

    def test_costs_are_measured_for_machines_and_drawn(self):
        report = json.loads(self.done("summary", "resnet18", "--cost", "--json", "-o", "cost.png"))
        layers = {layer["name"]: layer for layer in report["layers"]}
        self.assertGreater(layers["layer1/0/conv1"]["share_of_peak"], 0)
        self.assertEqual(layers["maxpool"]["share_of_peak"], 0)
        self.assertGreaterEqual(layers["maxpool"]["milliseconds"], 0)
        self.assertGreater(report["peak_gflops"], 0)
        self.assertTrue((self.folder / "cost.png").read_bytes().startswith(b"\x89PNG"))
        # What multiplies nothing has no share of the peak.
        self.done("summary", "lenet", "--cost", "-o", "cost.svg")
        figure = (self.folder / "cost.svg").read_text()
        self.assertIn(">-<", figure)
        self.assertNotIn(">0 %<", figure)
        # Without it nothing is measured.
        self.assertNotIn("peak_gflops", json.loads(self.done("summary", "lenet", "--json")))

    def test_stride_and_offset_of_receptive_fields_are_told(self):
        layers = {layer["name"]: layer for layer in json.loads(self.done("summary", "alexnet", "--json"))["layers"]}
        self.assertEqual((layers["pool1"]["receptive_field"], layers["pool1"]["receptive_stride"],
                          layers["pool1"]["receptive_offset"]), ([19, 19], [8, 8], [9, 9]))
        self.assertEqual((layers["fc6"]["receptive_field"], layers["fc6"]["receptive_stride"]), (None, []))

    def test_the_torch_style_is_a_module(self):
        self.assertEqual(self.done("summary", "udacity-filters", "--style", "torch"),
                         "Net(\n  (conv): Conv2d(1, 4, kernel_size=(4, 4), stride=(1, 1), bias=False)\n)\n")

    def test_a_graph_without_weights_says_that_it_is_untrained(self):
        self.done("graph", "lenet", "-o", "graph.svg")
        self.assertIn("untrained", (self.folder / "graph.svg").read_text())

    def test_the_torch_style_knows_the_axes_of_its_layers(self):
        def torch(shape, *layers):
            layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, *shape], "name": "picture"}},
                      *({"class_name": name, "config": {"name": f"layer_{i}", **config}}
                        for i, (name, config) in enumerate(layers))]
            self.write("net.json", json.dumps(
                {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}).encode())
            return self.done("summary", "net.json", "--style", "torch")

        # Rows, columns, channels of a picture are axes 2, 3 and 1 there.
        text = torch((5, 6, 7), *(("Softmax", {"axis": axis}) for axis in (1, 2, 3, -1)),
                     ("BatchNormalization", {"axis": 1}), ("BatchNormalization", {"axis": -1}))
        self.assertEqual(re.findall(r"Softmax\(dim=(\d)\)", text), ["2", "3", "1", "1"])
        self.assertEqual(re.findall(r"BatchNorm2d\((\d),", text), ["5", "7"])
        conv = {"filters": 4, "kernel_size": [3, 3], "data_format": "channels_first"}
        text = torch((3, 8, 8), ("Conv2D", conv), ("BatchNormalization", {"axis": 1}), ("Softmax", {"axis": 1}))
        self.assertIn("BatchNorm2d(4,", text)
        self.assertIn("Softmax(dim=1)", text)

    def test_json_holds_all_of_it(self):
        report = json.loads(self.done("summary", "resnet18", "--json"))
        self.assertEqual((report["name"], report["trainable"]), ("resnet18", 11689512))
        layers = {layer["name"]: layer for layer in report["layers"]}
        self.assertEqual(layers["maxpool"]["output_shape"], [None, 56, 56, 64])
        self.assertEqual(layers["layer1/0/add"]["connected_to"], ["layer1/0/bn2", "maxpool"])
        self.assertEqual((layers["maxpool"]["receptive_field"], layers["fc"]["receptive_field"]), ([11, 11], None))

    def test_a_keras_file_is_a_network(self):
        self.write("net.json", json.dumps({
            "class_name": "Sequential", "keras_version": "2.4.0", "config": {"name": "mine", "layers": [
                {"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [None, 4]}}]},
        }).encode())
        self.assertIn("Total params: 15 (60.00 B)", self.done("summary", "net.json"))
        self.write("bad.json", b'{"class_name": "Sequential", "config": {"name": "s", "layers": ['
                               b'{"class_name": "Dens", "config": {"name": "d"}}]}}')
        self.refused("summary", "bad.json", says=["bad.json", "layer d (Dens)", "did you mean Dense"])
        self.refused("summary", "none.json", says=["none.json"])
        self.refused("summary", "resnet-18", says=["did you mean resnet18"])

    def test_options_that_do_not_go_together_are_a_mistake_of_usage(self):
        for options in (["--cost", "--style", "torch"], ["--json", "--style", "torch"], ["--style", "onnx"],
                        ["-o", "cost.png"], []):
            model = ["lenet"] if options else []
            self.assertEqual(self.run_program("summary", *model, *options).returncode, 2, options)

    def test_what_is_read_as_another_thing_is_told(self):
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, None, None, 3], "name": "picture"}},
                  {"class_name": "RandomFlip", "config": {"name": "flip", "mode": "horizontal"}},
                  {"class_name": "ReLU", "config": {"name": "relu", "dtype": "mixed_float16"}}]
        self.write("net.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}).encode())
        for options, shape in (([], [1, 224, 224, 3]), (["--input-size", "20,30"], [1, 20, 30, 3])):
            report = json.loads(self.run_program("summary", "net.json", "--json", *options).stdout)
            self.assertEqual([layer["name"] for layer in report["layers"]], ["relu"])
            told = "\n".join(report["assumed"])
            for words in ("flip (RandomFlip)", "float32 here: mixed_float16", f"read as {tuple(shape)}"):
                self.assertIn(words, told)


if __name__ == "__main__":
    main()
