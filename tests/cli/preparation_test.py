#!/usr/bin/env python3
"""How pictures are prepared for a model, what its classes are called, and that it still computes the same: told in its
file, beside it and by options. Usage: preparation_test.py PROGRAM DATA"""
import copy
import io
import json
import zipfile

from command_line import CommandLineTest, main, messages
from picture_files import npy, npz, pattern, png

NETWORK = {"class_name": "Sequential", "config": {"name": "small", "layers": [
    {"class_name": "InputLayer", "config": {"name": "picture", "batch_shape": [None, 6, 6, 3]}},
    {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], "activation": "relu"}},
    {"class_name": "Flatten", "config": {"name": "flat"}},
    {"class_name": "Dense", "config": {"name": "scores", "units": 3, "activation": "softmax"}}]}}
ASSUMED = "assumed: pictures are divided by 255"


def field(number, payload):
    """A protobuf field of bytes."""
    length, size = len(payload), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + payload


def metadata(key, value):
    return field(14, field(1, key.encode()) + field(2, value.encode()))


def without_note(keras):
    """A .keras file as another program would have written it: without what convscope tells in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(keras)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != "convscope.json":
                new.writestr(name, old.read(name))
    return out.getvalue()


class Preparation(CommandLineTest):
    def test_a_data_set_of_another_size_is_scaled_as_a_picture_is(self):
        grey = copy.deepcopy(NETWORK)
        grey["config"]["layers"][0]["config"]["batch_shape"] = [None, 32, 32, 1]
        grey["config"]["layers"][3]["config"]["units"] = 10
        self.write("grey.json", json.dumps(grey).encode())
        data = ["grey.json", "--data", self.few_clothes()]
        note = "scaled and cut from 28 x 28 to 32 x 32"
        self.assertIn(note, self.done("predict", *data, "--sample", "0"))
        for command in (["top", "--layer", "conv"], ["compare"], ["embed", "--method", "pca"], ["evaluate"]):
            with self.subTest(command):
                self.assertIn(note, self.done(command[0], *data, *command[1:]))
        # The same numbers, but for the rounding to 8 bits.
        low, high = (json.loads(self.done(*command, "--json"))["layers"][0] for command in (
            ["features", *data, "--sample", "0", "--layer", "conv"], ["compare", *data, "--layer", "conv", "--first", "1", "--channel", "0"]))
        self.assertEqual(high["shape"], [30, 30, 4])
        self.assertEqual(low["shape"], [1, 30, 30, 4])
        self.assertLessEqual(high["ranges"][0][1], low["largest"] + 9 * 0.5 / 255)

    def setUp(self):
        super().setUp()
        self.write("small.json", json.dumps(NETWORK).encode())
        self.done("convert", "small.json", "-o", "ours.onnx")
        # As if another program had written it: without the mark of ours nothing that it tells is taken over.
        ours = self.bytes_of("ours.onnx")
        self.assertIn(b"convscope.form", ours)
        self.write("model.onnx", ours.replace(b"convscope.form", b"otherprog.form"))

    def run_for(self, *arguments):
        """The object that is printed, and what is told beside it."""
        result = self.run_program(*arguments, "--json")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return json.loads(result.stdout), messages(result.stderr)

    def scores(self, *arguments, picture="colour.png"):
        told, remarks = self.run_for("predict", arguments[0], picture, *arguments[1:])
        return {entry["class"]: entry["score"] for entry in told["pictures"][0]["top"]}, told, remarks

    def test_what_is_assumed_is_told_once_on_standard_error_and_in_the_json(self):
        scores, told, remarks = self.scores("model.onnx")
        self.assertEqual(remarks.count(ASSUMED), 1, remarks)
        self.assertIn("--preset imagenet", remarks)
        self.assertEqual(len(told["assumed"]), 1)
        self.assertEqual(told["missing"], [])
        for preset, same in (("unit", True), ("raw", False), ("inception", False)):
            other, told, remarks = self.scores("model.onnx", "--preset", preset)
            self.assertEqual((other == scores, remarks, told["assumed"]), (same, "", []), preset)
        for command in (["features", "model.onnx", "colour.png"], ["explain", "model.onnx", "colour.png", "--at", "scores:0"],
                        ["attribute", "model.onnx", "colour.png", "--method", "saliency"]):
            told, remarks = self.run_for(*command)
            self.assertEqual(remarks.count(ASSUMED), 1, command)
            self.assertEqual(len(told["assumed"]), 1, command)
        # What shows no pictures assumes nothing of them.
        for command in (["graph", "model.onnx"], ["convert", "model.onnx", "-o", "again.onnx"]):
            told, remarks = self.run_for(*command)
            self.assertEqual((told["assumed"], remarks), ([], ""), command)

    def test_what_is_left_out_is_told_by_every_command(self):
        self.write("part.onnx", self.bytes_of("model.onnx").replace(b"Softmax", b"Softmux"))
        for command in (["features", "part.onnx", "colour.png"], ["graph", "part.onnx"], ["summary", "part.onnx"]):
            told, remarks = self.run_for(*command)
            self.assertEqual(remarks.count("left out: "), 1, command)
            self.assertIn("Softmux", remarks)
            self.assertEqual(len(told["missing"]), 1, command)
        result = self.run_program("convert", "part.onnx", "-o", "whole.onnx")
        self.assertEqual(result.returncode, 1)
        self.assertIn("as a whole", result.stderr.decode())

    def test_built_in_networks_and_files_of_ours_tell_it_themselves(self):
        self.assertEqual(self.scores("ours.onnx")[2], "")
        self.done("convert", "small.json", "-o", "ours.keras")
        self.assertEqual(self.scores("ours.keras")[2], "")

    def test_numbers_given_one_by_one_are_those_of_the_preset(self):
        preset = self.scores("model.onnx", "--preset", "imagenet-caffe")[0]
        same = self.scores("model.onnx", "--pixel-divisor", "1", "--channel-order", "bgr", "--pixel-mean",
                           "103.939,116.779,123.68")[0]
        self.assertEqual(preset, same)
        before = json.loads(self.done("predict", "model.onnx", "--preset", "unit", "--pixel-mean", "0.5", "colour.png",
                                      "--json"))
        self.assertEqual(len(before["pictures"]), 1)  # what stands behind a number is a picture
        over = self.scores("model.onnx", "--preset", "raw", "--pixel-divisor", "127.5", "--pixel-mean", "1")[0]
        self.assertEqual(over, self.scores("model.onnx", "--preset", "tf")[0])

    def test_a_mean_above_1_is_of_pixels_that_are_not_divided(self):
        means = ["--pixel-mean", "123.68,116.779,103.939"]
        raw = self.scores("model.onnx", "--pixel-divisor", "1", *means)
        self.assertEqual(raw[2], "")
        scores, told, remarks = self.scores("model.onnx", *means)
        self.assertEqual(scores, raw[0])
        self.assertEqual(remarks.count("assumed: pixels, 0 to 255, are not divided"), 1, remarks)
        self.assertEqual(len(told["assumed"]), 1)
        self.assertNotEqual(self.scores("model.onnx", "--pixel-divisor", "255", *means)[0], scores)
        # Told beside the model: the same, and a divisor that goes over it is what counts.
        self.write("model.convscope.json", b'{"mean": [123.68, 116.779, 103.939]}')
        again, _, remarks = self.scores("model.onnx")
        self.assertEqual(again, scores)
        self.assertIn("a mean above 1 (model.convscope.json)", remarks)
        self.assertIn("0 to 255 as they are, minus 123.68, 116.779, 103.939 (model.convscope.json)",
                      self.run_program("summary", "model.onnx").stdout.decode())
        self.assertEqual(self.scores("model.onnx", "--preset", "unit")[2], "")
        self.assertEqual(self.scores("ours.onnx", "--pixel-mean", "0.5")[2], "")

    def test_a_model_that_scales_its_pictures_is_fed_them_as_they_are(self):
        network = copy.deepcopy(NETWORK)
        network["config"]["layers"].insert(1, {"class_name": "Rescaling", "config": {"name": "own", "scale": 1 / 255}})
        self.write("scaling.json", json.dumps(network).encode())
        self.done("convert", "scaling.json", "-o", "scaling.keras")
        self.write("foreign.keras", without_note(self.bytes_of("scaling.keras")))
        self.done("convert", "scaling.json", "-o", "told.onnx")
        self.write("foreign.onnx", self.bytes_of("told.onnx").replace(b"convscope.form", b"otherprog.form"))
        # Neither layers alone nor the file that was made of them, nor what another program wrote, tells it.
        expected = self.scores("ours.onnx")[0]
        for model in ("foreign.keras", "foreign.onnx", "scaling.json", "scaling.keras", "told.onnx"):
            scores, told, remarks = self.scores(model)
            self.assertEqual(remarks.count("assumed: pictures are fed in as they are, 0 to 255, since the model scales "
                                           "them itself (own)"), 1, (model, remarks))
            self.assertEqual(len(told["assumed"]), 1)
            for c in range(3):
                self.assertAlmostEqual(scores[c], expected[c], 5, model)
            if model != "scaling.json":  # layers alone
                self.assertIn("0 to 255 as they are, as is assumed", self.run_program("summary", model).stdout.decode())
            # What is told wins.
            other, _, remarks = self.scores(model, "--preset", "unit")
            self.assertEqual(remarks, "")
            self.assertNotEqual(other, scores)

    def test_float_arrays_that_go_up_to_255_are_like_picture_files(self):
        numbers = [value for i in range(8) for row in pattern(8, 8) for value in row[i:] + row[:i]]
        labels = npy("|u1", (8,), [0, 1] * 4)
        layers = [{"class_name": "InputLayer", "config": {"name": "picture", "batch_shape": [None, 8, 8, 1]}},
                  {"class_name": "Flatten", "config": {"name": "flat"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 2, "activation": "softmax"}}]
        self.write("square.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "square", "layers": layers}}).encode())
        for name, descr, divisor in (("bytes", "|u1", 1), ("floats", "<f4", 1), ("parts", "<f4", 255)):
            values = [value / divisor - (5 if name == "parts" else 0) for value in numbers] if divisor > 1 else numbers
            self.write(name + ".npz", npz({"x": npy(descr, (8, 8, 8), values), "y": labels}))
        told = {}
        for name in ("bytes", "floats", "parts"):
            run = self.run_program("train", "square.json", "--data", f"./{name}.npz", "--epochs", "1", "--out", name)
            self.assertEqual(run.returncode, 0, run.stderr.decode())
            told[name] = run.stderr.decode()
        self.assertEqual(self.bytes_of("bytes/history.csv").decode().rsplit(",", 1)[0],
                         self.bytes_of("floats/history.csv").decode().rsplit(",", 1)[0])
        self.assertNotIn("assumed", told["bytes"])
        self.assertEqual(told["floats"].count("assumed: the pixels of floats are floats from 0 to 255: 255 is taken for "
                                              "white, as in picture files\n"), 1)
        self.assertIn("floats from -5 to -4", told["parts"])
        self.assertIn("used as they are, while those of picture files are 0 to 1", told["parts"])
        self.assertIn("255 is taken for white", json.loads(self.done("data", "show", "./floats.npz", "--json"))["assumed"])
        measured = self.run_program("evaluate", "floats", "--data", "./floats.npz")
        self.assertIn("255 is taken for white", measured.stderr.decode())

    def test_what_was_assumed_stays_an_assumption_in_the_files_that_are_written(self):
        self.done("convert", "model.onnx", "-o", "padded.onnx", "--fit", "pad")
        self.done("convert", "small.json", "-o", "small.keras")
        self.write("foreign.keras", without_note(self.bytes_of("small.keras")))
        self.assertEqual(self.scores("foreign.keras")[2].count(ASSUMED), 1)
        self.done("convert", "foreign.keras", "-o", "again.keras", "--fit", "pad")
        self.done("convert", "again.keras", "-o", "third.onnx")
        for file in ("padded.onnx", "again.keras", "third.onnx"):
            scores, told, remarks = self.scores(file)
            self.assertEqual(remarks.count(ASSUMED), 1, file)
            self.assertEqual(told["pictures"][0]["note"], "scaled and padded from 12 x 17 to 6 x 6", file)
            pictures = json.loads(self.done("summary", file, "--json"))["pictures"]
            self.assertEqual((pictures["assumed"], pictures["fit"]), (True, "pad"), file)
        self.done("convert", "again.keras", "-o", "told.keras", "--preset", "unit")
        self.assertEqual(self.scores("told.keras")[2], "")

    def test_pictures_of_a_folder_are_prepared_as_picture_files_are(self):
        for c in range(3):
            (self.folder / f"wild/{c}").mkdir(parents=True)
            for i in range(2):  # each of another size
                rows, columns = 9 + c, 13 + 5 * i
                self.write(f"wild/{c}/{i}.png", png([[(x * (c + 2) * 7 + y * 31) % 256 for x in range(3 * columns)]
                                                     for y in range(rows)], colour_type=2))
        # Each way of fitting is another picture for the network, and evaluate asks for it as predict does.
        ways = ([], ["--fit", "stretch"], ["--fit", "pad"], ["--crop", "0.5"])
        scores, losses = set(), set()
        for way in ways:
            told = self.run_for("predict", "ours.onnx", "--data", "wild", "--test-fraction", "0.99", "--part", "test",
                                "--sample", "0", *way)[0]
            self.assertIn("wild test 0", told["pictures"][0]["source"])
            scores.add(tuple(sorted((entry["class"], entry["score"]) for entry in told["pictures"][0]["top"])))
            losses.add(self.run_for("evaluate", "ours.onnx", "--data", "wild", *way)[0]["loss"])
        self.assertEqual((len(scores), len(losses)), (len(ways), len(ways)))
        # The same numbers but for the 8 bits that pictures of a data set have.
        (self.folder / "split/train/a").mkdir(parents=True)
        (self.folder / "split/test/a").mkdir(parents=True)
        for part in ("train", "test"):
            self.write(f"split/{part}/a/1.png", self.bytes_of("colour.png"))
        for options in ([], ["--fit", "stretch"], ["--fit", "pad"], ["--crop", "0.5"], ["--preset", "imagenet"]):
            of_file = self.scores("ours.onnx", *options)[0]
            told = json.loads(self.done("predict", "ours.onnx", "--data", "split", "--sample", "0", *options, "--json"))
            for entry in told["pictures"][0]["top"]:
                self.assertAlmostEqual(entry["score"], of_file[entry["class"]], 2, options)

    def test_a_file_of_another_program_that_cannot_be_understood_shuts_no_model(self):
        plain = self.scores("model.onnx")[0]
        for name, text in (("preprocessor_config.json", b"{"), ("preprocessor_config.json", b'{"image_mean": "x"}'),
                           ("preprocessor_config.json", b'{"image_mean": [0.1, 0.2]}'),
                           ("config.json", b'{"id2label": {"zero": "cat"}}')):
            self.write(name, text)
            scores, told, remarks = self.scores("model.onnx")
            self.assertEqual(scores, plain, text)
            self.assertEqual(remarks.count("passed over"), 1, remarks)
            self.assertIn(name, remarks)
            self.assertEqual(remarks.count(ASSUMED), 1, remarks)
            self.assertEqual(len(told["assumed"]), 2)
            (self.folder / name).unlink()
        self.write("config.json", b'{"id2label": {"0": "cat", "1": "dog"}}')
        scores, told, remarks = self.scores("model.onnx")
        self.assertIn("config.json names 2 classes, of which the model has 3: the names are passed over", remarks)
        self.assertEqual(scores, plain)
        (self.folder / "config.json").unlink()
        # What is passed over has no means that could be of pixels from 0 to 255.
        self.write("preprocessor_config.json", b'{"image_mean": [123, 116]}')
        scores, told, remarks = self.scores("model.onnx")
        self.assertEqual((scores, remarks.count("not divided"), remarks.count(ASSUMED)), (plain, 0, 1), remarks)
        self.write("preprocessor_config.json", b'{"image_mean": 0.5, "image_std": 0.5, "size": 6, "resample": 3}')
        self.assertIn("bicubic", self.scores("model.onnx")[2])

    def test_blue_first_is_the_picture_with_its_channels_turned_around(self):
        pixels = [[(value * 7 + x * 3) % 256 for x, value in enumerate(row)] for row in pattern(6, 18)]
        turned = [[row[3 * (x // 3) + 2 - x % 3] for x in range(len(row))] for row in pixels]
        self.write("rgb.png", png(pixels, colour_type=2))
        self.write("bgr.png", png(turned, colour_type=2))
        blue_first = self.scores("model.onnx", "--channel-order", "bgr", picture="rgb.png")[0]
        self.assertEqual(blue_first, self.scores("model.onnx", picture="bgr.png")[0])
        self.assertNotEqual(blue_first, self.scores("model.onnx", picture="rgb.png")[0])

    def test_a_picture_of_another_size_is_made_to_fit_as_told(self):
        notes = {fit: self.scores("model.onnx", "--fit", fit)[1]["pictures"][0]["note"]
                 for fit in ("cover", "stretch", "pad")}
        self.assertEqual(notes, {"cover": "scaled and cut from 12 x 17 to 6 x 6",
                                 "stretch": "stretched from 12 x 17 to 6 x 6",
                                 "pad": "scaled and padded from 12 x 17 to 6 x 6"})
        whole = self.scores("model.onnx")[0]
        self.assertNotEqual(whole, self.scores("model.onnx", "--crop", "0.5")[0])

    def test_it_travels_into_the_files_that_are_written(self):
        options = ["--preset", "imagenet-caffe", "--fit", "pad", "--class-names", "names.txt"]
        self.write("names.txt", b"cat\ndog\nfox\n")
        expected, told, _ = self.scores("model.onnx", *options)
        self.assertEqual({entry["name"] for entry in told["pictures"][0]["top"]}, {"cat", "dog", "fox"})
        self.done("convert", "model.onnx", "-o", "told.onnx", *options)
        self.done("convert", "small.json", "-o", "told.keras", *options)
        for file in ("told.onnx", "told.keras"):
            scores, again, remarks = self.scores(file)
            self.assertEqual((scores, remarks), (expected, ""), file)
            self.assertEqual(again["pictures"][0]["top"], told["pictures"][0]["top"], file)
            summary = json.loads(self.done("summary", file, "--json"))
            self.assertEqual(summary["class_names"], ["cat", "dog", "fox"])
            self.assertEqual((summary["pictures"]["channels"], summary["pictures"]["fit"]), ("bgr", "pad"))
            text = self.done("summary", file)
            self.assertIn("Pictures: blue first, 0 to 255 as they are, minus 103.939, 116.779, 123.68; padded", text)
            self.assertIn("Classes: 3: cat, dog, fox", text)

    def test_options_go_over_a_side_file_and_that_over_metadata(self):
        raw = self.scores("model.onnx", "--preset", "raw")[0]
        signed = self.scores("model.onnx", "--preset", "tf")[0]
        unit = self.scores("model.onnx", "--preset", "unit")[0]
        told = self.bytes_of("model.onnx") + metadata("Image.NominalPixelRange", "NominalRange_0_255")
        self.write("model.onnx", told)
        self.assertEqual(self.scores("model.onnx")[::2], (raw, ""))
        self.write("model.convscope.json", b'{"preset": "tf"}')
        self.assertEqual(self.scores("model.onnx")[::2], (signed, ""))
        self.assertEqual(self.scores("model.onnx", "--preset", "unit")[::2], (unit, ""))
        summary = json.loads(self.done("summary", "model.onnx", "--json"))
        self.assertEqual(summary["pictures"]["source"], "model.convscope.json")
        self.write("model.convscope.json", b'{"presets": "tf"}')
        self.refused("predict", "model.onnx", "colour.png", says=["model.convscope.json", "preset, size", '"presets"'])

    def test_the_files_of_hugging_face_are_understood(self):
        self.write("config.json", b'{"id2label": {"0": "cat", "1": "dog", "2": "fox"}}')
        self.write("preprocessor_config.json", b'{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": 6}')
        scores, told, remarks = self.scores("model.onnx")
        self.assertEqual(remarks, "")
        self.assertEqual({entry["name"] for entry in told["pictures"][0]["top"]}, {"cat", "dog", "fox"})
        self.assertEqual(told["pictures"][0]["note"], "stretched from 12 x 17 to 6 x 6")
        same = self.scores("ours.onnx", "--preset", "tf", "--fit", "stretch")[0]
        for c in range(3):
            self.assertAlmostEqual(scores[c], same[c], 5)

    def test_names_in_the_metadata_of_other_programs_are_read(self):
        self.write("yolo.onnx", self.bytes_of("model.onnx") + metadata("author", "Ultralytics") +
                   metadata("task", "classify") + metadata("names", "{0: 'cat', 1: \"dog's\", 2: 'fox'}"))
        _, told, remarks = self.scores("yolo.onnx")
        self.assertEqual(remarks, "")
        self.assertEqual({entry["name"] for entry in told["pictures"][0]["top"]}, {"cat", "dog's", "fox"})

    def test_what_does_not_fit_is_refused(self):
        predict = ["predict", "model.onnx", "colour.png"]
        self.write("two.txt", b"cat\ndog\n")
        self.refused(*predict, "--class-names", "two.txt", says=["two.txt", "3 classes", "2 names"])
        self.refused(*predict, "--preset", "imagnet", says=["--preset", "imagenet-caffe", "did you mean imagenet"])
        self.refused(*predict, "--pixel-mean", "1,2", says=["one for each channel", "have 3", "received 2"])
        self.refused(*predict, "--pixel-deviation", "0", says=["deviation", "above 0"])
        self.refused(*predict, "--crop", "1.5", says=["at most 1", "1.5"])
        self.refused(*predict, "--input-size", "7", says=["--input-size", "7 x 7"])
        result = self.run_program(*predict, "--channel-order", "gbr")
        self.assertEqual(result.returncode, 2)

    def test_that_weights_are_untrained_or_of_another_file_is_told(self):
        self.done("convert", "small.json", "-o", "start.keras")
        self.done("convert", "small.json", "-o", "start.safetensors")
        for model in (["start.keras"], ["small.json", "--weights", "start.safetensors"],
                      ["ours.onnx", "--weights", "start.safetensors"]):
            self.assertFalse(self.scores(*model)[1]["trained"], model)
        told = self.scores("small.json", "--weights", "start.safetensors")[1]
        self.assertEqual(told["model"], "small with start.safetensors")
        report = json.loads(self.done("convert", "small.json", "--weights", "start.safetensors", "-o", "x.onnx", "--json"))
        self.assertEqual(report["model"], "small")

    def test_more_commands_take_weights(self):
        self.done("convert", "small.json", "-o", "start.npz")
        summary = json.loads(self.done("summary", "small.json", "--weights", "start.npz", "--json"))
        self.assertEqual((summary["name"], summary["trained"]), ("small with start.npz", True))
        self.done("graph", "small.json", "--weights", "start.npz", "-o", "graph.svg")
        self.assertIn("start.npz", self.bytes_of("graph.svg").decode())
        told = json.loads(self.done("diff", "ours.onnx", "ours.onnx", "--weights-b", "start.npz", "--json"))
        self.assertEqual(told["b"], "ours.onnx with start.npz")

    def test_an_example_travels_with_a_model_and_tells_whether_it_computes_the_same(self):
        self.write("x.npy", npy("<f4", (2, 6, 6, 3), [(i * 29 % 100) / 50 - 1 for i in range(216)]))
        self.refused("infer", "ours.onnx", "--check", says=["without one", "--example"])
        for example in ("x.npy", "colour.png"):
            report = json.loads(self.done("convert", "ours.onnx", "-o", "checked.onnx", "--example", example, "--json"))
            self.assertTrue(report["example"])
            told = json.loads(self.done("infer", "checked.onnx", "--check", "--json"))
            self.assertTrue(told["same"])
            [output] = told["outputs"]
            self.assertLess(output["difference"], 1e-6)
            self.assertGreater(output["largest"], 0.3)
        self.assertIn("same", self.done("infer", "checked.onnx", "--check"))
        for example, told in (("x.npy", 0), ("colour.png", 1)):
            result = self.run_program("convert", "model.onnx", "-o", "checked.onnx", "--example", example)
            self.assertEqual(result.stderr.decode().count(ASSUMED), told, example)
        # It stays with the model, and is made again where the weights are others.
        self.done("convert", "checked.onnx", "-o", "again.onnx")
        self.done("infer", "again.onnx", "--check")
        self.done("convert", "fashion-cnn", "-o", "other.safetensors")
        trained = self.run_program("train", "small.json", "--data", self.pictures(), "--epochs", "1", "--out", "run",
                                   "--validation", "none")
        self.assertEqual(trained.returncode, 0, trained.stderr.decode())
        self.done("convert", "run", "-o", "trained.npz")
        # A training may begin with them, and where it does not move them they are what it ends with.
        still = self.run_program("train", "small.json", "--weights", "trained.npz", "--data", "photos", "--epochs", "1",
                                 "--optimizer", "sgd:learning_rate=1e-30", "--out", "same", "--validation", "none")
        self.assertEqual(still.returncode, 0, still.stderr.decode())
        self.assertEqual(self.scores("same")[0], self.scores("run")[0])
        result = self.run_program("infer", "checked.onnx", "--check", "--weights", "trained.npz", "--json")
        self.assertEqual(result.returncode, 1, result.stderr.decode())
        self.assertFalse(json.loads(result.stdout)["same"])
        self.done("convert", "checked.onnx", "--weights", "trained.npz", "-o", "moved.onnx")
        self.done("infer", "moved.onnx", "--check")

    def pictures(self):
        """Three folders of pictures."""
        for c in range(3):
            (self.folder / f"photos/{c}").mkdir(parents=True)
            for i in range(6):
                self.write(f"photos/{c}/{i}.png", png([[(x * c * 30 + y * 17 + i * 5) % 256 for x in range(18)]
                                                       for y in range(6)], colour_type=2))
        return "photos"


if __name__ == "__main__":
    main()
