#!/usr/bin/env python3
"""Training from the command line as a user does it. Usage: train_test.py PROGRAM DATA"""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from command_line import CommandLineTest, main, messages
from picture_files import idx, png, read_npy

LAYERS = [
    {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 1], "name": "picture"}},
    {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], "activation": "relu"}},
    {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2]}},
    {"class_name": "Flatten", "config": {"name": "flatten"}},
    {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.25}},
    {"class_name": "Dense", "config": {"name": "classes", "units": 2, "activation": "softmax"}},
]


def pictures(count, seed):
    """Pictures of 8 x 8, light on the left (class 0) or on the right (class 1), and their labels."""
    numbers = random.Random(seed)
    labels = [i % 2 for i in range(count)]
    pixels = [numbers.randrange(60) + (150 if (x >= 4) == (label == 1) else 0)
              for label in labels for _ in range(8) for x in range(8)]
    return idx(pixels, count, 8, 8), idx(labels, count)


class TrainingTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        (self.folder / "sides").mkdir()
        for part, count in (("train", 120), ("t10k", 40)):
            images, labels = pictures(count, part)
            self.write(f"sides/{part}-images-idx3-ubyte", images)
            self.write(f"sides/{part}-labels-idx1-ubyte", labels)
        self.write_network(LAYERS[-1])

    def write_network(self, *last):
        """The network with other layers at its end."""
        self.write("network.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "tiny", "layers": [*LAYERS[:-1], *last]}}).encode())

    def train(self, out, *arguments):
        result = self.run_program("train", "network.json", "--data", "./sides", "--out", out, "--batch-size", "8",
                                  *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result

    def run_json(self, run):
        return json.loads((self.folder / run / "run.json").read_text())


class Train(TrainingTest):
    def test_a_run_folder_holds_all_that_a_training_leaves(self):
        result = self.train("runs/a", "--epochs", "4", "--optimizer", "adam:learning_rate=0.01")
        names = sorted(path.name for path in (self.folder / "runs/a").iterdir())
        self.assertEqual(names, ["best.onnx", "checkpoint", "confusion.png", "curves.png", "history.csv", "model.onnx",
                                 "run.json"])
        record = self.run_json("runs/a")
        self.assertEqual((record["state"], record["epochs"], record["settings"]["optimizer"]),
                         ("finished", 4, "adam:learning_rate=0.01"))
        # Sides that differ by 150 of 255 are told apart.
        self.assertGreater(record["test_accuracy"], 0.95)
        lines = self.bytes_of("runs/a/history.csv").decode().splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn("val_accuracy", lines[0])
        self.assertIn("epoch 4/4", result.stderr.decode())
        self.assertIn("(40 of 40)" if record["test_accuracy"] == 1 else "of 40)", result.stdout.decode())

    def test_the_model_is_what_evaluate_and_predict_take(self):
        self.train("a", "--epochs", "3", "--optimizer", "adam:learning_rate=0.01")
        measured = json.loads(self.done("evaluate", "a", "--data", "./sides", "--json", "-o", "confusion.svg"))
        self.assertEqual(measured["accuracy"], self.run_json("a")["test_accuracy"])
        self.assertAlmostEqual(measured["loss"], self.run_json("a")["test_loss"], places=6)
        self.assertEqual(sum(map(sum, measured["confusion"])), 40)
        self.assertIn("</svg>", (self.folder / "confusion.svg").read_text())

        dark = png([[0] * 4 + [200] * 4] * 8)
        self.write("right.png", dark)
        said = json.loads(self.done("predict", "a", "right.png", "--json"))["pictures"][0]["top"]
        self.assertEqual(said[0]["name"], "1")
        self.assertAlmostEqual(sum(entry["score"] for entry in said), 1, places=5)
        text = self.done("predict", "a/model.onnx", "--data", "./sides", "--sample", "0", "1")
        self.assertIn("sides test 1, which is: 1", text)

    def test_evaluate_cuts_and_splits_the_data_as_the_training_did(self):
        for label, step in (("even", 4), ("odd", 5)):
            (self.folder / "photos" / label).mkdir(parents=True)
            for i in range(12):
                rows = [[(i * 29 + (y * x + x) * step) % 256 for x in range(9 + i % 3)] for y in range(10)]
                self.write(f"photos/{label}/{i}.png", png(rows))
        result = self.run_program("train", "network.json", "--data", "./photos", "--size", "8", "--test-fraction",
                                  "0.5", "--seed", "7", "--epochs", "2", "--out", "a")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        run = self.run_json("a")
        report = json.loads(self.done("evaluate", "a", "--data", "photos", "--json"))
        self.assertEqual((report["pictures"], report["loss"]), (12, run["test_loss"]))
        self.done("predict", "a", "--data", "photos", "--sample", "0", "--json")

    def test_folders_of_grey_and_colour_pictures_are_read_as_one_of_both(self):
        for label, step in (("even", 4), ("odd", 5)):
            (self.folder / "photos" / label).mkdir(parents=True)
            for i in range(4):
                rows = [[(i * 29 + (y * 24 + x) * step) % 256 for x in range(24 if i % 2 else 8)] for y in range(8)]
                self.write(f"photos/{label}/{i}.png", png(rows, colour_type=2 if i % 2 else 0))
        photos = ["--data", "./photos", "--test-fraction", "0.5"]
        self.refused("train", "network.json", *photos, "--out", "a", says=["all grey or all in colour", "--gray"])
        result = self.run_program("train", "network.json", *photos, "--gray", "--epochs", "1", "--out", "a")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        # The run knows how its pictures were read; its model alone knows its colours.
        report = json.loads(self.done("evaluate", "a", "--data", "photos", "--json"))
        self.assertEqual((report["pictures"], report["loss"]), (4, self.run_json("a")["test_loss"]))
        for colours in ([], ["--grey"]):
            told = json.loads(self.done("evaluate", "a/model.onnx", *photos, *colours, "--json"))
            self.assertEqual((told["pictures"], told["loss"]), (4, report["loss"]))
        for part in ("train", "test"):
            said = json.loads(self.done("predict", "a/model.onnx", *photos, "--gray", "--part", part, "--sample", "0,3",
                                        "--sample", "1", "--json"))
            self.assertEqual([each["source"] for each in said["pictures"]], [f"photos {part} {i}" for i in (0, 3, 1)])
        self.refused("evaluate", "a/model.onnx", *photos, "--rgb", says=["8", "3"])

    def test_the_same_seed_gives_the_same_bits_at_any_number_of_threads(self):
        self.train("one", "--threads", "1", "--shift", "0.1")
        self.train("three", "--threads", "3", "--shift", "0.1")
        self.assertEqual(self.bytes_of("one/model.onnx"), self.bytes_of("three/model.onnx"))
        self.train("other", "--seed", "2", "--shift", "0.1")
        self.assertNotEqual(self.bytes_of("one/model.onnx"), self.bytes_of("other/model.onnx"))

    def started(self, batch_size=8):
        """A training that has no end of its own, with a checkpoint every 4 steps."""
        process = subprocess.Popen(
            [self.program, "train", "network.json", "--data", "./sides", "--out", "part", "--epochs", "1000000",
             "--batch-size", str(batch_size), "--checkpoint-steps", "4"], cwd=self.folder, stderr=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def interrupted(self, how):
        """One that was stopped by a signal within its first epochs: what it printed, and its exit code."""
        process = self.started()
        while not (self.folder / "part/checkpoint").exists() and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(how)
        out, errors = process.communicate(timeout=60)
        return out.decode(), messages(errors), process.returncode

    def resumed_equals_whole(self):
        """Ends the interrupted training two epochs later; the bits are those of one that ran through."""
        history = self.folder / "part/history.csv"
        epochs = str((len(history.read_text().splitlines()) - 1 if history.exists() else 0) + 2)
        result = self.run_program("train", "--resume", "part", "--epochs", epochs)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.train("whole", "--epochs", epochs, "--checkpoint-steps", "4")
        self.assertEqual(self.bytes_of("part/model.onnx"), self.bytes_of("whole/model.onnx"))
        record = self.run_json("part")
        self.assertEqual((record["state"], record["settings"]["epochs"]), ("finished", int(epochs)))

    def test_ctrl_c_saves_and_resume_goes_on_bit_for_bit(self):
        out, errors, code = self.interrupted(signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertEqual(self.run_json("part")["state"], "interrupted")
        self.assertIn("go on with: convscope train --resume part\n", out)
        self.assertIn("model.onnx", out)
        self.assertNotIn("convscope: ", errors)
        self.resumed_equals_whole()

    def test_a_request_to_end_is_heard_as_well(self):
        self.assertEqual(self.interrupted(signal.SIGTERM)[2], 128 + signal.SIGTERM)
        self.assertEqual(self.run_json("part")["state"], "interrupted")

    def test_resume_goes_on_after_kill_9_bit_for_bit(self):
        self.interrupted(signal.SIGKILL)
        self.resumed_equals_whole()

    def test_a_second_ctrl_c_ends_the_program_within_a_step(self):
        wide = {"filters": 512, "kernel_size": [3, 3], "padding": "same"}  # a step of a second or so
        layers = [LAYERS[0], *({"class_name": "Conv2D", "config": {"name": f"conv_{i}", **wide}} for i in range(3)),
                  *LAYERS[3:]]
        self.write("network.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "wide", "layers": layers}}).encode())
        process = self.started(batch_size=120)
        self.assertTrue(any(b"120 training pictures" in line for line in process.stderr))  # past any progress
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)  # one signal that comes while another waits to be handled is lost
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.run_json("part")["state"], "running")  # the step was not waited for
        self.assertEqual(sorted(path.name for path in (self.folder / "part").iterdir()), ["model.onnx", "run.json"])

    def test_training_needs_no_bundled_data(self):
        program = shutil.copy(self.program, self.folder / "convscope")
        environment = {name: value for name, value in os.environ.items() if name != "CONVSCOPE_DATA"}
        result = subprocess.run([program, "train", "network.json", "--data", "./sides", "--out", "a", "--epochs", "1"],
                                cwd=self.folder, capture_output=True, timeout=60, env=environment)
        self.assertEqual(result.returncode, 0, result.stderr.decode())

    def test_snapshots_of_tensors_are_saved_by_step(self):
        self.train("a", "--epochs", "1", "--snapshot", "conv/kernel", "gradient/conv/kernel", "--snapshot-every", "10")
        files = sorted(path.name for path in (self.folder / "a/snapshots").iterdir())
        self.assertEqual(files, ["000000.conv.kernel.npy", "000000.gradient.conv.kernel.npy",
                                 "000010.conv.kernel.npy", "000010.gradient.conv.kernel.npy"])
        shape, _ = read_npy(self.bytes_of("a/snapshots/" + files[0]))
        self.assertEqual(shape, (3, 3, 1, 4))

    def test_a_network_without_a_softmax_learns_from_its_logits(self):
        learns = ("--epochs", "4", "--optimizer", "adam:learning_rate=0.01")
        self.train("softmax", *learns)
        self.write_network({"class_name": "Dense", "config": {"name": "classes", "units": 2}})
        self.train("logits", *learns, "--from-logits")
        # The same numbers: with a softmax, too, the loss is made of what goes into it.
        for name in ("test_loss", "test_accuracy"):
            self.assertEqual(self.run_json("logits")[name], self.run_json("softmax")[name])
        measured = json.loads(self.done("evaluate", "logits/model.onnx", "--data", "./sides", "--json",
                                        "--from-logits"))
        self.assertAlmostEqual(measured["loss"], self.run_json("softmax")["test_loss"], places=6)
        # Unasked, the loss is the one that fits the output, and says so; another that is asked for is refused.
        unasked = json.loads(self.done("evaluate", "logits/model.onnx", "--data", "./sides", "--json"))
        self.assertEqual(unasked["loss"], measured["loss"])
        self.assertEqual(unasked["remark"], "the network ends without a softmax: the loss is made of logits")
        self.assertNotIn("remark", measured)
        self.refused("evaluate", "logits/model.onnx", "--data", "./sides", "--loss",
                     "sparse_categorical_crossentropy", says=["classes", "--from-logits"])
        # A run tells its loss itself.
        self.assertEqual(json.loads(self.done("evaluate", "logits", "--data", "./sides", "--json"))["loss"],
                         measured["loss"])
        self.assertEqual(json.loads(self.done("predict", "logits", "--data", "./sides", "--sample", "0", "--json"))
                         ["scores"], "raw")

    def test_the_delta_of_huber_is_part_of_the_loss(self):
        for name, loss in (("one", "huber"), ("small", "huber:0.1")):
            self.train(name, "--epochs", "1", "--loss", loss)
        # Errors of probabilities are at most 1: where e > 0.1, 0.1 e - 0.005 is less than e^2 / 2.
        self.assertLess(self.run_json("small")["test_loss"], self.run_json("one")["test_loss"])

    def test_a_trained_model_has_a_summary_and_a_graph(self):
        self.train("a", "--epochs", "1")
        layers = json.loads(self.done("summary", "network.json", "--json"))
        for model in ("a", "a/model.onnx"):
            operations = json.loads(self.done("summary", model, "--json"))
            for total in ("name", "parameters", "trainable", "multiply_adds"):
                self.assertEqual(operations[total], layers[total])
            text = self.done("summary", model, "--cost")
            self.assertRegex(text, r"(?m)^conv/pre_activation \(Conv\) +\(None, 6, 6, 4\) +40 +1,296 +3 x 3 ")
            self.assertRegex(text, r"(?m)^classes \(Softmax\) +\(None, 2\) +0 ")
        self.refused("summary", "a", "--style", "torch", says=["layers", "--style keras"])
        self.refused("summary", "sides", says=["model.onnx"])
        self.done("graph", "a", "-o", "trained.svg")
        self.assertNotIn("untrained", (self.folder / "trained.svg").read_text())

    def test_one_sigmoid_tells_two_classes(self):
        self.write_network({"class_name": "Dense", "config": {"name": "classes", "units": 1, "activation": "sigmoid"}})
        self.train("a", "--epochs", "6", "--optimizer", "adam:learning_rate=0.01", "--loss", "binary_crossentropy")
        self.assertGreater(self.run_json("a")["test_accuracy"], 0.95)
        said = json.loads(self.done("predict", "a", "--data", "./sides", "--sample", *map(str, range(40)), "--json"))
        self.assertEqual(said["scores"], "probabilities")
        right = [picture["top"][0]["name"] == picture["truth"] for picture in said["pictures"]]
        self.assertEqual(sum(right) / 40, self.run_json("a")["test_accuracy"])
        for picture in said["pictures"]:
            self.assertEqual(sorted(entry["class"] for entry in picture["top"]), [0, 1])
            self.assertAlmostEqual(sum(entry["score"] for entry in picture["top"]), 1, places=6)

    def test_a_model_with_more_classes_than_the_data_is_measured(self):
        self.write_network({"class_name": "Dense", "config": {"name": "classes", "units": 4, "activation": "softmax"}})
        self.train("a", "--epochs", "1")
        measured = json.loads(self.done("evaluate", "a", "--data", "./sides", "--json"))
        self.assertEqual([entry["name"] for entry in measured["classes"]], ["0", "1", "class 2", "class 3"])
        self.assertIn("class 3", self.done("evaluate", "a", "--data", "./sides", "-o", "confusion.svg"))

    def test_classes_that_no_training_picture_shows_are_told(self):
        self.write_network({"class_name": "Dense", "config": {"name": "classes", "units": 5, "activation": "softmax"}})
        self.write("sides/train-labels-idx1-ubyte", idx([4] + [i % 2 for i in range(119)], 120))
        result = self.train("a", "--epochs", "1")
        self.assertIn("5 classes, of which 2 have no training picture: 2, 3", (result.stdout + result.stderr).decode())
        measured = json.loads(self.done("evaluate", "a", "--data", "./sides", "--json"))
        self.assertEqual(len(measured["classes"]), 5)

    def test_classes_in_another_order_are_refused(self):
        self.write("sides/classes.txt", b"left\nright\n")
        self.train("a", "--epochs", "1")
        names = json.loads(self.done("evaluate", "a", "--data", "./sides", "--json"))["classes"]
        self.assertEqual([entry["name"] for entry in names], ["left", "right"])
        self.write("sides/classes.txt", b"right\nleft\n")
        self.refused("evaluate", "a", "--data", "./sides", says=["right", "class 1", "class 0"])
        self.write("sides/classes.txt", b"left\nelsewhere\n")
        measured = json.loads(self.done("evaluate", "a", "--data", "./sides", "--json"))
        self.assertIn("elsewhere", measured["remark"])
        self.assertIn("elsewhere", self.done("evaluate", "a", "--data", "./sides"))

    def test_snapshots_of_tensors_with_names_alike_are_files_of_their_own(self):
        layers = [LAYERS[0], {"class_name": "Conv2D", "config": {"name": "a/b", "filters": 4, "kernel_size": [3, 3]}},
                  {"class_name": "MaxPooling2D", "config": {"name": "a.b", "pool_size": [2, 2]}}, LAYERS[3], LAYERS[-1]]
        self.write("network.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "tiny", "layers": layers}}).encode())
        self.train("a", "--epochs", "1", "--snapshot", "a/b", "a.b", "--snapshot-every", "10")
        shapes = {path.name: read_npy(path.read_bytes())[0] for path in (self.folder / "a/snapshots").iterdir()}
        self.assertEqual(shapes, {f"{step}.{name}.npy": shape for step in ("000000", "000010")
                                  for name, shape in (("a.b", (8, 3, 3, 4)), ("a.b_2", (8, 6, 6, 4)))})

    def test_runs_are_listed_and_compared(self):
        self.train("runs/a", "--epochs", "2")
        self.train("runs/b", "--epochs", "1", "--seed", "5")
        listed = json.loads(self.done("runs", "list", "runs", "--json"))["runs"]
        self.assertEqual([(run["name"], run["epochs"], run["settings"]["seed"]) for run in listed],
                         [("a", 2, 1), ("b", 1, 5)])
        self.assertIn("finished", self.done("runs", "compare", "runs", "-o", "curves.svg"))
        self.assertIn("</svg>", (self.folder / "curves.svg").read_text())
        self.assertEqual(self.done("runs", "list", "sides"), "no runs\n")
        self.train("runs/c", "--epochs", "1", "--validation", "none")
        self.assertIn("curves of the training, since c had no validation\n",
                      self.done("runs", "compare", "runs", "-o", "curves.svg"))


    def test_a_run_that_was_killed_is_broken_off_and_shows_how_far_it_came(self):
        self.interrupted(signal.SIGKILL)
        self.assertEqual(json.loads(self.done("runs", "list", ".", "--json"))["runs"][0]["state"], "broken off")
        self.assertRegex(self.done("runs", "list", "."), r"(?m)^part .* \d+\.\d\d/1000000 .* broken off$|"
                                                         r"^part .* \d+/1000000 .* broken off$")

    def test_an_interrupted_first_epoch_counts(self):
        process = subprocess.Popen(
            [self.program, "train", "network.json", "--data", "./sides", "--out", "part", "--epochs", "5",
             "--batch-size", "1", "--checkpoint-steps", "1"], cwd=self.folder, stderr=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.addCleanup(process.kill)
        while not (self.folder / "part/checkpoint").exists() and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        run = json.loads(self.done("runs", "list", ".", "--json"))["runs"][0]
        self.assertEqual((run["state"], run["epochs"]), ("interrupted", 0))
        self.assertGreater(run["steps"], 0)
        self.assertGreater(run["seconds"], 0)
        self.assertIn(f"{run['steps'] / 120:.2f}/5", self.done("runs", "list", "."))
        self.refused("runs", "compare", ".", "-o", "none.svg", says=["compared by their epochs"])

    def test_two_processes_do_not_train_the_same_run(self):
        process = self.started()
        while not (self.folder / "part/checkpoint").exists() and process.poll() is None:
            time.sleep(0.001)
        self.assertIn("running", self.done("runs", "list", "."))
        second = self.run_program("train", "--resume", "part")
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"part: one training at a time goes on in a run folder; received one goes on, in process "
                      f"{process.pid}. wait until it ends", second.stderr.decode())
        process.kill()
        process.communicate(timeout=60)
        self.resumed_equals_whole()

    def test_odd_folders_among_the_runs_are_skipped_and_named(self):
        self.train("runs/a", "--epochs", "2")
        for name in ("foreign", "broken", "new"):
            (self.folder / "runs" / name).mkdir()
        self.write("runs/foreign/run.json", b'{"program": "another"}')
        self.write("runs/broken/run.json", b"{")
        (self.folder / "runs/loop").mkdir()
        (self.folder / "runs/loop/run.json").symlink_to("run.json")
        self.write("runs/new/run.json", self.bytes_of("runs/a/run.json"))
        listed = json.loads(self.done("runs", "list", "runs", "--json"))
        self.assertEqual([run["name"] for run in listed["runs"]], ["a", "new"])
        self.assertEqual([folder["name"] for folder in listed["skipped"]], ["broken", "foreign", "loop"])
        self.assertRegex(self.done("runs", "list", "runs"), "(?m)^skipped foreign: .*run.json")
        compared = self.done("runs", "compare", "runs", "-o", "curves.svg")
        self.assertRegex(compared, "(?m)^skipped new: .*checkpoint")
        self.assertIn("</svg>", (self.folder / "curves.svg").read_text())
        compared = json.loads(self.done("runs", "compare", "runs", "--json"))
        self.assertEqual([folder["name"] for folder in compared["skipped"]], ["broken", "foreign", "loop", "new"])
        self.assertEqual([epoch["epoch"] for epoch in compared["runs"][0]["history"]], [1, 2])
        self.assertIn("val_accuracy", compared["runs"][0]["history"][0])
        self.refused("runs", "compare", "runs/new", "-o", "none.svg", says=["compared by their epochs"])

    def test_a_folder_that_cannot_be_read_is_skipped_and_named(self):
        self.train("runs/a", "--epochs", "1")
        (self.folder / "runs/closed").mkdir(mode=0)
        as_reader = {}
        if os.geteuid() == 0:
            # Root reads every folder, so that another user must look; for whom the program may be out of reach.
            self.program = shutil.copy(self.program, self.folder / "program")
            self.folder.chmod(0o755)
            # Nor may that user read what a sanitizer is told of leaks.
            as_reader = {"user": 65534, "group": 65534, "extra_groups": [],
                         "env": dict(os.environ, LSAN_OPTIONS="detect_leaks=0")}
        listed = self.done("runs", "list", "runs", **as_reader)
        self.assertRegex(listed, "(?m)^skipped closed: cannot be read")
        self.assertRegex(listed, "(?m)^a ")


class BadTraining(TrainingTest):
    def test_mistakes_leave_no_folder(self):
        base = ("train", "network.json", "--data", "./sides", "--out", "run")
        self.refused("train", "networc.json", *base[2:], says=["networc.json"])
        self.refused("train", "fashion-cn", *base[2:], says=["fashion-cnn"])
        self.refused(*base, "--optimizer", "adan", says=["adam"])
        self.refused(*base, "--optimizer", "adam:beta_1=2", says=["beta_1"])
        self.refused(*base, "--schedule", "steps:3", says=["cosine:STEPS"])
        self.refused(*base, "--loss", "crossentropy", says=["convscope: loss: there are", "crossentropy"])
        self.refused(*base, "--loss", "huber:0", says=["loss: ", "huber:0"])
        self.refused(*base, "--loss", "hinge:2", says=["loss: ", "hinge:2"])
        self.refused(*base, "--from-logits", says=["classes", "--from-logits"])
        self.refused(*base, "--validation", "0.999", says=["validation"])
        self.refused("train", "network.json", "--data", "./none", "--out", "run", says=["none"])
        self.refused("train", "--resume", "sides", says=["run.json"])

    def test_scores_that_are_no_probabilities_are_refused(self):
        self.write_network({"class_name": "Dense", "config": {"name": "classes", "units": 2}})
        self.refused("train", "network.json", "--data", "./sides", "--out", "run", says=["classes", "--from-logits"])

    def test_a_folder_with_a_run_is_not_written_over(self):
        self.train("a", "--epochs", "1")
        self.refused("train", "network.json", "--data", "./sides", "--out", "a", says=["--resume"])

    def test_a_loss_that_is_not_finite_names_its_step_and_keeps_the_last_good_checkpoint(self):
        result = self.run_program("train", "network.json", "--data", "./sides", "--out", "a", "--batch-size", "8",
                                  "--optimizer", "sgd:learning_rate=1e30", "--checkpoint-steps", "1")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(messages(result.stderr).splitlines()[-1], r"^convscope: .*step \d+.*")
        self.assertTrue(self.run_json("a")["state"].startswith("failed"))

    def refused_as_usage(self, *arguments, says):
        before = sorted(self.folder.rglob("*"))
        result = self.run_program("train", *arguments)
        self.assertEqual(result.returncode, 2, (arguments, result.stderr))
        self.assertIn(says, messages(result.stderr))
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_a_run_goes_on_with_its_own_settings_alone(self):
        self.train("a", "--epochs", "2")
        for setting in (["network.json"], ["--data", "./sides"], ["--out", "b"], ["--seed", "2"], ["--batch-size", "8"],
                        ["--flip"], ["--snapshot", "conv", "--snapshot-every", "2"], ["--early-stopping", "3"]):
            self.refused_as_usage(*setting, "--resume", "a", says=setting[0] if setting[0] != "network.json" else "MODEL")
        self.refused("train", "--resume", "a", "--epochs", "1", says=["2 epochs", "1 epochs"])
        self.assertEqual(self.run_json("a")["settings"]["epochs"], 2)

    def test_settings_out_of_range_are_mistakes_of_usage(self):
        base = ("network.json", "--data", "./sides", "--out", "run")
        for option in ("--early-stopping", "--reduce-on-plateau", "--checkpoint-steps", "--warmup"):
            self.refused_as_usage(*base, option, "-1", says=option)
        self.refused_as_usage(*base, "--test-fraction", "1.5", says="--test-fraction")
        self.refused_as_usage(*base, "--seed", "-1", says="--seed: a whole number, at least 0; received -1")
        self.refused("train", *base, "--schedule", "step:0:0.5", says=["convscope: schedule: every_steps must be"])
        self.refused_as_usage(*base, "--snapshot-every", "3", says="--snapshot")

    def test_nothing_is_split_off_where_there_is_a_part_for_testing(self):
        self.refused("train", "network.json", "--data", "./sides", "--out", "run", "--test-fraction", "0.3",
                     says=["sides", "0.3"])
        self.refused("data", "show", "fashion-mnist-small", "--test-fraction", "0.3", says=["fashion-mnist-small"])

    def test_usage(self):
        for arguments in (["train"], ["train", "lenet"], ["train", "lenet", "--data", "mnist"], ["runs"],
                          ["train", "lenet", "--data", "mnist", "--out", "a", "--epochs", "0"],
                          ["predict", "lenet"], ["evaluate", "lenet"]):
            self.assertEqual(self.run_program(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
