#!/usr/bin/env python3
"""The weights of a model, as a user looks at them. Usage: weights_test.py PROGRAM DATA"""
import json
import math
import re

from command_line import CommandLineTest, main
from picture_files import read_npy


class LookingAtWeights(CommandLineTest):
    def weights(self, *arguments):
        return {tensor["name"]: tensor for tensor in
                json.loads(self.done("weights", *arguments, "--json"))["tensors"]}

    def test_every_parameter_has_its_statistics_and_every_kernel_its_filters(self):
        tensors = self.weights("fashion-cnn", "-o", "all.png", "--save", "raw")
        self.assertEqual(len(tensors), 8)
        kernel = tensors["conv_layer_3/kernel"]
        self.assertEqual(kernel["shape"], [3, 3, 64, 64])
        shape, values = read_npy((self.folder / "raw" / "conv_layer_3.kernel.npy").read_bytes())
        self.assertEqual(list(shape), kernel["shape"])
        self.assertAlmostEqual(min(values), kernel["minimum"], places=6)
        self.assertAlmostEqual(sum(values) / len(values), kernel["mean"], places=6)
        self.assertEqual(sum(kernel["histogram"]["counts"]), len(values))
        norm = math.sqrt(sum(v * v for v in values[5::64]))
        self.assertAlmostEqual(kernel["filters"]["norms"][5], norm, places=4)
        self.assertEqual(kernel["filters"]["dead"], [])
        self.assertEqual(tensors["conv_layer_1/bias"]["zeros"], 64)
        self.assertNotIn("filters", tensors["conv_layer_1/bias"])
        self.assertTrue((self.folder / "all.png").read_bytes().startswith(b"\x89PNG"))

    def test_a_layer_is_named_by_itself_or_by_a_parameter(self):
        self.assertEqual(list(self.weights("fashion-cnn", "--layer", "conv_layer_1")),
                         ["conv_layer_1/kernel", "conv_layer_1/bias"])
        self.assertEqual(list(self.weights("fashion-cnn", "--layer", "dense_layer_7/bias")), ["dense_layer_7/bias"])

    def test_a_lower_threshold_finds_more_near_duplicates(self):
        def pairs(threshold):
            return self.weights("fashion-cnn", "--layer", "conv_layer_1", "--alike", threshold)[
                "conv_layer_1/kernel"]["filters"]["near_duplicates"]
        few, many = pairs("0.9"), pairs("0.5")
        self.assertGreater(len(many), len(few))
        self.assertTrue(all(pair["cosine"] >= 0.5 for pair in many))
        self.assertEqual(few, many[:len(few)])

    def test_opposite_filters_are_no_near_duplicates(self):
        kernel = self.weights("fashion-cnn", "--layer", "conv_layer_1", "--alike", "0.5")["conv_layer_1/kernel"]["filters"]
        self.assertTrue(kernel["opposites"])
        self.assertTrue(all(pair["cosine"] <= -0.5 for pair in kernel["opposites"]))
        self.assertIn("nearly opposite: ", self.done("weights", "fashion-cnn", "--layer", "conv_layer_1", "--alike", "0.5"))

    def test_filters_with_their_values_have_one_size_one_scale_and_one_rule_of_digits(self):
        self.done("weights", "lenet", "--layer", "layer1/conv", "-o", "few.svg")
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / "few.svg").read_text())
        self.assertIn("one scale for all, values rounded alike", " ".join(texts))
        # Of the numbers in the cells, not of the axes under them.
        places = {len(text.split(".")[1]) for text in texts if re.fullmatch(r"-?0\.\d{2,}", text)}
        self.assertLessEqual(len(places), 3)

    def test_scores_below_zero_are_not_said_never_to_answer(self):
        told = self.done("weights", "fashion-cnn", "--data", self.few_clothes())
        self.assertIn("conv_layer_1 never above 0 on", told)
        self.assertNotIn("dense_layer_7 never above 0", told)
        self.assertNotIn("dense_layer_7/pre_activation never above 0", told)

    def test_with_data_it_tells_which_filters_never_answer(self):
        kernel = self.weights("fashion-cnn", "--layer", "conv_layer_1", "--data", "fashion-mnist-small")[
            "conv_layer_1/kernel"]
        self.assertEqual(kernel["filters"]["activation"], "conv_layer_1")
        _, values = self.raw_kernel()
        # Pictures are not negative: a filter without a positive weight, and no bias, has nothing to answer to.
        without = [f for f in range(64) if max(values[f::64]) <= 0]
        self.assertTrue(set(without) <= set(kernel["filters"]["never_above_zero"]))

    def raw_kernel(self):
        self.done("weights", "fashion-cnn", "--layer", "conv_layer_1", "--save", "raw")
        return read_npy((self.folder / "raw" / "conv_layer_1.kernel.npy").read_bytes())

    def test_figures_of_every_kind_of_layer(self):
        for name, arguments, says in (
                ("first.svg", ["alexnet-torch", "--layer", "conv1"], "in colour"),
                ("deep.svg", ["fashion-cnn", "--layer", "conv_layer_3"], "the 64 strongest of 4096 kernels"),
                ("few.svg", ["fashion-cnn", "--layer", "conv_layer_1", "--strongest", "4"], "filter"),
                ("one.svg", ["fashion-cnn", "--layer", "conv_layer_3", "--filter", "7", "--channel", "3"], "kernel 7,3"),
                ("dense.svg", ["fashion-cnn", "--layer", "dense_layer_7"], "10 units down, 128 inputs across"),
                ("rank.svg", ["fashion-cnn", "--layer", "dense_layer_7"], "rank, the strongest first"),
                ("unit.svg", ["fashion-cnn", "--layer", "dense_layer_7", "--filter", "3"], "unit 3 of 10"),
                ("input.svg", ["fashion-cnn", "--layer", "dense_layer_7", "--channel", "9"], "input 9 of 128")):
            self.done("weights", *arguments, "-o", name)
            texts = re.findall(r"<text[^>]*>([^<]*)</text>", (self.folder / name).read_text())
            self.assertTrue(says in " ".join(texts), (name, texts))

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("weights", "fashion-cnn", "--layer", "conv_layer_2", says=["conv_layer_1", "did you mean"])
        self.refused("weights", "fashion-cnn", "--layer", "conv_layer_3", "--channel", "64", "-o", "a.png",
                     says=["0 to 63"])
        self.refused("weights", "fashion-cnn", "--layer", "conv_layer_3", "--filter", "64", "-o", "a.png",
                     "--save", "raw", says=["0 to 63"])
        self.refused("weights", "fashion-cnn", "--layer", "dense_layer_7", "--filter", "10", "-o", "a.png",
                     says=["units 0 to 9"])
        self.refused("weights", "fashion-cnn", "--layer", "conv_layer_3", "--filter", "64", says=["0 to 63"])
        self.refused("weights", "fashion-cnn", "--alike", "0", says=["above 0"])
        self.refused("weights", "fashion-cn", says=["fashion-cnn"])

    def test_what_does_not_go_together_exits_with_2(self):
        for arguments in (["--channel", "1"], ["--filter", "1"], ["--part", "train"], ["--strongest", "0"],
                          ["--json", "--show"]):
            self.assertEqual(self.run_program("weights", "fashion-cnn", *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
