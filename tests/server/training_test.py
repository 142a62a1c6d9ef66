#!/usr/bin/env python3
"""convscope serve trains: what it does, and what it refuses. Usage: training_test.py PROGRAM ROOT"""
import http.client
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import serve_test
from serve_test import Server

PROGRAM = ROOT = None
SMALL = [{"class_name": "Conv2D", "config": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
         {"class_name": "MaxPooling2D", "config": {"pool_size": 4}}, {"class_name": "Flatten"},
         {"class_name": "Dense", "config": {"units": 10, "activation": "softmax"}}]
SETTINGS = {"model": "small", "data": "fashion-mnist-small", "epochs": 1, "batch_size": 64}


def report(content):
    """What a safetensors file tells, and its tensors' shapes."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    told = header.pop("__metadata__")
    return json.loads(told.get("report", "null")), {name: entry["shape"] for name, entry in header.items()}


class TrainingTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.runs = self.folder / "runs"
        self.server = Server("--runs", str(self.runs))

    def tearDown(self):
        if self.server.process.poll() is None:
            self.server.stop()
        shutil.rmtree(self.folder)

    def ask(self, path, body=None):
        return self.server.ask("GET" if body is None else "POST", path, body)

    def start(self, run="one", layers=SMALL, **settings):
        return self.ask("/api/train/start", {"run": run, "settings": {**SETTINGS, **settings}, "layers": layers})

    def state(self):
        return report(self.ask("/api/train")[1])[0]

    def wait(self, *states, steps=0):
        for _ in range(600):
            state = self.state()
            if state["state"] in states and state.get("step", 0) >= steps:
                return state
            time.sleep(0.05)
        self.fail(f"it is {state}")

    def refused(self, status, path, body, says):
        got, answer = self.ask(path, body)
        self.assertEqual(got, status, answer)
        self.assertEqual(set(answer["error"]), {"where", "rule", "received", "fix"})
        self.assertIn(says, json.dumps(answer["error"]))


class Trains(TrainingTest):
    def test_a_run_is_that_of_the_command_line(self):
        self.assertEqual({**self.state(), "number": 0}, {"number": 0, "state": "idle", "run": ""})
        self.assertEqual(self.ask("/api/runs")[1]["runs"], [])
        self.assertEqual(self.start(), (200, {}))
        end = self.wait("finished")
        self.assertEqual(end["step"], 157)
        command = [PROGRAM, "train", self.runs / "one/network.json", "--data", "fashion-mnist-small", "--epochs", "1",
                   "--batch-size", "64", "--out", self.folder / "same", "--json"]
        same = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        self.assertEqual((end["test_loss"], end["test_accuracy"]), (same["test_loss"], same["test_accuracy"]))
        evaluated = self.ask("/api/runs/evaluate", {"run": "one"})[1]
        self.assertEqual(evaluated["accuracy"], same["test_accuracy"])
        run = self.ask("/api/runs")[1]["runs"][0]
        self.assertEqual((run["name"], run["state"], run["parameters"]), ("one", "finished", 1490))
        _, shapes = report(self.ask("/api/runs/curves", {"runs": ["one"]})[1])
        self.assertEqual(shapes, {"0/loss": [157], "0/accuracy": [157]})

    def test_it_pauses_steps_goes_on_and_stops_and_a_look_shows_it(self):
        self.start(epochs=50, snapshots=["parameters"], snapshot_every=10)
        self.wait("running", steps=3)
        self.assertEqual(self.ask("/api/runs/curves", {"runs": ["one"]})[0], 200)  # without a checkpoint yet
        self.refused(409, "/api/train/start", {"run": "two", "settings": SETTINGS, "layers": SMALL}, "one goes on")
        self.refused(409, "/api/train/resume", {"run": "one"}, "one goes on")
        self.assertFalse((self.runs / "two").exists())
        self.ask("/api/train/steer", {"do": "pause"})
        step = self.wait("paused")["step"]
        self.ask("/api/train/look", {"run": "one"})
        time.sleep(0.2)
        self.assertEqual(self.state()["step"], step)
        look, shapes = report(self.ask("/api/train/look", {"run": "one"})[1])
        self.assertEqual((look["step"], shapes["kernel"], shapes["maps"]), (step, [3, 3, 1, 4], [26, 26, 4]))
        self.ask("/api/train/steer", {"do": "step"})
        self.wait("paused", steps=step + 1)
        self.assertEqual(self.state()["step"], step + 1)
        look, shapes = report(self.ask("/api/train/look", {"run": "one"})[1])
        self.assertEqual((look["step"], shapes["gradient"]), (step + 1, [3, 3, 1, 4]))
        self.ask("/api/train/steer", {"do": "continue"})
        self.wait("running", steps=step + 25)
        # A layer without filters has maps alone.
        for layer in ("conv2d", "max_pooling2d", "conv2d"):
            look, shapes = report(self.ask("/api/train/look", {"run": "one", "layer": layer})[1])
            self.assertEqual("kernel" in shapes, layer == "conv2d")
            self.assertEqual(set(shapes) - {"kernel", "gradient"}, {"picture", "maps", "scores"})
        self.ask("/api/train/steer", {"do": "stop"})
        self.wait("interrupted")
        look, _ = report(self.ask("/api/train/look", {"run": "one", "step": 11})[1])
        self.assertEqual((look["step"], look["snapshots"][:3]), (11, [1, 11, 21]))
        self.refused(400, "/api/train/look", {"run": "one", "step": 10}, "kept")
        self.refused(409, "/api/train/steer", {"do": "pause"}, "no training")

    def test_what_is_interrupted_by_ctrl_c_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.start(str(number.name), epochs=3)
            self.wait("running", steps=20)
            self.ask("/api/train/steer", {"do": "pause"})  # also where it waits
            done = self.wait("paused")["step"]
            self.assertEqual(self.server.stop(number), 0)
            self.assertEqual(self.server.errors, "")
            self.server = Server("--runs", str(self.runs))
            run = next(run for run in self.ask("/api/runs")[1]["runs"] if run["name"] == number.name)
            self.assertEqual(run["state"], "interrupted")
            self.assertEqual(self.ask("/api/train/resume", {"run": number.name}), (200, {}))
            state = self.wait("running", "finished", steps=done + 1)
            self.assertEqual(state["began"], done)
            self.ask("/api/train/steer", {"do": "stop"})
            self.wait("interrupted", "finished")

    def test_it_is_told_as_events_and_no_listener_matters(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("GET", "/api/events")
        stream = connection.getresponse()
        self.assertEqual(stream.headers["Content-Type"], "text/event-stream")
        self.start(epochs=4)
        losses, times = {}, []
        for line in stream:
            if not line.startswith(b"data: "):
                continue
            event = json.loads(line[6:])
            losses.update(enumerate(event["loss"], event["first"]))
            if event["state"] == "running":
                times.append(time.monotonic())
            if event["state"] == "finished":
                break
        self.assertEqual(sorted(losses), list(range(event["step"])))
        # Twice a second, and at the ends of epochs, at the beginning and after the pauses.
        self.assertLess(len(times), 2 * (times[-1] - times[0]) + 8)
        # Who goes away without a word.
        connection.close()
        self.start("two", epochs=1)
        self.assertEqual(self.wait("finished")["run"], "two")


class Refuses(TrainingTest):
    def test_names_that_lead_elsewhere(self):
        outside = self.folder / "outside"
        outside.mkdir()
        self.runs.mkdir()
        (self.runs / "link").symlink_to(outside)
        names = ("", ".", "..", "../outside", "/tmp/x", "a/b", "a\\b", "-x", ".x", "x" * 65, "a\0b", "link", "\u00e9")
        for name in names:
            self.refused(400, "/api/train/start", {"run": name, "settings": SETTINGS, "layers": SMALL}, "name")
            for path in ("/api/train/resume", "/api/train/look", "/api/runs/evaluate"):
                self.refused(400, path, {"run": name}, "name")
            self.refused(400, "/api/runs/curves", {"runs": [name]}, "name")
        self.assertEqual((list(outside.iterdir()), list(self.runs.iterdir())), ([], [self.runs / "link"]))
        self.refused(400, "/api/train/resume", {"run": "none"}, "/api/runs")

    def test_files_and_mistakes_as_settings(self):
        wrong = [({"data": "/etc"}, "choices"), ({"data": "../data"}, "choices"), ({"weights": "/etc/passwd"}, "members"),
                 ({"data_folder": "/tmp"}, "members"), ({"epochs": 0}, "epochs"), ({"batch_size": 0}, "batch_size"),
                 ({"epochs": "two"}, "settings"), ({"optimizer": "sdg"}, "sgd"), ({"schedule": "step:1"}, "schedule"),
                 ({"loss": "none"}, "loss"), ({"shift": 7}, "shift"), ({"snapshots": ["../x"]}, "../x"),
                 ({"snapshots": ["parameters"], "snapshot_every": 0}, "snapshot_every"), ({"validation": "1"}, "validation"),
                 ({"seed": "x"}, "settings")]
        for settings, says in wrong:
            body = {"run": "one", "settings": {**SETTINGS, **settings}, "layers": SMALL}
            self.refused(400, "/api/train/start", body, says)
            self.assertFalse((self.runs / "one").exists(), settings)
        for model in ("/etc/passwd", "fashion-cn", "runs/one", ""):
            self.refused(400, "/api/train/start", {"run": "one", "settings": {**SETTINGS, "model": model}}, "network")
        self.refused(400, "/api/train/start", {"run": "one"}, "settings")
        self.refused(400, "/api/train/steer", {"do": "jump"}, "pause")
        wide = [{"class_name": "Conv2D", "config": {"filters": 4096, "kernel_size": 3}}, *SMALL]
        for batch in (5000, 1 << 62):
            body = {"run": "one", "settings": {**SETTINGS, "batch_size": batch}, "layers": wide}
            self.refused(400, "/api/train/start", body, "GiB")
        self.assertEqual(self.state()["state"], "idle")  # nothing has begun

    def test_a_folder_of_something_else_is_left_alone(self):
        mine = self.runs / "mine"
        mine.mkdir(parents=True)
        for name in ("network.json", "model.onnx"):
            (mine / name).write_text("my own")
        for shift in (0, 7):
            body = {"run": "mine", "settings": {**SETTINGS, "shift": shift}, "layers": SMALL}
            self.refused(400, "/api/train/start", body, "")
        self.assertEqual({file.name: file.read_text() for file in mine.iterdir()},
                         {"network.json": "my own", "model.onnx": "my own"})

    def test_layers_are_checked_as_they_are_typed(self):
        def check(layers, **more):
            status, answer = self.ask("/api/train/check", {"data": "fashion-mnist-small", "layers": layers, **more})
            self.assertEqual(status, 200, answer)
            return answer
        self.assertEqual([layer["output"] for layer in check(SMALL)["layers"]], [[26, 26, 4], [6, 6, 4], [144], [10]])
        for layer, says in (({"class_name": "Danse"}, "Dense"), ({"class_name": "Conv2D"}, "filters"), (3, ""),
                            ({"class_name": "Conv2D", "config": {"filters": 8, "kernel_size": 99}}, "fit"),
                            ({"class_name": "Dense", "config": {"units": 1 << 62}}, ""),
                            ({"class_name": "Dense", "config": {"unit": 3}}, "units")):
            answer = check([SMALL[0], layer])
            self.assertEqual((answer["wrong"]["layer"], len(answer["layers"])), (1, 1))
            self.assertIn(says, json.dumps(answer["wrong"]))
        self.assertEqual(check(SMALL[:3])["wrong"]["layer"], 2)
        self.refused(400, "/api/train/check", {"data": "fashion-mnist-small", "layers": {}}, "list")
        self.refused(400, "/api/train/check", {"data": "/etc", "layers": SMALL}, "choices")
        self.refused(400, "/api/train/start", {"run": "one", "settings": SETTINGS, "layers": SMALL[:3]}, "one score")
        built_in = self.ask("/api/train/check", {"data": "fashion-mnist-small", "model": "fashion-cnn"})[1]
        self.assertEqual((built_in["parameters"], len(built_in["text"])), (243786, 7))

    def test_a_name_that_is_taken(self):
        self.start()
        self.wait("finished")
        for layers in ({"layers": SMALL}, {}):
            settings = {**SETTINGS, "model": "lenet"}
            self.refused(400, "/api/train/start", {"run": "one", "settings": settings, **layers}, "one")
        self.assertEqual(self.ask("/api/runs")[1]["runs"][0]["state"], "finished")

    def test_a_run_of_data_that_have_a_path(self):
        self.start()
        self.wait("finished")
        record = self.runs / "one/run.json"
        record.write_text(record.read_text().replace('"fashion-mnist-small"', '"/tmp/pictures"'))
        for path in ("/api/train/look", "/api/train/resume", "/api/runs/evaluate"):
            self.refused(400, path, {"run": "one"}, "data set")


if __name__ == "__main__":
    PROGRAM = serve_test.PROGRAM = sys.argv.pop(1)
    ROOT = serve_test.ROOT = pathlib.Path(sys.argv.pop(1))
    unittest.main()
