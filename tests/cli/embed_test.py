#!/usr/bin/env python3
"""A layer's activations on a plane, as a user lays them out. Usage: embed_test.py PROGRAM DATA"""
import json
import re

from command_line import CommandLineTest, main
from picture_files import read_npy

DATA = ("fashion-cnn", "--data", "fashion-mnist-small", "--first", "120")
QUICK = ("--iterations", "300")


class LayingActivationsOut(CommandLineTest):
    def test_every_picture_is_a_point_of_its_class_on_both_planes(self):
        plane = json.loads(self.done("embed", *DATA, *QUICK, "--json", "-o", "map.svg", "--save", "raw"))
        self.assertEqual(plane["layer"], "dense_layer_6")
        self.assertEqual(plane["shape"], [120, 128])
        self.assertEqual(len(plane["points"]), 120)
        self.assertEqual(plane["tsne"]["perplexity"], 30)
        self.assertLess(plane["tsne"]["divergence"], plane["tsne"]["first_divergence"])
        shares = plane["pca"]["variance_shares"]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertLessEqual(sum(shares), 1 + 1e-9)
        shape, activations = read_npy((self.folder / "raw" / "activations.npy").read_bytes())
        self.assertEqual(list(shape), plane["shape"])
        # The variance along the first component, of the share that it says, from the raw numbers.
        pca = read_npy((self.folder / "raw" / "pca.npy").read_bytes())[1]
        total = 0
        for unit in range(128):
            own = activations[unit::128]
            mean = sum(own) / 120
            total += sum((value - mean) ** 2 for value in own)
        along = sum(value * value for value in pca[::2])
        self.assertAlmostEqual(along / total, shares[0], places=4)
        text = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / "map.svg").read_text()))
        for words in ("misclassified", "Ankle boot", "t-SNE, with pictures", "perplexity 30"):
            self.assertTrue(words in text, (words, text))

    def test_the_same_bits_on_any_number_of_threads(self):
        one, three = (self.done("embed", *DATA, *QUICK, "--json", "--threads", threads) for threads in "13")
        self.assertEqual(one, three)
        self.assertNotEqual(one, self.done("embed", *DATA, *QUICK, "--json", "--seed", "1"))

    def test_any_layer_and_pca_alone(self):
        plane = json.loads(self.done("embed", *DATA, "--layer", "conv_layer_3", "--method", "pca", "--json"))
        self.assertEqual(plane["shape"], [120, 11, 11, 64])
        self.assertNotIn("tsne", plane)
        self.assertIn("PCA: variance", self.done("embed", *DATA, "--method", "pca"))

    def test_of_a_model_of_two_classes_no_picture_of_ten_is_called_misclassified(self):
        run = ("embed", self.one_score(), *DATA[1:], "--method", "pca")
        self.assertNotIn("misclassified", self.done(*run))
        self.assertNotIn("predicted", json.loads(self.done(*run, "--json"))["points"][0])

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("embed", *DATA, "--layer", "dense_layer", says=["dense_layer_6"])
        self.refused("embed", *DATA, "--perplexity", "50", "-o", "map.png", says=["2 to 39.66"])
        self.refused("embed", "fashion-cnn", "--data", "fashion-mnist-smal", says=["did you mean"])

    def test_what_does_not_make_sense_exits_with_2(self):
        for option in ("--perplexity", "--iterations", "--seed"):
            result = self.run_program("embed", *DATA, "--method", "pca", option, "5")
            self.assertEqual((result.returncode, option in result.stderr.decode()), (2, True), option)
        for arguments in (["--method", "umap"], ["--pictures", "3"], ["--iterations", "0"], ["--json", "--show"]):
            self.assertEqual(self.run_program("embed", *DATA[:3], *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
