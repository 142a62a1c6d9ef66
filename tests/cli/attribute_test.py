#!/usr/bin/env python3
"""convscope attribute, as a user runs it. Usage: attribute_test.py PROGRAM DATA"""
import ast
import json
import math
import signal
import struct
import subprocess

from command_line import CommandLineTest, main, messages
from picture_files import pattern, png

METHODS = ["saliency", "input-x-gradient", "smoothgrad", "integrated-gradients", "guided-backprop", "deconvolution",
           "grad-cam", "grad-cam++", "layer-cam", "score-cam", "eigen-cam", "occlusion"]


def npy(path):
    """Shape and values of a .npy file of float32."""
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    values = struct.unpack(f"<{(len(data) - 10 - length) // 4}f", data[10 + length:])
    return header["shape"], values


class Attributing(CommandLineTest):
    def attributed(self, *arguments):
        return json.loads(self.done("attribute", *arguments, "--json"))

    def test_a_page_of_all_methods_and_two_classes_is_about_as_wide_as_high(self):
        self.done("attribute", "fashion-cnn", "grey.png", "--method", "all", "--class", "4,6", "--samples", "5", "-o",
                  "all.png")
        width, height = struct.unpack(">II", (self.folder / "all.png").read_bytes()[16:24])
        self.assertLess(max(width, height) / min(width, height), 2)

    def test_a_network_without_maps_is_refused_class_activation_maps_in_plain_words(self):
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28, 1], "name": "picture"}},
                  {"class_name": "Flatten", "config": {"name": "flat"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 3, "activation": "softmax"}}]
        self.write("mlp.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "mlp", "layers": layers}}).encode())
        self.refused("attribute", "mlp.json", "grey.png", "--method", "grad-cam", says=["a model without such a layer"])

    def test_every_method_is_told_drawn_and_saved(self):
        report = self.attributed("fashion-cnn", "grey.png", "--method", "all", "--samples", "5", "--save", "raw",
                                 "-o", "all.png")
        self.assertEqual([a["method"] for a in report["attributions"]], METHODS)
        self.assertFalse(report["trained"])
        self.assertEqual(report["layer"], {"name": "pool_layer_4", "rows": 5, "columns": 5, "channels": 64})
        predicted = report["predicted"]
        for a in report["attributions"]:
            if a["method"] == "eigen-cam":
                self.assertNotIn("class", a)
            else:
                self.assertEqual((a["class"], a["name"]), (predicted["class"], predicted["name"]))
            self.assertEqual(a["not_finite"], 0)
        gradients = report["attributions"][3]["integration"]
        self.assertTrue(gradients["complete"])
        self.assertLessEqual(gradients["gap"], 0.01 * abs(gradients["score"] - gradients["baseline_score"])
                             + 0.001 * max(abs(c["logit"]) for c in self.all_classes()) + 1e-12)
        self.assertAlmostEqual(gradients["score"], predicted["logit"], places=5)
        self.assertEqual((self.folder / "all.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

        name = predicted["name"].replace("/", ".").replace(" ", "_")
        shape, values = npy(self.folder / "raw" / f"grad-cam.{name}.npy")
        self.assertEqual(shape, (5, 5))
        self.assertGreaterEqual(min(values), 0)
        told = report["attributions"][6]
        self.assertEqual((told["values_of"], told["raw_shape"]), ("layer", [5, 5]))
        for key, value in (("low", min(values)), ("high", max(values)), ("sum", sum(values))):
            self.assertAlmostEqual(told[key], value, places=6)
        shape, values = npy(self.folder / "raw" / f"grad-cam.{name}.map.npy")
        self.assertEqual(shape, (28, 28))
        self.assertLess(max(values), report["attributions"][6]["high"])  # enlarging narrows
        shape, values = npy(self.folder / "raw" / f"saliency.{name}.npy")
        self.assertEqual(shape, (1, 28, 28, 1))
        self.assertAlmostEqual(max(map(abs, values)), report["attributions"][0]["high"], places=6)
        self.assertEqual(len(list((self.folder / "raw").iterdir())), 2 * len(METHODS))

    def all_classes(self):
        return self.attributed("fashion-cnn", "grey.png", "--class", ",".join(map(str, range(10))))["classes"]

    def test_what_the_numbers_are_of_is_said(self):
        text = self.done("attribute", "fashion-cnn", "grey.png", "--method", "grad-cam")
        self.assertIn("smallest, largest and sum are of the 5 x 5 values; strongest is the pixel", text)
        self.assertNotIn("strongest is", self.done("attribute", "fashion-cnn", "grey.png", "--method", "saliency"))

    def test_several_classes_have_what_each_has_alone(self):
        methods = ("--method", "score-cam,occlusion")
        together = self.attributed("fashion-cnn", "grey.png", "--class", "3,8", *methods)["attributions"]
        for c in ("3", "8"):
            alone = self.attributed("fashion-cnn", "grey.png", "--class", c, *methods)["attributions"]
            self.assertEqual([a for a in together if a["class"] == int(c)], alone)

    def test_classes_are_numbers_or_names_and_several(self):
        report = self.attributed("fashion-cnn", "grey.png", "--class", "9,trouser", "--class", "T-shirt/top",
                                 "--method", "layer-cam,saliency")
        self.assertEqual([c["class"] for c in report["classes"]], [9, 1, 0])
        self.assertEqual([(a["method"], a["class"]) for a in report["attributions"]],
                         [(m, c) for m in ("layer-cam", "saliency") for c in (9, 1, 0)])
        self.done("attribute", "fashion-cnn", "grey.png", "--class", "1,2", "--method", "grad-cam,eigen-cam", "-o",
                  "two.svg")
        picture = (self.folder / "two.svg").read_text()
        for words in ("grad-cam of Trouser", "grad-cam of Pullover", "eigen-cam", "(untrained)", "pool_layer_4"):
            self.assertIn(words, picture)

    def test_curves_are_measured_beside_random_orders(self):
        report = self.attributed("keras-mnist", "grey.png", "--curves", "--curve-steps", "8", "-o", "curves.svg",
                                 "--method", "occlusion", "--window", "4", "--stride", "2", "--baseline", "black")
        (a,) = report["attributions"]
        self.assertEqual(a["occlusion"], {"window": 4, "stride": 2, "baseline": "black"})
        for kind in ("deletion", "insertion"):
            curve = a[kind]
            self.assertEqual(curve["share"], [k / 8 for k in range(9)])
            self.assertEqual(curve["baseline"], "black")
            p = curve["probability"]
            self.assertAlmostEqual(curve["area"], sum((p[k] + p[k + 1]) / 16 for k in range(8)), places=9)
        # Both go between the same two pictures.
        self.assertAlmostEqual(a["deletion"]["probability"][0], report["predicted"]["probability"], places=6)
        self.assertAlmostEqual(a["insertion"]["probability"][-1], report["predicted"]["probability"], places=6)
        self.assertAlmostEqual(a["deletion"]["probability"][-1], a["insertion"]["probability"][0], places=6)
        self.assertIn("share of the pixels removed", (self.folder / "curves.svg").read_text())
        text = self.done("attribute", "keras-mnist", "grey.png", "--curves", "--curve-steps", "4")
        self.assertIn("the larger the more faithful", text)

    def test_a_colour_picture_of_224_and_a_layer_by_name(self):
        report = self.attributed("resnet18", "colour.png", "--layer", "layer2/1/relu2", "-o", "large.png")
        self.assertEqual(report["layer"]["name"], "layer2/1/relu2")
        self.assertEqual((report["layer"]["rows"], report["layer"]["channels"]), (28, 128))
        self.assertEqual(report["attributions"][0]["raw_shape"], [28, 28])

    def test_a_model_without_rows_and_columns_has_a_saliency_unasked(self):
        dense = {"class_name": "Dense", "config": {"units": 10, "activation": "softmax"}}
        self.write("dense.json", json.dumps({"class_name": "Sequential", "config": {"name": "dense", "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28, 1]}},
            {"class_name": "Flatten", "config": {}}, dense]}}).encode())
        report = self.attributed("dense.json", "grey.png", "-o", "dense.png")
        self.assertEqual([a["method"] for a in report["attributions"]], ["saliency"])
        self.assertEqual(report["left_out"], ["grad-cam, for which saliency stands: no layer has rows and columns"])
        self.refused("attribute", "dense.json", "grey.png", "--method", "grad-cam",
                     says=("choose a method of the gradients",))

    def test_a_baseline_may_be_a_picture(self):
        self.write("same.png", png(pattern(12, 17)))
        report = self.attributed("keras-mnist", "grey.png", "--method", "integrated-gradients", "--baseline", "same.png")
        gradients = report["attributions"][0]["integration"]
        self.assertEqual(gradients["baseline"], "same.png")
        self.assertEqual((gradients["sum"], gradients["gap"]), (0, 0))
        self.assertEqual(report["attributions"][0]["high"], 0)
        self.refused("attribute", "keras-mnist", "grey.png", "--baseline", "wite",
                     "--method", "occlusion", says=("zero, black, mean, blur",))

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("attribute", "fashion-cnn", "grey.png", "--class", "Shoe", says=("9 Ankle boot", '"Shoe"'))
        self.refused("attribute", "fashion-cnn", "grey.png", "--class", "10", says=("0 T-shirt/top",))
        self.refused("attribute", "resnet18", "colour.png", "--class", "1000", says=("999",))
        self.refused("attribute", "fashion-cnn", "grey.png", "--method", "gradcam", says=("grad-cam++",))
        self.refused("attribute", "fashion-cnn", "grey.png", "--layer", "dense_layer_6", "-o", "no.png",
                     says=("conv_layer_1", "pool_layer_4"))
        self.refused("attribute", "fashion-cnn", "grey.png", "--layer", "conv_layer_2", says=("conv_layer_1",))
        self.refused("attribute", "fashion-cnn", "grey.png", "--method", "occlusion", "--window", "29", says=("1 to 28",))
        self.refused("attribute", "fashion-cnn", "grey.png", "-o", "figure.txt", says=("figure.txt",))

    def test_a_command_line_that_makes_no_sense_exits_with_2(self):
        for arguments in (["fashion-cnn"], ["fashion-cnn", "grey.png", "colour.png"],
                          ["fashion-cnn", "grey.png", "--curve-steps", "5"],
                          ["fashion-cnn", "grey.png", "--json", "--show"],
                          ["fashion-cnn", "grey.png", "--steps", "0"]):
            result = self.run_program("attribute", *arguments)
            self.assertEqual(result.returncode, 2, arguments)

    def test_settings_of_methods_that_are_not_made_are_refused(self):
        for method, option, value in (("saliency", "--layer", "conv_layer_1"), ("grad-cam", "--steps", "5"),
                                      ("grad-cam", "--samples", "5"), ("saliency", "--noise", "0.1"),
                                      ("occlusion", "--seed", "1"), ("smoothgrad", "--window", "4"),
                                      ("integrated-gradients", "--stride", "4"), ("grad-cam", "--baseline", "none.png")):
            result = self.run_program("attribute", "fashion-cnn", "grey.png", "--method", method, option, value)
            self.assertEqual(result.returncode, 2, (method, option))
            self.assertIn(option + ": is of", result.stderr.decode())
        self.done("attribute", "fashion-cnn", "grey.png", "--method", "saliency,occlusion", "--window", "9")
        self.done("attribute", "lenet", "grey.png", "--baseline", "black", "--curves", "--curve-steps", "2")

    def test_the_terminal_shows_maps_with_their_scale(self):
        drawn = self.done("attribute", "fashion-cnn", "grey.png", "--show", "--method", "saliency",
                          env={"TERM": "dumb", "PATH": "/usr/bin"})
        self.assertIn("scale: blank = 0", drawn)
        self.assertIn("saliency of", drawn)

    def test_the_same_at_any_number_of_threads(self):
        one, two = (self.done("attribute", "lenet-5", "grey.png", "--method", "all", "--samples", "4", "--json",
                              "--threads", str(n)) for n in (1, 2))
        self.assertEqual(one, two)
        self.assertTrue(all(math.isfinite(a["sum"]) for a in json.loads(one)["attributions"]))

    def test_an_interrupt_leaves_nothing_behind(self):
        before = sorted(self.folder.rglob("*"))
        process = subprocess.Popen([self.program, "attribute", "resnet18", "colour.png", "--method", "score-cam", "-o",
                                    "slow.png", "--save", "slow"], cwd=self.folder, stderr=subprocess.PIPE)
        process.stderr.readline()  # the first line of progress
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130)
        self.assertEqual(messages(errors), "convscope: stopped: nothing was written\n")
        self.assertEqual(sorted(self.folder.rglob("*")), before)


if __name__ == "__main__":
    main()
