#!/usr/bin/env python3
"""Classes side by side, as a user compares them. Usage: compare_test.py PROGRAM DATA"""
import json
import re

from command_line import CommandLineTest, main
from picture_files import read_npy

DATA = ("fashion-cnn", "--data", "fashion-mnist-small")


class ComparingClasses(CommandLineTest):
    def compare(self, *arguments):
        return json.loads(self.done("compare", *DATA, *arguments, "--json"))

    def test_the_sheet_has_the_first_picture_of_each_class_and_the_mean_of_three_layers(self):
        sheet = self.compare("-o", "sheet.png")
        shown = json.loads(self.done("data", "show", "fashion-mnist-small", "--json"))
        self.assertEqual([row["picture"] for row in sheet["rows"]], [c["first_test"] for c in shown["classes"]])
        self.assertEqual([layer["tensor"] for layer in sheet["layers"]],
                         ["conv_layer_1", "pool_layer_2", "conv_layer_3"])
        self.assertEqual(sheet["layers"][0]["shape"], [26, 26, 64])
        self.assertEqual(sheet["layers"][0]["shows"], "mean over 64 channels")
        self.assertFalse(sheet["trained"])
        self.assertTrue((self.folder / "sheet.png").read_bytes().startswith(b"\x89PNG"))

    def test_two_classes_on_one_filter_have_two_pictures_each_and_four_layers(self):
        sheet = self.compare("--class", "0", "--class", "ankle boot", "--filter", "10", "--save", "raw")
        self.assertEqual(self.compare("--class", "0,ankle boot", "--channel", "10"), sheet)
        self.assertEqual([row["class"] for row in sheet["rows"]], [0, 0, 9, 9])
        self.assertEqual([layer["shows"] for layer in sheet["layers"]], ["filter 10 of 64"] * 4)
        shape, values = read_npy((self.folder / "raw" / "conv_layer_1.npy").read_bytes())
        self.assertEqual(tuple(shape), (4, 26, 26, 64))
        first = values[10:26 * 26 * 64:64]
        low, high = sheet["layers"][0]["ranges"][0]
        self.assertAlmostEqual(min(first), low, places=6)
        self.assertAlmostEqual(max(first), high, places=6)

    def test_means_are_over_all_pictures_of_a_class(self):
        sheet = self.compare("--mean", "--class", "3", "--layer", "dense_layer_6", "--save", "means")
        self.assertEqual(sheet["rows"], [{"class": 3, "name": "Dress", "pictures": 200}])
        self.assertEqual(sheet["layers"][0]["shows"], "128 units, row by row")
        several = self.compare("--class", "3", "--layer", "dense_layer_6,conv_layer_1", "--layer", "conv_layer_3")
        self.assertEqual([layer["tensor"] for layer in several["layers"]],
                         ["dense_layer_6", "conv_layer_1", "conv_layer_3"])
        one = self.compare("--class", "3", "--pictures", "50", "--layer", "dense_layer_6", "--save", "pictures")
        self.assertEqual(len(one["rows"]), 50)
        self.assertEqual(tuple(read_npy((self.folder / "means" / "dense_layer_6.npy").read_bytes())[0]), (1, 1, 1, 128))

    def test_a_ranking_lists_filters_by_how_far_apart_two_classes_are(self):
        ranking = self.compare("--class", "1", "--class", "8", "--rank", "--top", "7", "-o", "rank.svg", "--save", "raw")
        self.assertEqual([c["name"] for c in ranking["classes"]], ["Trouser", "Bag"])
        self.assertEqual(ranking["filters"], 4 * 64)
        apart = [abs(one["d_prime"]) for one in ranking["ranked"]]
        self.assertEqual(len(apart), 7)
        self.assertEqual(apart, sorted(apart, reverse=True))
        best = ranking["ranked"][0]
        self.assertAlmostEqual((best["means"][0] - best["means"][1]) / best["deviation"], best["d_prime"])
        shape, values = read_npy((self.folder / "raw" / (best["layer"] + ".npy")).read_bytes())
        channel = values[best["filter"]:len(values) // 2:shape[3]]
        self.assertAlmostEqual(sum(channel) / len(channel), best["means"][0], places=5)
        self.assertIn(best["layer"] + " " + str(best["filter"]), (self.folder / "rank.svg").read_text())

    def test_captions_have_no_size_of_units_and_no_size_broken_in_two(self):
        self.done("compare", *DATA, "--class", "0,9", "--layer", "dense_layer_6,conv_layer_1", "--channel", "10", "-o", "two.svg")
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / "two.svg").read_text())
        self.assertIn("26 x 26", texts)
        self.assertNotIn("1 x 1", " ".join(texts))

    def test_each_picture_is_named_once_beside_its_row(self):
        self.done("compare", *DATA, "-o", "sheet.svg")
        self.assertEqual((self.folder / "sheet.svg").read_text().count(">Trouser"), 1)

    def test_the_title_counts_the_pictures_that_are_shown(self):
        of = "test pictures of fashion-mnist-small"
        for options, title in ((["--class", "0,9"], f"fashion-cnn (untrained): 2 of the 2000 {of}"),
                               (["--first", "3"], f"fashion-cnn (untrained): the first 3 of the 2000 {of}"),
                               (["--first", "30", "--class", "2"], f"fashion-cnn (untrained): 1 of the first 30 of the 2000 {of}"),
                               (["--mean", "--class", "2"], f"fashion-cnn (untrained): 2000 {of}")):
            told = self.done("compare", *DATA, *options)
            self.assertEqual(told.splitlines()[0], title)
        self.assertIn("no picture of: ", self.done("compare", *DATA, "--first", "3"))

    def test_many_ranks_are_drawn_in_two_panels(self):
        self.compare("--class", "1", "--class", "8", "--rank", "--top", "30", "-o", "rank.svg")
        self.assertIn("from rank 16 on", (self.folder / "rank.svg").read_text())

    def test_the_same_bits_on_any_number_of_threads(self):
        for threads in ("1", "3"):
            self.done("compare", *DATA, "--mean", "--save", threads, "--threads", threads)
        files = sorted(path.name for path in (self.folder / "1").iterdir())
        self.assertEqual(len(files), 4)
        for name in files:
            self.assertEqual((self.folder / "1" / name).read_bytes(), (self.folder / "3" / name).read_bytes(), name)

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("compare", *DATA, "--class", "10", says=["0 to 9", "9 Ankle boot"])
        self.refused("compare", *DATA, "--class", "Shirtt", says=["did you mean", "Shirt"])
        self.refused("compare", *DATA, "--layer", "conv_layer_2", says=["conv_layer_1"])
        self.refused("compare", *DATA, "--filter", "64", says=["0 to 63"])
        self.refused("compare", *DATA, "--filter", "64", "--mean", says=["0 to 63"])
        self.refused("compare", *DATA, "--pictures", "30", says=["at most 60 rows"])
        self.refused("compare", *DATA, "--class", "1", "--class", "1", "--rank", says=["two different"])
        self.refused("compare", *DATA, "--class", "0,1,2", "--rank", says=["two different", "received 3"])
        self.refused("compare", *DATA, "-o", "sheet.gif", says=[".png"])

    def test_what_does_not_go_together_exits_with_2(self):
        for arguments in (["--rank"], ["--mean", "--first", "3"], ["--top", "3"],
                          ["--class", "1", "--class", "2", "--rank", "--mean"], ["--json", "--show"]):
            self.assertEqual(self.run_program("compare", *DATA, *arguments).returncode, 2, arguments)


class ConfusionInPictures(CommandLineTest):
    def test_the_sheet_counts_what_the_matrix_counts(self):
        said = json.loads(self.done("evaluate", "fashion-cnn", "--data", self.few_clothes(), "--sheet", "sheet.svg",
                                    "--json"))
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / "sheet.svg").read_text())
        cells = [str(count) for row in said["confusion"] for count in row if count > 0]
        # A class without a name has its number beside its row and above its column.
        numbers = 2 * [one["name"] for one in said["classes"] if one["name"].isdigit()]
        self.assertEqual(sorted(text for text in texts if text.isdigit()), sorted(cells + numbers))
        for c, one in enumerate(said["classes"]):
            if not one["name"].isdigit():
                self.assertIn(f"{c} {one['name']}", " ".join(texts))

    def test_a_sheet_that_cannot_be_written_is_refused_before_the_work(self):
        self.refused("evaluate", *DATA, "--sheet", "sheet.gif", "-o", "matrix.png", says=[".png"])
        self.refused("evaluate", *DATA, "--sheet", "missing/sheet.png", says=["missing"])


if __name__ == "__main__":
    main()
