#!/usr/bin/env python3
"""A model with several outputs, one of which tells classes. Usage: model_output_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main

DATA = ["--data", "fashion-mnist-small"]


def layer(kind, name, reads, **config):
    return {"class_name": kind, "name": name, "config": {"name": name, **config},
            "inbound_nodes": [[[reads, 0, 0, {}]]] if reads else []}


# A picture of clothes in, scores of ten classes and of two out.
LAYERS = [layer("InputLayer", "picture", None, batch_shape=[None, 28, 28, 1]),
          layer("Conv2D", "conv", "picture", filters=2, kernel_size=[3, 3], strides=[3, 3]),
          layer("Flatten", "flat", "conv"),
          layer("Dense", "ten", "flat", units=10, activation="softmax"),
          layer("Dense", "two", "flat", units=2, activation="softmax")]
MODEL = {"class_name": "Functional", "config": {"name": "both", "layers": LAYERS, "input_layers": [["picture", 0, 0]],
                                                "output_layers": [["ten", 0, 0], ["two", 0, 0]]}}

# Its scores have one row and one column: no layer makes a list of them.
ONE_PLACE = {"class_name": "Sequential", "config": {"name": "one_place", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28, 1], "name": "picture"}},
    {"class_name": "Conv2D", "config": {"name": "scores", "filters": 10, "kernel_size": [28, 28]}}]}}


class ModelOutput(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.write("both.json", json.dumps(MODEL).encode())

    def test_the_output_that_is_named_tells_the_classes(self):
        for name, classes in (("ten", 10), ("two", 2)):
            chosen = ["both.json", "--model-output", name]
            told = json.loads(self.done("predict", *chosen, "grey.png", "--top", "20", "--json"))
            self.assertEqual(len(told["pictures"][0]["top"]), classes)
            told = json.loads(self.done("attribute", *chosen, "grey.png", "--class", str(classes - 1), "--method",
                                        "grad-cam", "--json"))
            self.assertEqual(told["classes"][0]["class"], classes - 1)
        data = self.few_clothes()
        told = json.loads(self.done("evaluate", "both.json", "--model-output", "ten", "--data", data, "--json"))
        self.assertEqual(len(told["classes"]), 10)

    def test_scores_in_one_row_and_one_column_are_those_of_classes(self):
        self.write("one_place.json", json.dumps(ONE_PLACE).encode())
        told = json.loads(self.done("predict", "one_place.json", "grey.png", "--top", "20", "--json"))
        self.assertEqual(len(told["pictures"][0]["top"]), 10)
        told = json.loads(self.done("attribute", "one_place.json", "grey.png", "--class", "9", "--method", "saliency", "--json"))
        self.assertEqual(told["classes"][0]["class"], 9)
        said = self.done("attribute", "one_place.json", "grey.png", "--class", "9", "--method", "saliency")
        self.assertIn("class 9, ", said)
        self.assertNotIn("(9)", said)
        self.assertRegex(self.done("features", "one_place.json", "grey.png"), r"it says: class \d, score -?[0-9.]+")
        self.assertIn("class 9", self.done("dream", "one_place.json", "--class", "9", "--steps", "3"))
        told = json.loads(self.done("evaluate", "one_place.json", "--data", self.few_clothes(), "--json"))
        self.assertEqual((len(told["classes"]), told["pictures"]), (10, 64))

    def test_without_a_name_the_outputs_are_listed(self):
        for command in (["predict", "both.json", "grey.png"], ["attribute", "both.json", "grey.png"],
                        ["evaluate", "both.json", *DATA], ["dream", "both.json", "--class", "1"]):
            with self.subTest(command):
                self.refused(*command, says=["2 outputs", "--model-output", "ten (1, 10), two (1, 2)"])
        self.refused("predict", "both.json", "--model-output", "three", "grey.png", says=['"three"', "ten, two"])


if __name__ == "__main__":
    main()
