#!/usr/bin/env python3
"""What a model whose weights are NaN is said to say: nothing. Usage: nan_test.py PROGRAM DATA"""
import json
import struct

from command_line import main
from picture_files import png
from train_test import TrainingTest

DATA = ("--data", "./sides")


class NotANumber(TrainingTest):
    def setUp(self):
        super().setUp()
        self.train("run", "--epochs", "1")
        self.done("weights", "run", "--save", "raw")
        header = struct.unpack("<H", self.bytes_of("raw/classes.kernel.npy")[8:10])[0] + 10
        kernel = self.bytes_of("raw/classes.kernel.npy")[header:]
        model = self.bytes_of("run/model.onnx")
        self.assertEqual(model.count(kernel), 1)
        self.write("run/model.onnx", model.replace(kernel, struct.pack("<f", float("nan")) * (len(kernel) // 4)))
        self.write("one.png", png([[y * 20 for _ in range(8)] for y in range(8)]))

    def test_predict_names_no_class(self):
        self.assertIn("predicts nothing: 2 of 2 scores are NaN", self.done("predict", "run", "one.png"))
        picture = json.loads(self.done("predict", "run", "one.png", "--json", "-o", "said.svg"))["pictures"][0]
        self.assertEqual((picture["top"], picture["nan_scores"]), ([], 2))
        self.assertIn("nothing: 2 of 2 scores", self.bytes_of("said.svg").decode())
        self.assertIn("nothing: 2 of 2 scores", self.done("features", "run", "one.png"))

    def test_evaluate_and_embed_count_what_has_no_class(self):
        self.assertIn("40 of 40 pictures have scores that are NaN", self.done("evaluate", "run", *DATA))
        measured = json.loads(self.done("evaluate", "run", *DATA, "--json", "-o", "matrix.svg", "--sheet", "sheet.svg"))
        self.assertEqual((measured["accuracy"], measured["top_accuracy"], measured["without_class"]), (0, 0, 40))
        self.assertEqual(sum(map(sum, measured["confusion"])), 0)
        self.assertIn("40 of 40 pictures have scores that are NaN", self.bytes_of("matrix.svg").decode())
        self.assertIn("40 without a class", self.bytes_of("sheet.svg").decode())
        embed = ("embed", "run", *DATA, "--layer", "conv", "--method", "pca")
        self.assertIn("misclassified: 40 of 40, 40 of them without a class", self.done(*embed))
        self.assertEqual({point["predicted"] for point in json.loads(self.done(*embed, "--json"))["points"]}, {None})

    def test_diff_and_compare_say_that_there_are_no_numbers(self):
        self.train("other", "--epochs", "1")
        said = self.done("diff", "run", "other", "one.png")
        self.assertIn("A says nothing: 2 of 2 scores are NaN, B says", said)
        said = self.done("compare", "run", *DATA, "--layer", "classes")
        self.assertIn("all NaN", said)
        self.assertNotIn("0 to 0", said)
        layers = json.loads(self.done("compare", "run", *DATA, "--layer", "classes", "--json"))["layers"]
        self.assertEqual((layers[0]["ranges"], layers[0]["not_finite"]), ([None, None], 4))

    def test_features_and_weights_give_no_number_of_what_has_none(self):
        row = next(line for line in self.done("features", "run", "one.png").splitlines()
                   if line.startswith("classes ") and "not finite" in line)
        self.assertEqual(row.count(" - "), 4, row)  # smallest, mean, largest, and the dead maps of what has none
        layers = json.loads(self.done("features", "run", "one.png", "--json"))["layers"]
        self.assertIsNone(layers[-1]["mean"])
        self.done("features", "run", "one.png", "--all", "pages")
        page = self.bytes_of("pages/index.html").decode()
        self.assertIn("(1, 2), 0 % zeros, 2 not finite", page)
        self.assertNotIn("0 to 0,", page)
        self.refused("embed", "run", *DATA, "--layer", "classes", says=["classes:", "NaN of picture 0", "earlier layer"])
        self.assertIn(", 2 NaN", self.done("weights", "run", "--layer", "classes", "-o", "weights.svg"))
        self.assertNotIn("norm of each", self.bytes_of("weights.svg").decode())

    def test_diff_writes_nan_beside_its_bars(self):
        self.train("other", "--epochs", "1")
        self.done("diff", "run", "other", "one.png", "-o", "diff.svg")
        self.assertIn(">NaN<", self.bytes_of("diff.svg").decode())

    def test_attribute_explains_no_predicted_class(self):
        self.refused("attribute", "run", "one.png", says=["2 of 2 scores that are NaN", "choose a class"])
        said = self.done("attribute", "run", "one.png", "--class", "0", "--method", "saliency", "-o", "map.svg")
        self.assertIn("predicted: nothing: 2 of 2 scores are NaN", said)
        self.assertNotIn("nan %", said)


if __name__ == "__main__":
    main()
