#!/usr/bin/env python3
"""What a training leaves in its run folder, and what is made of it later. Usage: run_folder_test.py PROGRAM DATA"""
import json
import signal
import subprocess
import time
import unittest

from command_line import main
from picture_files import png, read_npy
from train_test import TrainingTest, pictures

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
        config = {"name": "tiny", "layers": layers}
        self.write(file, json.dumps({"class_name": "Sequential", "config": config}).encode())

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


class Interrupted(RunFolderTest):
    def killed(self, out, *arguments):
        """A training of very many epochs, killed after two or more of them."""
        process = subprocess.Popen(
            [self.program, "train", "network.json", "--data", "./sides", "--out", out, "--batch-size", "8",
             "--epochs", "1000000000000", "--optimizer", "adam:learning_rate=0.01", *arguments],
            cwd=self.folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        history = self.folder / out / "history.csv"
        while process.poll() is None and not (history.exists() and history.read_text().count("\n") > 3):
            time.sleep(0.001)
        process.kill()
        self.assertEqual(process.wait(timeout=60), -signal.SIGKILL)

    def evaluate(self, model):
        return json.loads(self.done("evaluate", model, "--data", "./sides", "--json"))

    def test_the_model_of_a_killed_run_is_as_far_as_its_checkpoint(self):
        self.killed("part", "--checkpoint-steps", "4")
        self.assertEqual(self.run_json("part")["state"], "running")
        self.assertGreaterEqual(self.run_json("part")["epochs"], 2)
        self.assertGreater(self.run_json("part")["seconds"], 0)
        measured = self.evaluate("part")
        self.assertTrue(measured["trained"])
        self.assertLess(measured["loss"], self.evaluate("network.json")["loss"])

    def test_the_model_of_a_run_that_failed_in_its_first_step_is_untrained(self):
        for steps, trained in (("0", False), ("1", True)):
            result = self.run_program("train", "network.json", "--data", "./sides", "--out", "a" + steps,
                                      "--batch-size", "8", "--optimizer", "sgd:learning_rate=1e30",
                                      "--checkpoint-steps", steps)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(self.run_json("a" + steps)["state"], "^failed: .*step 2")
            self.assertEqual(self.evaluate("a" + steps)["trained"], trained)

    def test_resume_needs_neither_the_folder_nor_the_file_that_it_began_with(self):
        self.train("whole", "--epochs", "3", "--seed", "4")
        self.train("part", "--epochs", "2", "--seed", "4")
        record = self.run_json("part")
        record["settings"]["epochs"] = 3
        (self.folder / "part/run.json").write_text(json.dumps(record))
        (self.folder / "network.json").unlink()
        (self.folder / "elsewhere").mkdir()
        result = subprocess.run([self.program, "train", "--resume", str(self.folder / "part")], timeout=60,
                                cwd=self.folder / "elsewhere", capture_output=True)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(self.bytes_of("part/model.onnx"), self.bytes_of("whole/model.onnx"))
        self.assertEqual(self.run_json("part")["settings"]["data"], "./sides")

    def test_resume_refuses_what_is_no_longer_the_same(self):
        self.train("part", "--epochs", "1")
        before = self.bytes_of("part/run.json")
        images, labels = pictures(120, "others")
        good = self.bytes_of("sides/train-images-idx3-ubyte")
        self.write("sides/train-images-idx3-ubyte", images)
        self.refused("train", "--resume", "part", says=["the data of this training: 120 pictures"])
        self.write("sides/train-images-idx3-ubyte", good)
        self.train_on("ruled.json", "other", "--epochs", "1")
        self.write("part/model.onnx", self.bytes_of("other/model.onnx"))
        self.refused("train", "--resume", "part", says=["the network of this training"])
        self.assertEqual(self.bytes_of("part/run.json"), before)


class Mistakes(RunFolderTest):
    def test_what_fit_refuses_leaves_no_folder(self):
        for arguments, says in ((["--label-smoothing", "2"], "smoothing"), (["--noise", "inf"], "noise"),
                                (["--snapshot", "nothing", "--snapshot-every", "3"], "nothing"),
                                (["--early-stopping", "1", "--rotate", "400"], "rotate")):
            self.refused("train", "network.json", "--data", "./sides", "--out", "runs/a", *arguments, says=[says])


class Record(RunFolderTest):
    def test_it_says_with_what_the_run_was_made(self):
        self.train("a", "--epochs", "1")
        versions = self.run_json("a")["versions"]
        self.assertLessEqual({"convscope", "compiler", "highway", "protobuf", "libvips"}, set(versions))
        for library in ("highway", "protobuf", "libvips"):
            self.assertRegex(versions[library], r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    main()
