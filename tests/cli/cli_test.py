#!/usr/bin/env python3
"""The command line as a user runs it. Usage: cli_test.py PROGRAM DATA"""
import json
import os
import pathlib
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from picture_files import pattern, png, read_npy

PROGRAM = DATA = None


def full_disk(most_bytes):
    """Makes files that would grow past `most_bytes` fail as on a full disk, once the signal is out of the way."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def messages(stderr):
    """Standard error without progress, which appears wherever the machine is slow."""
    return re.sub(r"(?m)^.* \d+ %\n", "", stderr.decode())


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("grey.png", png(pattern(12, 17)))
        self.write("colour.png", png([[(value * 7 + x) % 256 for x, value in enumerate(row * 3)]
                                      for row in pattern(12, 17)], colour_type=2))

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return name

    def run_program(self, *arguments, **options):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, timeout=60, **options)

    def done(self, *arguments, **options):
        """Standard output of a run that must succeed."""
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(messages(result.stderr), "")
        return result.stdout.decode()

    def refused(self, *arguments, says=(), **options):
        """The one line that a run which must fail leaves, and that it leaves no file."""
        before = sorted(self.folder.rglob("*"))
        result = self.run_program(*arguments, **options)
        line = messages(result.stderr)
        self.assertEqual(result.returncode, 1, line)
        self.assertTrue(line.startswith("convscope: "), line)
        self.assertEqual(line.count("\n"), 1, line)
        for word in says:
            self.assertIn(word, line)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def shapes(self, *arguments):
        report = json.loads(self.done("filter", *arguments, "--json"))
        return {tensor["name"]: tuple(tensor["shape"]) for tensor in report["pictures"][0]["tensors"]}


class AskingForHelp(CommandLineTest):
    def test_the_version_is_one_line(self):
        self.assertRegex(self.done("--version"), r"^convscope \d+\.\d+\.\d+\n$")

    def test_help_on_every_command_has_an_example(self):
        for command in ([], ["filter"], ["kernels"], ["demo"]):
            self.assertRegex(self.done(*command, "--help"), r"Examples?:\n\s+convscope ")

    def test_help_names_every_activation(self):
        text = " ".join(self.done("filter", "--help").split())
        self.assertIn("linear, relu, relu6, leaky_relu, elu, selu, sigmoid, hard_sigmoid, tanh, softplus, softsign, "
                      "swish, gelu, mish, exponential, softmax", text)

    def test_help_tells_how_pictures_and_kernels_are_read(self):
        text = " ".join(self.done("filter", "--help").split())
        for words in ("transparent laid over white", "(R,S), (R,S,C) or (R,S,C,F): rows, columns, channels, filters",
                      "padded same where the convolution is, else not at all"):
            self.assertIn(words, text)

    def test_a_command_line_that_makes_no_sense_exits_with_2(self):
        for arguments in ([], ["filte"], ["filter"], ["filter", "grey.png"], ["filter", "grey.png", "-k", "edge", "--no"],
                          ["filter", "grey.png", "-k"], ["filter", "grey.png", "-k", "edge", "--json", "--show"],
                          ["filter", "grey.png", "-k", "edge", "--scale", "much"],
                          ["filter", "colour.png", "-k", "edge", "--as-rgb"],
                          ["filter", "colour.png", "-k", "edge", "--as-rgb", "--json"],
                          ["kernels", "edge", "--no"]):
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertNotEqual(result.stderr, b"", arguments)
            self.assertEqual(result.stdout, b"", arguments)


class Filtering(CommandLineTest):
    def test_the_shapes_of_the_notebooks_hold(self):
        self.write("photo.png", png(pattern(375, 500)))
        self.assertEqual(self.shapes("photo.png", "-k", "edge")["conv"], (1, 373, 498, 1))
        self.assertEqual(self.shapes("photo.png", "-k", "emboss", "--stride", "2")["conv"], (1, 187, 249, 1))
        bank = [word for seed in range(15) for word in ("-k", f"random:size=4,seed={seed}")]
        shapes = self.shapes("photo.png", *bank, "--bias", "0.5")
        self.assertEqual((shapes["kernel"], shapes["bias"]), ((4, 4, 1, 15), (15,)))
        self.write("kitten.png", png(pattern(134, 240)))
        shapes = self.shapes("kitten.png", "-k", "sharpen", "--stride", "3", "--padding", "same", "--activation",
                             "sigmoid", "--pool", "max:3:3", "--pool", "average:3:3", "--scale", "256")
        self.assertEqual(shapes["input"], (1, 134, 240, 1))
        self.assertEqual([shapes[name] for name in ("conv", "activation")], [(1, 45, 80, 1)] * 2)
        self.assertEqual([shapes[name] for name in ("max_pool", "average_pool")], [(1, 15, 27, 1)] * 2)
        self.write("digit.png", png(pattern(28, 28)))
        self.assertEqual(self.shapes("digit.png", "-k", "box:5")["conv"], (1, 24, 24, 1))
        self.assertEqual(self.shapes("digit.png", "-k", "box:5", "--padding", "same")["conv"], (1, 28, 28, 1))

    def test_saved_numbers_are_those_of_the_formula(self):
        self.done("filter", "grey.png", "-k", "[[1,2,3],[4,5,6],[-7,8,9]]", "--stride", "2,1", "--padding", "0,1,1,0",
                  "--bias", "0.5", "--activation", "relu", "--pool", "max:2", "--pool", "average:2x3:1", "--save", "out")
        self.assertEqual({path.name for path in (self.folder / "out").iterdir()},
                         {name + ".npy" for name in ("input", "kernel", "bias", "conv", "activation", "max_pool",
                                                     "average_pool")})
        tensors = {path.stem: read_npy(path.read_bytes()) for path in (self.folder / "out").iterdir()}
        pixels = pattern(12, 17)
        self.assertEqual(tensors["input"][0], (1, 12, 17, 1))
        for value, byte in zip(tensors["input"][1], sum(pixels, [])):
            self.assertAlmostEqual(value, byte / 255, places=6)
        kernel = [1, 2, 3, 4, 5, 6, -7, 8, 9]
        self.assertEqual(tensors["kernel"], ((3, 3, 1, 1), tuple(map(float, kernel))))

        def pixel(y, x):
            return pixels[y][x] / 255 if 0 <= y < 12 and 0 <= x < 17 else 0

        conv = [[0.5 + sum(kernel[3 * r + s] * pixel(2 * y + r, x + s - 1) for r in range(3) for s in range(3))
                 for x in range(16)] for y in range(6)]
        self.assertEqual(tensors["conv"][0], (1, 6, 16, 1))
        for value, expected in zip(tensors["conv"][1], sum(conv, [])):
            self.assertAlmostEqual(value, expected, places=4)
        relu = [[max(value, 0) for value in row] for row in conv]
        for value, expected in zip(tensors["activation"][1], sum(relu, [])):
            self.assertAlmostEqual(value, expected, places=4)
        maxima = [max(relu[2 * y + r][2 * x + s] for r in range(2) for s in range(2))
                  for y in range(3) for x in range(8)]
        self.assertEqual(tensors["max_pool"][0], (1, 3, 8, 1))
        for value, expected in zip(tensors["max_pool"][1], maxima):
            self.assertAlmostEqual(value, expected, places=4)
        means = [sum(relu[y + r][x + s] for r in range(2) for s in range(3)) / 6 for y in range(5) for x in range(14)]
        self.assertEqual(tensors["average_pool"][0], (1, 5, 14, 1))
        for value, expected in zip(tensors["average_pool"][1], means):
            self.assertAlmostEqual(value, expected, places=4)

    def test_kernels_come_from_every_source(self):
        self.done("filter", "grey.png", "-k", "crop:2,3,4,5", "--save", "crop")
        self.assertEqual(read_npy((self.folder / "crop/kernel.npy").read_bytes())[0], (4, 5, 1, 1))
        self.write("kernel.csv", b"1,2\n3,4\n")
        self.write("kernel.txt", b"1 2\n3 4\n")
        self.done("filter", "grey.png", "-k", "[[1,2],[3,4]]", "--save", "literal")
        expected = (self.folder / "literal/conv.npy").read_bytes()
        (self.folder / "plane.npy").write_bytes((self.folder / "literal/kernel.npy").read_bytes())
        for source in ("kernel.csv", "kernel.txt", "plane.npy", "-[[-1,-2],[-3,-4]]", "t([[1,3],[2,4]])"):
            self.done("filter", "grey.png", "--kernel", source, "--save", "again")
            self.assertEqual((self.folder / "again/conv.npy").read_bytes(), expected, source)

    def test_a_colour_picture_is_filtered_channel_by_channel_or_by_one_deep_kernel(self):
        shapes = self.shapes("colour.png", "-k", "edge", "-k", "sharpen")
        self.assertEqual((shapes["kernel"], shapes["conv"]), ((3, 3, 1, 6), (1, 10, 15, 6)))
        self.assertEqual(self.shapes("colour.png", "-k", "edge", "--channels", "r,b")["conv"], (1, 10, 15, 2))
        self.assertEqual(self.shapes("colour.png", "-k", "edge", "--gray")["conv"], (1, 10, 15, 1))
        self.assertEqual(self.shapes("grey.png", "-k", "edge", "--rgb")["conv"], (1, 10, 15, 3))
        self.assertEqual(self.shapes("colour.png", "-k", "[[[1,2,3],[4,5,6]]]")["conv"], (1, 12, 16, 1))
        self.assertEqual(self.shapes("colour.png", "-k", "crop:0,0,5,5")["kernel"], (5, 5, 3, 1))

    def test_several_pictures_get_files_of_their_own(self):
        (self.folder / "other").mkdir()
        self.write("other/grey.png", png(pattern(9, 9)))
        self.done("filter", "grey.png", "other/grey.png", "-k", "edge", "--save", "out", "-o", "rows.png")
        names = {path.name for path in (self.folder / "out").iterdir()}
        self.assertEqual(names, {f"{stem}.{name}.npy" for stem in ("grey", "grey_2")
                                 for name in ("input", "kernel", "conv")})
        self.assertEqual(read_npy((self.folder / "out/grey_2.conv.npy").read_bytes())[0], (1, 7, 7, 1))

    def test_what_was_saved_is_told_beside_files_of_other_runs(self):
        (self.folder / "other").mkdir()
        self.write("other/grey.png", png(pattern(9, 9)))
        self.done("filter", "grey.png", "-k", "edge", "--activation", "relu", "--save", "out")
        text = self.done("filter", "other/grey.png", "-k", "edge", "--save", "out")
        self.assertIn("\n  saved in out: input.npy, kernel.npy, conv.npy\n", text)
        text = self.done("filter", "grey.png", "other/grey.png", "-k", "edge", "--save", "out")
        first, second = text.split("other/grey.png\n")
        self.assertIn("saved in out: grey.input.npy, grey.kernel.npy, grey.conv.npy\n", first)
        self.assertIn("saved in out: grey_2.input.npy, grey_2.kernel.npy, grey_2.conv.npy\n", second)
        report = json.loads(self.done("filter", "grey.png", "other/grey.png", "-k", "edge", "--save", "out", "--json"))
        for picture in report["pictures"]:
            for tensor in picture["tensors"]:
                shape, _ = read_npy((self.folder / tensor["file"]).read_bytes())
                self.assertEqual(list(shape), tensor["shape"])

    def test_two_pools_of_a_kind_have_names_of_their_own(self):
        shapes = self.shapes("grey.png", "-k", "edge", "--pool", "max:2", "--pool", "max:3:1")
        self.assertEqual((shapes["max_pool"], shapes["max_pool_2"]), ((1, 5, 7, 1), (1, 8, 13, 1)))

    def test_a_minus_reads_the_picture_from_standard_input(self):
        report = json.loads(self.done("filter", "-", "-k", "edge", "--json", input=png(pattern(8, 9))))
        self.assertEqual(report["pictures"][0]["source"], "standard input")
        self.assertEqual(report["pictures"][0]["tensors"][0]["shape"], [1, 8, 9, 1])

    def test_json_tells_ranges_paths_and_times(self):
        report = json.loads(self.done("filter", "grey.png", "-k", "edge", "--activation", "relu", "--json"))
        tensors = {tensor["name"]: tensor for tensor in report["pictures"][0]["tensors"]}
        self.assertEqual((tensors["kernel"]["low"], tensors["kernel"]["high"]), (-1, 8))
        self.assertLess(tensors["conv"]["low"], 0)
        self.assertEqual(tensors["activation"]["low"], 0)
        conv, relu = report["pictures"][0]["nodes"]
        self.assertEqual((conv["type"], relu["type"]), ("Conv", "Relu"))
        self.assertIsInstance(conv["path"], str)
        self.assertGreaterEqual(conv["milliseconds"], 0)
        self.assertEqual(conv["multiply_adds"], 10 * 15 * 9)
        self.assertEqual(conv["attributes"]["padding"], "valid,valid")

    def test_json_tells_how_much_of_a_saved_picture_was_clipped(self):
        report = json.loads(self.done("filter", "grey.png", "-k", "edge", "--json", "--save-picture", "map.png",
                                      "--save", "out"))
        _, values = read_npy((self.folder / "out/conv.npy").read_bytes())
        outside = sum(not 0 <= value <= 1 for value in values)
        self.assertGreater(outside, 0)
        self.assertEqual(report["saved_picture"], {"file": "map.png", "clipped": outside})
        self.assertNotIn("saved_picture", json.loads(self.done("filter", "grey.png", "-k", "edge", "--json")))

    def test_the_formula_ends_in_the_saved_number(self):
        text = self.done("filter", "grey.png", "-k", "edge", "--padding", "same", "--stride", "2", "--pool", "max:2",
                         "--formula", "--save", "out")
        self.assertIn("conv[y, x] = sum over r = 0..2, s = 0..2 of input[2 y + r, 2 x + s - 1] * kernel[r, s]", text)
        for name, terms in (("conv", 9), ("max_pool", 4)):
            shape, values = read_npy((self.folder / f"out/{name}.npy").read_bytes())
            y, x = shape[1] // 2, shape[2] // 2
            numbers = text.split(f"{name}[{y}, {x}]")[1].split("\n    = ")
            self.assertAlmostEqual(float(numbers[1].split()[0]), values[y * shape[2] + x], places=5)
            self.assertEqual(len(numbers[0].replace(" of", " =").split("=")[-1].replace(" + ", ",").split(",")), terms)
            if name == "conv":
                self.assertAlmostEqual(eval(" ".join(numbers[0].split("=")[1].split())), float(numbers[1].split()[0]),
                                       places=4)

    def test_figures_and_pictures_are_files_of_their_kind(self):
        for name, start in (("figure.png", b"\x89PNG"), ("figure.svg", b"<?xml"), ("figure.pdf", b"%PDF")):
            self.done("filter", "colour.png", "-k", "edge", "--as-rgb", "-o", name)
            self.assertTrue((self.folder / name).read_bytes().startswith(start), name)
        for name, start in (("map.png", b"\x89PNG"), ("map.jpg", b"\xff\xd8"), ("map.webp", b"RIFF"),
                            ("map.tif", b"II*\0")):
            text = self.done("filter", "grey.png", "-k", "edge", "--save-picture", name)
            self.assertIn("clipped", text)
            self.assertTrue((self.folder / name).read_bytes().startswith(start), name)

    def test_the_bits_do_not_depend_on_the_number_of_threads(self):
        self.write("photo.png", png(pattern(200, 301)))
        files = []
        for threads in ("1", "2", "7"):
            self.done("filter", "photo.png", "-k", "gaussian:9:2", "--activation", "tanh", "--pool", "average:3",
                      "--threads", threads, "--save", threads)
            files.append([path.read_bytes() for path in sorted((self.folder / threads).iterdir())])
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_threads_are_an_option_of_the_program_and_of_every_command(self):
        self.done("--threads", "2", "filter", "grey.png", "-k", "edge")
        self.done("kernels", "edge", "--threads", "2")
        self.assertIn("--threads", self.done("demo", "--help"))

    def test_show_draws_in_a_terminal_that_draws_nothing(self):
        text = self.done("filter", "grey.png", "-k", "edge", "--show", env={"TERM": "dumb"})
        self.assertGreater(text.count("\n"), 10)
        self.assertNotIn("\033", text)


class BadInput(CommandLineTest):
    def filter_refused(self, *arguments, says=(), **options):
        self.refused("filter", *arguments, "-o", "figure.png", "--save", "out", says=says, **options)

    def test_pictures_that_are_none(self):
        edge = ("-k", "edge")
        self.filter_refused("missing.png", *edge, says=["missing.png"])
        self.filter_refused(".", *edge)
        self.filter_refused(self.write("empty.png", b""), *edge, says=["empty.png"])
        self.filter_refused(self.write("text.png", b"not a picture\n" * 9), *edge, says=["text.png"])
        self.filter_refused("-", *edge, says=["standard input"], input=b"neither is this")

    def test_pictures_that_are_cut_off(self):
        self.done("filter", "grey.png", "-k", "identity", "--save-picture", "whole.jpg")
        for name in ("whole.jpg", "grey.png"):
            data = (self.folder / name).read_bytes()
            for part in (len(data) // 3, len(data) * 2 // 3, len(data) - 20):
                self.filter_refused(self.write("cut_" + name, data[:part]), "-k", "edge", says=["cut_" + name])

    def test_a_header_that_claims_forty_gigapixels(self):
        self.filter_refused(self.write("huge.png", png([[0] * 8] * 8, size=(200000, 200000))), "-k", "edge",
                            says=["200000", "make it smaller"])

    def test_kernels_that_are_none(self):
        self.filter_refused("grey.png", "-k", "[[1,2],[3]]")
        for empty in ("", "[]", "[[]]"):
            self.filter_refused("grey.png", "-k", empty)
        self.filter_refused("grey.png", "-k", "[[1,two]]")
        self.filter_refused("grey.png", "-k", self.write("ragged.csv", b"1,2\n3\n"), says=["ragged.csv"])
        self.filter_refused("grey.png", "-k", self.write("empty.txt", b""), says=["empty.txt"])
        self.filter_refused("grey.png", "-k", self.write("words.csv", b"1,two\n"), says=["words.csv"])
        self.filter_refused("grey.png", "-k", self.write("bytes.npy", b"\x93NUMPY\1\0"), says=["bytes.npy"])
        self.filter_refused("grey.png", "-k", "missing.npy", says=["missing.npy"])
        with open(self.folder / "vast.npy", "wb") as file:
            file.truncate(1 << 33)  # takes no room on the disk, and must take none in memory
        self.filter_refused("grey.png", "-k", "vast.npy", says=["vast.npy", "at most", "bytes"])
        self.filter_refused("grey.png", "-k", "gausian", says=["gaussian"])
        self.filter_refused("grey.png", "-k", "SOBEL-X", says=["did you mean sobel-x"])
        self.filter_refused("grey.png", "-k", "box:13", says=["grey.png", "rows", "fit"])
        self.filter_refused("grey.png", "-k", "crop:10,0,5,5", says=["12 rows"])
        self.filter_refused("grey.png", "-k", "crop:1,2,3", says=["crop:y,x,h,w"])
        self.filter_refused("grey.png", "-k", "edge", "-k", "box:5", says=["one size"])

    def test_options_that_cannot_be(self):
        edge = ("grey.png", "-k", "edge")
        for option in ("--stride", "--dilation"):
            for value in ("0", "-1", "2,0", "two"):
                self.filter_refused(*edge, option, value, says=[f"convscope: {option}: ", f'"{value}"'.split(",")[-1]])
        self.filter_refused(*edge, "--padding", "sane", says=["--padding: ", "valid, same"])
        self.filter_refused(*edge, "--padding", "-1", says=["--padding: "])
        self.filter_refused(*edge, "--pad-mode", "mirror", says=["reflect"])
        self.filter_refused(*edge, "--padding", "12", "--pad-mode", "reflect", says=["reflect"])
        self.filter_refused(*edge, "--activation", "rely", says=["--activation: ", "relu"])
        self.filter_refused(*edge, "--activation", "Relu", says=["did you mean relu"])
        self.filter_refused(*edge, "--pool", "median:3", says=["max or average"])
        self.filter_refused(*edge, "--pool", "max:99", says=["max_pool"])
        self.filter_refused(*edge, "--pool", "max:0", says=["--pool: ", "at least 1"])
        self.filter_refused(*edge, "--bias", "1,2", says=["--bias"])
        self.filter_refused(*edge, "--channels", "g", says=["channel 1"])
        self.filter_refused(*edge, "--as-rgb", says=["three output maps"])
        for scale in ("0", "-255", "inf", "nan"):
            self.filter_refused(*edge, "--scale", scale, says=["--scale: "])
        self.filter_refused(*edge, "--threads", "-1", says=["--threads: "])
        self.refused("filter", *edge, "-o", "figure.bmp", says=[".svg"])
        self.refused("filter", *edge, "--save-picture", "map.bmp")
        self.refused("filter", *edge, "-o", "no/such/folder/figure.png", says=["no/such/folder"])
        self.refused("filter", *edge, "--save", "grey.png/out", says=["grey.png/out"])
        self.refused("filter", *edge, "--save-picture", "map.png", "--as-rgb", says=["three output maps"])

    def test_nothing_is_written_when_one_of_the_results_cannot_be(self):
        edge = ("filter", "colour.png", "-k", "edge", "-o", "figure.png")
        (self.folder / "map.png").mkdir()
        self.refused(*edge, "--save", "grey.png/out", says=["grey.png/out"])
        self.refused(*edge, "--save", "out", "--save-picture", "no/map.png", says=["no/map.png"])
        self.refused(*edge, "--save-picture", "map.png", says=["map.png"])
        self.refused(*edge, "--save-picture", "map.bmp", says=["map.bmp"])
        self.refused(*edge, "-k", "sharpen", "--save-picture", "map.tif", says=["6 maps"])

    def test_two_results_in_one_place_are_a_mistake_of_usage(self):
        for outputs in (["-o", "a.png", "--save-picture", "./a.png"], ["-o", "a.png", "--save", "a.png"]):
            result = self.run_program("filter", "grey.png", "-k", "edge", *outputs)
            self.assertEqual(result.returncode, 2)
            self.assertIn("a.png", messages(result.stderr))
            self.assertFalse((self.folder / "a.png").exists())

    def test_a_result_never_replaces_the_picture(self):
        before = (self.folder / "grey.png").read_bytes()
        for option in ("-o", "--save-picture", "--save"):
            result = self.run_program("filter", "grey.png", "-k", "edge", option, "./grey.png")
            self.assertEqual(result.returncode, 2)
            self.assertIn("grey.png", messages(result.stderr))
            self.assertEqual((self.folder / "grey.png").read_bytes(), before)

    def test_a_mistake_of_usage_is_one_line(self):
        for arguments, named in ((["foo"], '"foo"'), (["filter"], "required"), (["filter", "grey.png"], "required"),
                                 (["filter", "grey.png", "-k", "edge", "--nope"], "--nope")):
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, 2)
            line = messages(result.stderr)
            self.assertEqual(len(line.strip().splitlines()), 1, line)
            self.assertIn(named, line)

    def test_a_full_disk_leaves_no_partial_file(self):
        self.write("photo.png", png(pattern(80, 90)))
        for output in (["-o", "figure.png"], ["-o", "figure.svg"], ["-o", "figure.pdf"], ["--save", "out"],
                       ["--save-picture", "map.tif"]):
            self.refused("filter", "photo.png", "-k", "edge", *output, preexec_fn=lambda: full_disk(4096))

    def test_a_disk_that_fills_up_between_two_tensors_leaves_the_folder_as_it_was(self):
        # 12 x 17 floats fit, the padded convolution of twice as many does not.
        saved = ("filter", "grey.png", "-k", "edge", "--padding", "20", "--save")
        self.refused(*saved, "new/out", says=["new/out/conv.npy"], preexec_fn=lambda: full_disk(2048))
        (self.folder / "old").mkdir()
        self.write("old/input.npy", b"of another run")
        self.refused(*saved, "old", says=["old/conv.npy"], preexec_fn=lambda: full_disk(2048))
        self.assertEqual((self.folder / "old/input.npy").read_bytes(), b"of another run")
        self.done(*saved, "old")
        self.assertEqual(read_npy((self.folder / "old/input.npy").read_bytes())[0], (1, 12, 17, 1))

    def test_a_disk_that_fills_up_between_two_results_says_what_is_written(self):
        # The tensors of a small picture fit, its figure does not.
        result = self.run_program("filter", "grey.png", "-k", "edge", "--save", "out", "-o", "figure.png",
                                  preexec_fn=lambda: full_disk(2048))
        self.assertEqual(result.returncode, 1)
        line = messages(result.stderr)
        self.assertIn("figure.png: ", line)
        self.assertIn("written before that: out\n", line)
        self.assertEqual({path.name for path in (self.folder / "out").iterdir()},
                         {"input.npy", "kernel.npy", "conv.npy"})
        self.assertFalse((self.folder / "figure.png").exists())

    def test_results_that_cannot_be_printed_are_an_error(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([PROGRAM, "kernels"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output", result.stderr)

    def test_a_reader_that_stops_early_is_no_error_worth_a_line(self):
        program = subprocess.Popen([PROGRAM, "kernels", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        program.stdout.read(10)
        program.stdout.close()
        self.assertEqual(program.stderr.read(), b"")
        program.stderr.close()
        self.assertIn(program.wait(timeout=60), (0, 128 + signal.SIGPIPE))


class Interrupting(CommandLineTest):
    def test_ctrl_c_exits_with_130(self):
        # It waits for a picture that never comes; a byte that it has taken shows that it is past its beginning.
        program = subprocess.Popen([PROGRAM, "filter", "-", "-k", "edge"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        program.stdin.write(b"\x89" * (1 << 17))  # more than a pipe holds: returns once the program reads
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(timeout=60), 130)
        for stream in (program.stdin, program.stdout, program.stderr):
            stream.close()

    def test_ctrl_c_while_tensors_are_written_leaves_nothing(self):
        self.write("photo.png", png(pattern(1500, 1500)))
        program = subprocess.Popen([PROGRAM, "filter", "photo.png", "-k", "box:1", "-k", "[[2]]", "-k", "[[3]]",
                                    "-k", "[[4]]", "-k", "[[5]]", "--save", "new/out"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (self.folder / "new").exists() and program.poll() is None:
            pass
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)
        if program.returncode != 0:  # else it was done before the signal came
            self.assertEqual(program.returncode, 130)
            self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["colour.png", "grey.png", "photo.png"])

    def test_signals_that_the_parent_ignores_stay_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        picture = png([[y * x % 251 for x in range(600)] for y in range(600)], level=0)
        program = subprocess.Popen([PROGRAM, "filter", "-", "-k", "edge"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, preexec_fn=ignore)
        program.stdin.write(picture[:1 << 17])
        program.send_signal(signal.SIGHUP)
        program.send_signal(signal.SIGINT)
        program.stdin.write(picture[1 << 17:])
        printed, _ = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 0)
        self.assertIn(b"(1, 598, 598, 1)", printed)


class Progress(CommandLineTest):
    """The slow job is a picture that stays away until progress was seen."""

    def start(self, stderr):
        program = subprocess.Popen([PROGRAM, "filter", "-", "-k", "edge"], cwd=self.folder, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=stderr)
        self.addCleanup(program.kill)
        return program

    def seen(self, descriptor):
        """What comes first from a descriptor."""
        self.assertTrue(select.select([descriptor], [], [], 60)[0], "nothing in a minute")
        return os.read(descriptor, 1 << 16).decode()

    def test_a_step_that_reports_once_and_takes_long_is_a_line(self):
        program = self.start(subprocess.PIPE)
        self.assertEqual(self.seen(program.stderr.fileno()), "reading standard input 0 %\n")
        printed, errors = program.communicate(png(pattern(8, 9)), timeout=60)
        self.assertIn(b"(1, 6, 7, 1)", printed)
        self.assertEqual(messages(errors), "")

    def test_on_a_terminal_it_is_one_line_that_is_wiped_off(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        program = self.start(theirs)
        os.close(theirs)
        text = self.seen(ours)
        self.assertTrue(text.startswith("\r\033[Kreading standard input 0 %"), text)
        printed, _ = program.communicate(png(pattern(8, 9)), timeout=60)
        self.assertIn(b"(1, 6, 7, 1)", printed)
        text += self.seen(ours)
        self.assertNotIn("\n", text)
        self.assertTrue(text.endswith("\r\033[K"), text)


class Kernels(CommandLineTest):
    def test_thirty_presets_or_more_each_with_a_source(self):
        presets = json.loads(self.done("kernels", "--json"))["presets"]
        self.assertGreaterEqual(len(presets), 30)
        self.assertTrue(all(preset["source"] and preset["description"] for preset in presets))
        self.assertEqual(len({preset["name"] for preset in presets}), len(presets))
        listed = self.done("kernels")
        for preset in presets:
            self.assertIn(preset["name"], listed)

    def test_one_kernel_with_its_numbers(self):
        kernel = json.loads(self.done("kernels", "[[1,2],[3,4]]/2", "--json"))["kernels"][0]
        self.assertEqual((kernel["shape"], kernel["values"]), ([2, 2], [[0.5, 1], [1.5, 2]]))
        self.assertEqual(json.loads(self.done("kernels", "[[1,2],[3,4]]", "--json"))["kernels"][0]["values"],
                         [[1, 2], [3, 4]])
        text = self.done("kernels", "edge", "-t(udacity-1)", "-o", "two.svg")
        self.assertIn("-1  8 -1", text)
        self.assertIn("source: ", text)
        self.assertTrue((self.folder / "two.svg").exists())

    def test_no_number_is_minus_zero(self):
        self.assertNotIn("-0.0", self.done("kernels", "-edge", "-[[1,0],[-0,2]]", "--json"))

    def test_an_unknown_kernel_offers_the_nearest(self):
        self.refused("kernels", "sobel-xx", "-o", "sheet.png", says=["sobel-x"])


class Demo(CommandLineTest):
    def demo(self, program, data):
        """The demo of the program copied to `program`, with the bundled data at `data`, both relative."""
        for place in (program, data):
            (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROGRAM, self.folder / program)
        (self.folder / data).symlink_to(DATA)
        environment = {name: value for name, value in os.environ.items() if name != "CONVSCOPE_DATA"}
        return subprocess.run([self.folder / program, "demo", "figures"], cwd=self.folder, capture_output=True,
                              timeout=120, env=environment)

    def test_without_its_pictures_the_demo_says_where_they_should_be(self):
        result = self.demo("bin/convscope", "elsewhere/data")
        self.assertEqual(result.returncode, 1)
        self.assertIn("CONVSCOPE_DATA", messages(result.stderr))

    def test_an_installed_program_finds_its_pictures(self):
        self.assertEqual(self.demo("bin/convscope", "share/convscope").returncode, 0)

    def test_the_demo_says_what_each_figure_shows(self):
        result = self.demo("build/convscope", "data")
        self.assertEqual((result.returncode, messages(result.stderr)), (0, ""))
        lines = result.stdout.decode().splitlines()
        files = sorted(path.name for path in (self.folder / "figures").iterdir())
        self.assertEqual(sorted(pathlib.Path(line.split(": ")[0]).name for line in lines), files)
        self.assertGreaterEqual(len(files), 7)
        self.assertTrue(all(len(line.split(": ", 1)[1]) > 20 for line in lines))


if __name__ == "__main__":
    PROGRAM, DATA = (str(pathlib.Path(sys.argv.pop(1)).resolve()) for _ in range(2))
    unittest.main()
