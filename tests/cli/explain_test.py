#!/usr/bin/env python3
"""Why a number of a network is what it is. Usage: explain_test.py PROGRAM DATA"""
import json
import re

from command_line import CommandLineTest, main
from picture_files import png
from train_test import TrainingTest


class ExplainingAValue(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.sample = ["--data", "fashion-mnist-small", "--sample", "3", "--data-folder", self.data]

    def explained_of(self, *arguments):
        return json.loads(self.done(*arguments, "--json"))

    def explained(self, *arguments):
        return json.loads(self.done("explain", "fashion-cnn", *arguments, "--json"))

    def test_a_convolution_is_window_times_kernel_plus_bias(self):
        told = self.explained("grey.png", "--at", "conv_layer_1:12,3,5")
        activation, convolution = told["explanations"]
        self.assertEqual([activation["operation"], convolution["operation"]], ["Relu", "Conv"])
        self.assertEqual(convolution["window"], [3, 3, 1])
        products = [term["value"] * term["weight"] for term in convolution["terms"]]
        self.assertEqual(products, [term["product"] for term in convolution["terms"]])
        total = sum(products) + sum(term["product"] for term in convolution["offsets"])
        self.assertAlmostEqual(total, convolution["traced"], delta=convolution["tolerance"])
        self.assertLess(convolution["tolerance"], 1e-4)
        self.assertEqual(activation["traced"], max(0, convolution["traced"]))
        # The places of the window, and no others.
        self.assertEqual([term["at"] for term in convolution["terms"]],
                         [[y, x, 0] for y in (12, 13, 14) for x in (3, 4, 5)])
        field = told["receptive_field"]
        self.assertEqual((field["pixels"], field["top"], field["left"]), (9, 12, 3))
        self.assertEqual(sum(row.count("1") for row in field["mask"]), 9)
        self.assertEqual(field["mask"][12], "0001110" + 21 * "0")

    def test_every_kind_of_layer_of_a_classifier_comes_to_the_traced_value(self):
        for at, operations in (("conv_layer_3:0,0,63", ["Relu", "Conv"]), ("pool_layer_2:12,12,0", ["MaxPool"]),
                               ("flatten_layer_5:1599", ["Reshape", "MaxPool"]), ("dense_layer_7:7", ["Softmax", "Dense"])):
            told = self.explained(*self.sample, "--at", at)["explanations"]
            self.assertEqual([one["operation"] for one in told], operations, at)
            for one in told:
                self.assertTrue(one["agrees"], one["tensor"])

    def test_the_way_back_ends_at_a_pixel(self):
        told = self.explained(*self.sample, "--at", "dense_layer_7:7", "--trace")
        steps = told["trace"]
        self.assertEqual(steps[0]["tensor"], "dense_layer_7")
        self.assertEqual(len(steps[-1]["at"]), 3)
        self.assertNotIn("operation", steps[-1])
        for step in steps[:-1]:
            self.assertTrue(0 < step["share"] <= 1, step)

    def test_a_place_that_is_no_whole_number_is_told_as_a_place(self):
        self.refused("explain", "fashion-cnn", "grey.png", "--at", "dense_layer_7:1.5",
                     says=["a place has 1 whole number: units 0 to 9", "1.5"])

    def test_the_text_says_that_the_sum_is_the_traced_value(self):
        text = self.done("explain", "fashion-cnn", "grey.png", "--at", "conv_layer_1:12,3,5", "--trace")
        for words in ("untrained", "max(x, 0)", "window", "kernel", "products", "= traced", "depends on 9 of 784 pixels",
                      "back to the picture"):
            self.assertIn(words, text)

    def test_figures_are_written_in_each_format(self):
        for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
            self.done("explain", "fashion-cnn", *self.sample, "--at", "dense_layer_7:7", "--trace", "-o", "why." + ending)
            self.assertEqual((self.folder / ("why." + ending)).read_bytes()[:len(start)], start)

    def test_the_logit_in_question_is_told_however_small(self):
        for unit in range(10):
            text = self.done("explain", "fashion-cnn", *self.sample, "--at", f"dense_layer_7:{unit}", "--top", "2")
            line = next(line for line in text.splitlines() if "<- this one" in line)
            self.assertTrue(line.split()[0].startswith(f"dense_layer_7/pre_activation:{unit}"), line)

    def test_padding_is_no_value_of_the_picture(self):
        at = ("explain", "lenet", *self.sample, "--at", "layer1/conv:0,0,0")
        window = self.explained_of(*at)["explanations"][-1]
        padding = sum("of" not in term for term in window["terms"])
        self.assertGreater(padding, 0)
        self.assertLess(padding, len(window["terms"]))
        self.assertIn("(0) is padding", self.done(*at, "-o", "why.svg"))
        self.assertIn("hatched: padding", (self.folder / "why.svg").read_text())
        self.done(*at[:-1], "layer1/conv:7,7,0", "-o", "inside.svg")
        self.assertNotIn("hatched", (self.folder / "inside.svg").read_text())

    def test_of_equal_values_the_first_is_not_called_the_largest(self):
        self.write("blank.png", png([[0] * 28 for _ in range(28)]))
        run = ("explain", "fashion-cnn", "blank.png", "--at", "pool_layer_2:3,3,0", "--trace", "-o", "why.svg")
        said = self.done(*run)
        self.assertIn("* is the first of equal values", said)
        self.assertIn("the first of 4 equal values", said)
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / "why.svg").read_text())
        self.assertIn("red: the first of equal values, 0", " ".join(texts))

    def test_the_figure_of_a_softmax_has_the_sum_that_it_divides_by(self):
        self.done("explain", "fashion-cnn", "grey.png", "--at", "dense_layer_7:7", "-o", "why.svg")
        self.assertIn("sum of e^(x - largest): ", (self.folder / "why.svg").read_text())

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        for at, says in (("conv_layer:1,2,3", ["conv_layer_1", "did you mean"]),
                         ("conv_layer_1:26,0,0", ["rows 0 to 25, columns 0 to 25, channels 0 to 63", "26,0,0"]),
                         ("conv_layer_1", ["rows 0 to 25"]), ("dense_layer_7:0,1", ["units 0 to 9"]),
                         ("conv_layer_1/kernel:0,0,0,0", ["computed", "it computes conv_layer_1/pre_activation, "])):
            self.refused("explain", "fashion-cnn", "grey.png", "--at", at, "-o", "why.png", says=says)

    def test_a_command_line_without_a_place_is_not_understood(self):
        self.assertEqual(self.run_program("explain", "fashion-cnn", "grey.png").returncode, 2)


