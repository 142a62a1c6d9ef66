#!/usr/bin/env python3
"""What the layers of a model make of a picture, as a user asks for it. Usage: features_test.py PROGRAM DATA"""
import csv
import json

from command_line import CommandLineTest, main
from picture_files import read_npy

SAMPLE = ("--data", "fashion-mnist-small", "--sample", "3")
SHAPES = [(1, 26, 26, 64), (1, 13, 13, 64), (1, 11, 11, 64), (1, 5, 5, 64), (1, 1600), (1, 128), (1, 10)]


class Features(CommandLineTest):
    def features(self, *arguments):
        return self.done("features", "fashion-cnn", *SAMPLE, *arguments)

    def test_every_layer_hands_on_one_tensor(self):
        report = json.loads(self.features("--json"))
        self.assertEqual([tuple(layer["shape"]) for layer in report["layers"]], SHAPES)
        self.assertFalse(report["trained"])
        self.assertEqual(report["truth"], "Trouser")
        self.assertIn("fashion-cnn (untrained)", self.features())

    def test_tensors_are_saved_as_they_are(self):
        self.features("--save", "raw")
        names = sorted(path.name for path in (self.folder / "raw").iterdir())
        self.assertEqual(names, ["conv_layer_1.npy", "conv_layer_3.npy", "dense_layer_6.npy", "dense_layer_7.npy",
                                 "flatten_layer_5.npy", "input.npy", "pool_layer_2.npy", "pool_layer_4.npy"])
        shape, values = read_npy(self.bytes_of("raw/dense_layer_7.npy"))
        self.assertEqual(shape, (1, 10))
        self.assertAlmostEqual(sum(values), 1, places=5)

    def test_what_is_told_of_a_layer_is_so(self):
        layers = json.loads(self.features("--save", "raw", "--json"))["layers"]
        for layer in layers:
            _, values = read_npy(self.bytes_of(f"raw/{layer['name']}.npy"))
            self.assertAlmostEqual(layer["smallest"], min(values), places=6)
            self.assertAlmostEqual(layer["largest"], max(values), places=6)
            self.assertAlmostEqual(layer["mean"], sum(values) / len(values), places=6)
            self.assertAlmostEqual(layer["zeros"], sum(value == 0 for value in values) / len(values), places=6)
            self.assertEqual(layer["not_finite"], 0)

    def test_a_layer_may_be_named_before_its_activation(self):
        layer = json.loads(self.features("--layer", "conv_layer_1/pre_activation", "--json"))["layers"][0]
        self.assertLess(layer["smallest"], 0)

    def test_a_map_is_a_table_of_numbers(self):
        chosen = ("--layer", "conv_layer_1", "--channel", "5")
        lines = self.features(*chosen, "--table").splitlines()
        self.assertEqual((len(lines), lines[0]), (28, "conv_layer_1, map 5 of fashion-mnist-small test 3"))
        first = self.features("--layer", "conv_layer_1", "--table").splitlines()[0]
        self.assertEqual(first, "conv_layer_1, map 0 of fashion-mnist-small test 3 (the first of 64 maps: --channel chooses another)")
        self.features(*chosen, "-o", "map.csv")
        self.features(*chosen, "-o", "map.html")
        self.features(*chosen, "--save", "raw")
        with open(self.folder / "map.csv", newline="", encoding="utf-8") as file:
            rows = [[float(cell) for cell in row] for row in csv.reader(file)]
        shape, values = read_npy(self.bytes_of("raw/conv_layer_1.npy"))
        self.assertEqual((len(rows), len(rows[0])), shape[1:3])
        for y in (0, 13, 25):
            for x in (0, 12, 25):
                self.assertAlmostEqual(rows[y][x], values[(y * 26 + x) * 64 + 5], places=6)
        page = self.bytes_of("map.html").decode()
        self.assertEqual(page.count('class="positive"'), sum(cell > 0 for row in rows for cell in row))

    def test_a_channel_of_a_layer_of_units_is_that_unit(self):
        chosen = ("--layer", "dense_layer_6", "--channel", "5")
        self.features("--layer", "dense_layer_6", "--save", "raw")
        _, values = read_npy(self.bytes_of("raw/dense_layer_6.npy"))
        self.features(*chosen, "-o", "unit.csv")
        self.assertAlmostEqual(float(self.bytes_of("unit.csv")), values[5], places=6)
        self.features("--layer", "dense_layer_6", "-o", "units.csv")
        self.assertEqual(len(self.bytes_of("units.csv").split(b",")), 128)
        self.features(*chosen, "-o", "unit.svg")
        self.assertIn("dense_layer_6: unit 5 of", self.bytes_of("unit.svg").decode())

    def test_all_layers_become_a_folder_with_a_contents_page(self):
        self.features("--all", "pages", "--channel", "39")  # of what has maps; the ten scores are all drawn
        page = self.bytes_of("pages/index.html").decode()
        files = sorted(path.name for path in (self.folder / "pages").iterdir())
        self.assertEqual(len(files), 9)
        for file in files:
            if file != "index.html":
                self.assertIn(f'src="{file}"', page)
                self.assertTrue(self.bytes_of("pages/" + file).startswith(b"\x89PNG"))

    def test_figures_of_layers_and_of_the_whole(self):
        self.features("-o", "overview.svg")
        text = self.bytes_of("overview.svg").decode()
        for part in ("fashion-cnn (untrained)", "conv_layer_1", "pool_layer_4", "dense_layer_7"):
            self.assertIn(part, text)
        self.features("--layer", "conv_layer_1", "--mean", "--before", "--scaling", "global", "-o", "maps.svg")
        text = self.bytes_of("maps.svg").decode()
        self.assertIn("the scale of all layers of the figure", text)
        self.assertIn("conv_layer_1/pre_activation", text)

    def test_what_does_not_exist_is_named_with_what_does(self):
        run = ("features", "fashion-cnn", *SAMPLE)
        self.refused(*run, "--layer", "conv", says=["received conv.", "conv_layer_1", "dense_layer_7"])
        self.refused(*run, "--layer", "conv_layer_1", "--channel", "64", "-o", "a.png", says=["0 to 63", "64"])
        self.refused(*run, "--layer", "conv_layer_1", "--channel", "64", "--table", says=["0 to 63", "64"])
        self.refused(*run, "--layer", "dense_layer_7", "--channel", "10", "-o", "a.png", says=["0 to 9", "10"])
        self.refused(*run, "--layer", "dense_layer_7", "--channel", "10", "--json", says=["0 to 9", "10"])
        self.refused(*run, "--layer", "dense_layer_7", "--channel", "10", "--table", says=["0 to 9", "10"])
        self.refused(*run, "--all", "pages", "--channel", "64", says=["0 to 63", "64"])
        self.refused(*run, "--all", "pages", "--layer", "dense_layer_7", "--channel", "10", says=["0 to 9", "10"])
        self.refused("features", "fashion-cnn", "--data", "fashion-mnist-small", "--sample", "2000",
                     says=["0 to 1999", "2000"])
        self.refused("features", "fashion-cnn", "none.png", says=["none.png"])

    def test_options_that_do_not_go_together_are_usage_errors(self):
        for arguments in (["--table"], ["--channel", "1", "-o", "a.png"], ["--layer", "conv_layer_1", "--scaling", "x"],
                          ["--layer", "conv_layer_1,conv_layer_3", "-o", "a.csv"],
                          ["--scaling", "map", "-o", "a.png"], ["--skip", "2", "-o", "a.png"],
                          ["--most", "4", "-o", "a.png"], ["--layer", "conv_layer_1", "--most", "4"],
                          ["--layer", "conv_layer_1", "--scaling", "map", "--json"]):
            result = self.run_program("features", "fashion-cnn", *SAMPLE, *arguments)
            self.assertEqual(result.returncode, 2, (arguments, result.stderr))
        self.assertEqual(self.run_program("features", "fashion-cnn").returncode, 2)


if __name__ == "__main__":
    main()
