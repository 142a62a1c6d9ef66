#!/usr/bin/env python3
"""`convscope filter` as a user runs it. Usage: filter_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main
from picture_files import pattern, png, read_npy


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

    def test_grey_and_colour_pictures_are_rows_of_one_figure(self):
        for pictures in (("grey.png", "colour.png"), ("colour.png", "grey.png", "colour.png")):
            for kernels in (("-k", "edge"), ("-k", "edge", "-k", "box"), ("-k", "sobel-x", "-k", "[[0,0,0],[0,0.001,0],[0,0,0]]")):
                self.done("filter", *pictures, *kernels, "-o", "both.svg")

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


if __name__ == "__main__":
    main()
