#!/usr/bin/env python3
"""`convscope top` as a user runs it. Usage: top_test.py PROGRAM DATA"""
import json
import re

from command_line import CommandLineTest, main
from picture_files import pattern, png

DATA = ["--data", "fashion-mnist-small"]


class FindingWhatExcites(CommandLineTest):
    def test_all_channels_of_a_layer_have_their_pictures(self):
        report = json.loads(self.done("top", "lenet", *DATA, "--layer", "layer2/conv", "--least", "--count", "3", "--json"))
        self.assertEqual((report["layer"], report["part"], report["trained"]), ("layer2/conv", "test", False))
        self.assertEqual([channel["channel"] for channel in report["channels"]], list(range(6)))
        for channel in report["channels"]:
            values = [entry["value"] for entry in channel["most"]]
            self.assertEqual(values, sorted(values, reverse=True))
            self.assertEqual(len({entry["sample"] for entry in channel["most"]}), 3)
            lowest = [entry["value"] for entry in channel["least"]]
            self.assertEqual(lowest, sorted(lowest))
            self.assertLess(lowest[0], values[-1])

    def test_the_field_of_a_first_convolution_is_its_kernel(self):
        report = json.loads(self.done("top", "udacity-filters", *DATA, "--layer", "conv", "--count", "1", "--json"))
        best = report["channels"][0]["most"][0]
        self.assertEqual(best["field"], {"row": best["row"], "column": best["column"], "rows": 4, "columns": 4})

    def test_some_channels_are_a_table_a_figure_and_arrays(self):
        text = self.done("top", "fashion-cnn", *DATA, "--channel", "3", "10", "--count", "2", "-o", "top.png", "--save",
                         "raw", "--whole")
        self.assertIn("fashion-cnn (untrained)", text)
        text, told = text.split("wrote ")
        self.assertEqual(told, "raw, top.png\n")
        rows = [line.split() for line in text.splitlines()[3:]]
        self.assertEqual([(row[0], row[1], row[2]) for row in rows],
                         [("3", "most", "1"), ("3", "most", "2"), ("10", "most", "1"), ("10", "most", "2")])
        self.assertEqual(self.done("top", "fashion-cnn", *DATA, "--channel", "3,10", "--count", "2"), text)
        self.assertTrue((self.folder / "top.png").read_bytes().startswith(b"\x89PNG"))
        self.assertEqual(len(list((self.folder / "raw").glob("*.most.*.npy"))), 3)

    def test_a_page_of_many_pictures_has_an_end(self):
        self.done("top", "fashion-cnn", *DATA, "--channel", "0,1,2", "--count", "80", "-o", "some.svg")
        some = (self.folder / "some.svg").read_text()
        self.assertNotIn("each are drawn", some)
        self.done("top", "fashion-cnn", *DATA, "--count", "80", "-o", "all.svg")
        everything = (self.folder / "all.svg").read_text()
        self.assertIn("the first 18 of 80 pictures each are drawn", everything)
        for page in (some, everything):
            self.assertLess(float(re.search(r'height="([\d.]+)pt"', page)[1]), 2 * 842)  # two sheets of paper (A4)

    def test_units_have_pictures_too(self):
        report = json.loads(self.done("top", "fashion-cnn", *DATA, "--layer", "dense_layer_7", "--count", "1", "--json"))
        self.assertEqual(len(report["channels"]), 10)
        # The second pool leaves the last row and column of its maps out, and so two of the picture.
        self.assertEqual(report["channels"][0]["most"][0]["field"], {"row": 0, "column": 0, "rows": 26, "columns": 26})

    def test_a_built_in_network_is_made_for_the_classes_of_the_data(self):
        for name, picture in (("cat", png(pattern(12, 17))), ("dog", png(pattern(17, 12)))):
            (self.folder / "two" / name).mkdir(parents=True)
            for number in range(2):
                (self.folder / "two" / name / f"{number}.png").write_bytes(picture)
        report = json.loads(self.done("top", "resnet18", "--data", "two", "--size", "32", "--test-fraction", "0.5",
                                      "--layer", "fc", "--count", "1", "--json"))
        self.assertEqual([channel["channel"] for channel in report["channels"]], [0, 1])
        self.assertEqual(report["pictures"], 2)
        self.assertIn(report["channels"][0]["most"][0]["name"], ("cat", "dog"))

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("top", "fashion-cnn", *DATA, "--layer", "conv_layer_2", "-o", "top.png",
                     says=["conv_layer_2", "did you mean", "conv_layer_1", "dense_layer_7"])
        self.refused("top", "fashion-cnn", *DATA, "--layer", "conv_layer_1", "--channel", "64", "--save", "raw",
                     says=["conv_layer_1", "channels 0 to 63", "64"])
        self.refused("top", "fashion-cnn", "--data", "fashion-mnist-smal", says=["fashion-mnist-small"])
        for arguments in ([], ["fashion-cnn"], ["fashion-cnn", *DATA, "--count", "0"],
                          ["fashion-cnn", *DATA, "--whole", "--json"], ["fashion-cnn", *DATA, "--json", "--show"]):
            self.assertEqual(self.run_program("top", *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
