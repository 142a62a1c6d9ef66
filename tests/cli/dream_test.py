#!/usr/bin/env python3
"""`convscope dream` as a user runs it. Usage: dream_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main

DATA = ["--data", "fashion-mnist-small"]


class Dreaming(CommandLineTest):
    def test_a_channel_grows_from_noise_and_beside_it_stands_the_best_of_the_data(self):
        report = json.loads(self.done("dream", "lenet", "--layer", "layer2/conv", "--channel", "3", "--steps", "20", *DATA,
                                      "-o", "dream.png", "--save", "raw", "--json"))
        self.assertEqual((report["tensor"], report["channel"], report["from"]), ("layer2/conv", 3, None))
        dream = report["dreams"][0]
        self.assertEqual(len(dream["curve"]), 20)
        self.assertGreater(dream["value"], dream["beginning"])
        self.assertEqual(report["best_of_data"]["data"], "2000 test pictures of fashion-mnist-small")
        self.assertTrue((self.folder / "dream.png").read_bytes().startswith(b"\x89PNG"))
        header = (self.folder / "raw" / "pictures.npy").read_bytes()[:128]
        self.assertIn(b"(1, 28, 28, 1)", header)
        self.assertIn(b"(20, 1)", (self.folder / "raw" / "curve.npy").read_bytes()[:128])

    def test_a_seed_is_a_picture(self):
        def pictures(*options):
            self.done("dream", "lenet", "--steps", "5", "--save", "raw", *options)
            return (self.folder / "raw" / "pictures.npy").read_bytes()

        self.assertEqual(pictures(), pictures("--threads", "3"))
        self.assertNotEqual(pictures(), pictures("--seed", "1"))
        self.assertNotEqual(pictures(), pictures("--basis", "pixels"))
        self.assertNotEqual(pictures("--jitter", "0"), pictures("--jitter", "3"))
        self.assertNotEqual(pictures("--zoom", "0"), pictures("--zoom", "0.2"))
        self.assertNotEqual(pictures("--rate", "0.05"), pictures("--rate", "0.1"))

    def test_classes_values_and_pictures_to_begin_with(self):
        self.assertIn("class 8", self.done("dream", "fashion-cnn", "--class", "8", "--steps", "3"))
        model = f"{self.data}/models/fashion-cnn.onnx"
        self.assertIn("class 6 (Shirt)", self.done("dream", model, "--class", "shirt", "--steps", "3"))
        self.assertIn("channel 5 of conv_layer_1 at 2,3",
                      self.done("dream", "fashion-cnn", "--at", "conv_layer_1:2,3,5", "--steps", "3"))
        self.assertIn("unit 7 of dense_layer_7",
                      self.done("dream", "fashion-cnn", "--at", "dense_layer_7:7", "--steps", "3"))
        self.assertIn("from grey.png", self.done("dream", "fashion-cnn", "--from", "grey.png", "--steps", "3"))
        self.done("dream", "fashion-cnn", "--from", str(self.folder / "grey.png"), "--steps", "3", "-o", "dream.svg")
        figure = (self.folder / "dream.svg").read_text()
        self.assertIn("steps from grey.png", figure)
        self.assertNotIn(str(self.folder), figure)

    def test_of_one_place_it_finds_more_than_the_data_hold(self):
        report = json.loads(self.done("dream", f"{self.data}/models/fashion-cnn.onnx", "--at",
                                      "conv_layer_1/pre_activation:5,5,3", *DATA, "-o", "place.svg", "--json"))
        self.assertGreater(report["dreams"][0]["value"], report["best_of_data"]["value"])
        figure = (self.folder / "place.svg").read_text()
        self.assertNotIn("moved and enlarged", figure)
        self.assertIn("does not see", figure)

    def test_of_the_first_of_two_classes_the_negative_of_the_score_is_told(self):
        run = ("dream", self.one_score(), "--steps", "20", "--jitter", "0", "--zoom", "0", "--json", "--class")
        first, second = (json.loads(self.done(*run, number)) for number in "01")
        self.assertIn("(its negative)", first["what"])
        self.assertNotIn("negative", second["what"])
        self.assertEqual(first["dreams"][0]["beginning"], -second["dreams"][0]["beginning"])
        for told in (first, second):
            dream = told["dreams"][0]
            self.assertGreater(dream["value"], dream["beginning"])
            self.assertGreater(dream["curve"][-1], dream["curve"][0])

    def test_it_begins_with_a_picture_of_a_data_set(self):
        for part in ("test", "train"):
            report = json.loads(self.done("dream", "lenet", *DATA, "--part", part, "--sample", "7", "--steps", "2", "--json"))
            self.assertEqual(report["from"], f"fashion-mnist-small {part} 7")
        self.refused("dream", "lenet", *DATA, "--sample", "2000", "--steps", "2", says=["test has pictures 0 to 1999"])
        for arguments in (["--sample", "7"], [*DATA, "--sample", "7", "--from", "grey.png"]):
            self.assertEqual(self.run_program("dream", "lenet", *arguments).returncode, 2, arguments)

    def test_the_default_of_a_trained_model_rises_out_of_its_dead_rectifiers(self):
        report = json.loads(self.done("dream", f"{self.data}/models/fashion-cnn.onnx", "--json"))
        self.assertEqual((report["tensor"], report["channel"], report["steps"]), ("pool_layer_4", 0, 256))
        dream = report["dreams"][0]
        self.assertTrue(dream["moved"])
        self.assertGreater(dream["value"], dream["beginning"])

    def test_several_dreams_are_made_together(self):
        report = json.loads(self.done("dream", "lenet", "--diversity", "3", "--steps", "4", "--json"))
        self.assertEqual(len(report["dreams"]), 3)

    def test_what_there_is_not_is_refused_with_what_there_is(self):
        self.refused("dream", "fashion-cnn", "--layer", "conv_layer_2", "-o", "dream.png",
                     says=["did you mean", "conv_layer_1"])
        self.refused("dream", "fashion-cnn", "--layer", "conv_layer_1", "--channel", "64", says=["channels 0 to 63"])
        self.refused("dream", "fashion-cnn", "--class", "10", says=["classes 0 to 9"])
        self.refused("dream", "fashion-cnn", "--at", "conv_layer_1:26,0,0", "--save", "raw", says=["rows 0 to 25"])
        self.refused("dream", "fashion-cnn", "--at", "conv_layer_1", says=["TENSOR:y,x,c", "rows 0 to 25"])
        self.refused("dream", "fashion-cnn", "--jitter", "28", says=["jitter"])
        for arguments in ([], ["lenet", "--class", "1", "--layer", "layer2/conv"], ["lenet", "--steps", "0"],
                          ["lenet", "--at", "a:1", "--channel", "1"], ["lenet", "--json", "--show"],
                          ["lenet", "--part", "train"]):
            self.assertEqual(self.run_program("dream", *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
