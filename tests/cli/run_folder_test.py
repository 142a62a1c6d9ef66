#!/usr/bin/env python3
"""What a training leaves in its run folder, and what is made of it later. Usage: run_folder_test.py PROGRAM DATA"""
import json
import unittest

from command_line import main
from picture_files import png, read_npy
from train_test import TrainingTest

# Everything that holds while a network is trained, and that no graph says.
RULED = [
    {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 1], "name": "picture"}},
    {"class_name": "Normalization", "config": {"name": "scale", "mean": [0.25], "variance": [0.5]}},
    {"class_name": "Conv2D", "config": {"name": "fixed", "filters": 3, "kernel_size": [3, 3], "trainable": False}},
    {"class_name": "BatchNormalization", "config": {"name": "stays", "trainable": False}},
    {"class_name": "Flatten", "config": {"name": "flatten"}},
    {"class_name": "Dense", "config": {
        "name": "classes", "units": 2, "activation": "softmax",
        "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.1}},
        "kernel_constraint": {"class_name": "NonNeg", "config": {}}}},
]
FIXED = ("scale/mean", "scale/variance", "fixed/kernel", "fixed/bias", "stays/gamma", "stays/moving_mean",
         "stays/moving_variance")


class RunFolderTest(TrainingTest):
    def setUp(self):
        super().setUp()
        self.network("ruled.json", RULED)

    def network(self, file, layers):
        self.write(file, json.dumps({"class_name": "Sequential", "config": {"name": "tiny", "layers": layers}}).encode())

    def train_on(self, model, out, *arguments, data="./sides"):
        result = self.run_program("train", model, "--data", data, "--out", out, "--batch-size", "8", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result

    def snapshot(self, run, step, tensor):
        return read_npy(self.bytes_of(f"{run}/snapshots/{step:06}.{tensor.replace('/', '.')}.npy"))[1]


class Rules(RunFolderTest):
    def test_the_rules_of_a_training_hold_when_its_run_is_trained_on(self):
        self.train_on("ruled.json", "first", "--epochs", "2")
        for model in ("first", "first/model.onnx"):
            out = "second" if model == "first" else "third"
            self.train_on(model, out, "--epochs", "1", "--optimizer", "sgd:learning_rate=0.1", "--snapshot", *FIXED,
                          "classes/kernel", "--snapshot-every", "14")
            for tensor in FIXED:
                self.assertEqual(self.snapshot(out, 0, tensor), self.snapshot(out, 14, tensor), tensor)
            self.assertNotEqual(self.snapshot(out, 0, "classes/kernel"), self.snapshot(out, 14, "classes/kernel"))
            self.assertGreaterEqual(min(self.snapshot(out, 14, "classes/kernel")), 0)

    def test_train_and_evaluate_measure_the_same_loss(self):
        self.train_on("ruled.json", "first", "--epochs", "1")
        measured = json.loads(self.done("evaluate", "first", "--data", "./sides", "--json"))
        self.assertAlmostEqual(measured["loss"], self.run_json("first")["test_loss"], places=6)


class ClassNames(RunFolderTest):
    def test_a_trained_network_says_the_classes_of_its_data(self):
        for side in ("left", "right"):
            for part in ("train", "test"):
                (self.folder / "named" / part / side).mkdir(parents=True)
                for i in range(4):
                    row = [200] * 4 + [10 * i] * 4
                    rows = [row if side == "left" else row[::-1]] * 8
                    self.write(f"named/{part}/{side}/{i}.png", png(rows))
        self.write("one.png", png([[200] * 4 + [0] * 4] * 8))
        self.train("numbers", "--epochs", "1")  # of classes "0" and "1"
        self.train_on("numbers", "names", "--epochs", "1", data="./named")
        for run, names in (("numbers", {"0", "1"}), ("names", {"left", "right"})):
            top = json.loads(self.done("predict", run, "one.png", "--json"))["pictures"][0]["top"]
            self.assertEqual({entry["name"] for entry in top}, names)


if __name__ == "__main__":
    main()
