#!/usr/bin/env python3
"""A built-in network that is shown the pictures of a data set. Usage: made_for_data_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main

MADE = "mobilenet-v1 for 28 x 28 x 1, 10 classes"


class ABuiltInNetworkAndData(CommandLineTest):
    def commands(self, model):
        """Every command that shows a model pictures of a data set, with the least work."""
        data = ("--data", self.few_clothes())
        sample = (*data, "--sample", "3")
        return {"predict": (model, *sample),
                "features": (model, *sample),
                "explain": (model, *sample, "--at", "conv1:0,0,0"),
                "attribute": (model, *sample),
                "dream": (model, *sample, "--layer", "conv1", "--steps", "1"),
                "evaluate": (model, *data),
                "compare": (model, *data, "--class", "0,1", "--layer", "conv1"),
                "top": (model, *data, "--layer", "conv1", "--channel", "0"),
                "embed": (model, *data, "--pictures", "7", "--method", "pca"),
                "weights": (model, *data, "--layer", "conv1"),
                "diff": (model, "lenet-5", *sample)}

    def test_is_made_for_them_by_every_command_and_each_says_so(self):
        for command, arguments in self.commands("mobilenet-v1").items():
            with self.subTest(command):
                report = json.loads(self.done(command, *arguments, "--json", "-o", command + ".svg"))
                self.assertEqual(report["a" if command == "diff" else "model"], MADE)
                self.assertIn("for 28 x 28 x 1", self.bytes_of(command + ".svg").decode())

    def test_has_the_same_numbers_in_every_command(self):
        data = ("--data", self.few_clothes())
        top = json.loads(self.done("top", "mobilenet-v1", *data, "--layer", "conv1", "--channel", "3", "--json"))
        best = top["channels"][0]["most"][0]
        explained = json.loads(self.done("explain", "mobilenet-v1", *data, "--sample", str(best["sample"]), "--at",
                                         f"conv1:{best['row']},{best['column']},3", "--json"))
        self.assertEqual(explained["model"], top["model"])
        self.assertAlmostEqual(explained["explanations"][0]["value"], best["value"], places=5)

    def test_is_as_it_was_designed_for_what_it_was_designed_for(self):
        report = json.loads(self.done("features", "lenet-5", "--data", self.few_clothes(), "--sample", "0", "--json"))
        self.assertEqual(report["model"], "lenet-5")

    def test_is_made_for_the_pictures_alone_where_it_knows_no_classes(self):
        report = json.loads(self.done("features", "udacity-filters", "--data", self.few_clothes(), "--sample", "0",
                                      "--json"))
        self.assertEqual(report["model"], "Net for 28 x 28 x 1")

    def test_that_cannot_be_made_for_them_is_refused_alike(self):
        commands = self.commands("alexnet")
        for command, arguments in commands.items():
            with self.subTest(command):
                self.refused(command, *arguments, says=["alexnet for pictures of 28 x 28 x 1", "227 x 227 x 3"])

    def test_a_trained_one_of_other_classes_is_neither_right_nor_wrong(self):
        for name in "ab":
            (self.folder / "classes" / name).mkdir(parents=True)
            for i in range(8):
                (self.folder / "classes" / name / f"{i}.png").write_bytes(self.bytes_of("grey.png"))
        data = ("--data", "classes", "--size", "28", "--part", "train")
        model = self.data + "/models/fashion-cnn.onnx"
        self.assertIn("the model has other names for these classes", self.done("evaluate", model, *data))
        self.done("convert", "keras-mnist", "-o", "unnamed.onnx")
        model = "unnamed.onnx"
        self.assertIn("the data has 2 classes and the model 10", self.done("evaluate", model, *data))
        self.assertNotIn("misclassified", self.done("embed", model, *data, "--method", "pca"))

    def test_shown_a_picture_file_stays_as_it_is(self):
        report = json.loads(self.done("predict", "mobilenet-v1", "grey.png", "--json"))
        self.assertEqual(report["model"], "mobilenet-v1")
        self.assertIn("224 x 224", report["pictures"][0]["note"])


if __name__ == "__main__":
    main()