class ExplainingANamedClass(TrainingTest):
    def test_a_unit_may_be_called_by_its_class(self):
        for label, step in (("even", 4), ("odd", 5)):
            (self.folder / "photos" / label).mkdir(parents=True)
            for i in range(8):
                rows = [[(i * 29 + (y * x + x) * step) % 256 for x in range(8)] for y in range(8)]
                self.write(f"photos/{label}/{i}.png", png(rows))
        result = self.run_program("train", "network.json", "--data", "./photos", "--size", "8", "--test-fraction",
                                  "0.5", "--epochs", "1", "--out", "run")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        explain = ("explain", "run", "photos/odd/0.png", "--at")
        by_name = json.loads(self.done(*explain, "classes:odd", "--json"))["explanations"]
        self.assertEqual(by_name[0]["at"], [1])
        self.assertEqual(by_name, json.loads(self.done(*explain, "classes:1", "--json"))["explanations"])
        self.refused(*explain, "classes:Bag", says=["Bag", "even", "odd"])
        dense = by_name[-1]
        self.assertEqual(dense["rule"], "sum")
        terms = [abs(term["product"]) for term in dense["terms"] + dense["offsets"]]
        self.assertAlmostEqual(dense["absolute_sum"], sum(terms), delta=1e-6 * sum(terms))
        # A rounding a term and one a product, four more, of half a float's last place.
        self.assertLessEqual(dense["tolerance"], (len(terms) + 4) * 2 ** -24 * 1.001 * sum(terms) + 1e-30)
        self.assertNotRegex(self.done(*explain, "classes:odd"), r"-0(?![.\d])")


if __name__ == "__main__":
    main()
