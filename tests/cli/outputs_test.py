#!/usr/bin/env python3
"""What commands that draw leave behind when one of their results cannot be written. Usage: outputs_test.py PROGRAM DATA"""
from command_line import CommandLineTest, main

DATA = ["--data", "fashion-mnist-small"]
PICTURE = ["lenet", *DATA, "--sample", "3"]
DRAWING = [
    ["data", "show", "fashion-mnist-small"],
    ["diff", "lenet", "lenet"],
    ["evaluate", "lenet", *DATA],
    ["explain", *PICTURE, "--at", "layer1/conv:2,3,1"],
    ["graph", "lenet"],
    ["kernels", "edge"],
    ["predict", *PICTURE],
    ["runs", "compare", "."],
]
DRAWING_AND_SAVING = [
    ["attribute", *PICTURE, "--method", "saliency"],
    ["compare", "lenet", *DATA, "--class", "0", "--class", "9"],
    ["compare", "lenet", *DATA, "--class", "0", "--class", "9", "--rank"],
    ["dream", "lenet", "--layer", "layer1/conv", "--steps", "2"],
    ["embed", "lenet", *DATA, "--pictures", "40", "--method", "pca"],
    ["features", *PICTURE],
    ["filter", "grey.png", "-k", "edge"],
    ["top", "lenet", *DATA, "--layer", "layer1/conv", "--count", "2"],
    ["weights", "lenet"],
]
# Longer than a file system takes: refused when it is written, not before.
TOO_LONG = "x" * 300 + ".png"


class WritingResults(CommandLineTest):
    def test_a_figure_that_cannot_be_written_is_refused_before_anything_is(self):
        for command in DRAWING + DRAWING_AND_SAVING:
            saving = ["--save", "raw"] if command in DRAWING_AND_SAVING else []
            with self.subTest(command):
                self.refused(*command, "-o", "none/figure.png", *saving, says=["none/figure.png", "none does not exist"])
                self.refused(*command, "-o", "figure.tiff", *saving, says=["figure.tiff", ".png, .svg or .pdf"])
        self.refused("evaluate", "lenet", *DATA, "-o", "matrix.png", "--sheet", "sheet.bmp", says=["sheet.bmp"])
        self.refused("summary", "lenet", "--cost", "-o", "none/cost.png", says=["none does not exist"])

    def test_what_was_written_is_told_behind_the_result(self):
        for command in (["features", *PICTURE], ["weights", "lenet"], ["dream", "lenet", "--steps", "2"]):
            with self.subTest(command):
                said = self.done(*command, "-o", "figure.svg", "--save", "raw")
                self.assertTrue(said.endswith("\nwrote raw, figure.svg\n"), said)
                self.assertNotIn("wrote", self.done(*command))
                self.assertNotIn("wrote", self.done(*command, "-o", "figure.svg", "--json"))
        # Of filter the list of files says it.
        said = self.done("filter", "grey.png", "-k", "edge", "-o", "figure.svg", "--save", "raw")
        self.assertIn("saved in raw: ", said)
        self.assertTrue(said.endswith("\nwrote figure.svg\n"), said)

    def test_two_results_at_one_place_are_refused_before_anything_is_written(self):
        twice = [[*command, "-o", "one.png", "--save", "./one.png"] for command in DRAWING_AND_SAVING]
        twice += [
            ["evaluate", "lenet", *DATA, "-o", "one.png", "--sheet", "one.png"],
            ["features", *PICTURE, "--layer", "layer1/conv", "--channel", "1", "-o", "one.csv", "--save", "one.csv"],
            ["features", *PICTURE, "-o", "one.png", "--all", "one.png"],
            ["filter", "grey.png", "-k", "edge", "--save", "one.png", "--save-picture", "one.png"],
        ]
        before = sorted(self.folder.rglob("*"))
        for command in twice:
            with self.subTest(command):
                result = self.run_program(*command)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn("two results would be written to", result.stderr.decode())
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_pages_and_arrays_may_go_into_one_folder(self):
        self.done("features", *PICTURE, "--all", "both", "--save", "both")
        self.assertTrue((self.folder / "both" / "index.html").is_file())
        self.assertTrue(list((self.folder / "both").glob("*.npy")))

    def test_arrays_that_cannot_be_written_are_refused_before_the_figure_is(self):
        self.write("raw", b"a file")
        for command in DRAWING_AND_SAVING:
            with self.subTest(command):
                self.refused(*command, "-o", "figure.png", "--save", "raw/deeper", says=["raw is not a folder"])

    def test_a_figure_that_cannot_be_made_leaves_no_arrays(self):
        self.refused("weights", "lenet", "--layer", "layer1/conv", "--filter", "99", "-o", "figure.png", "--save", "raw",
                     says=["99"])
        self.refused("features", *PICTURE, "--layer", "layer1/conv", "--channel", "99", "--all", "pages", "--save", "raw",
                     says=["99"])

    def test_a_figure_that_fails_while_it_is_written_tells_what_was(self):
        for command in DRAWING[:-1]:  # there are no runs to compare
            with self.subTest(command):
                self.refused(*command, "-o", TOO_LONG, says=["too long"])
        for number, command in enumerate(DRAWING_AND_SAVING):
            with self.subTest(command):
                result = self.run_program(*command, "-o", TOO_LONG, "--save", f"raw{number}")
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stdout, b"")
                self.assertIn(f"written before that: raw{number}\n", result.stderr.decode())
                self.assertTrue(list((self.folder / f"raw{number}").glob("*.npy")))


class DrawingWithoutATerminal(CommandLineTest):
    def test_what_is_drawn_unasked_has_no_escape_sequences(self):
        text = self.done("graph", "lenet", env={"TERM": "xterm-256color", "LANG": "C.UTF-8"})
        self.assertIn("Conv 5x5, 4 filters", text)
        self.assertTrue(text.isascii() and "\033" not in text, text)
        self.assertIn("\033", self.done("graph", "lenet", "--show", env={"TERM": "xterm-256color", "LANG": "C.UTF-8"}))


if __name__ == "__main__":
    main()
