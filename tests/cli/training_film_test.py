#!/usr/bin/env python3
"""Films of a network that learns, as a user asks for them. Usage: training_film_test.py PROGRAM DATA"""
import json
import re

from command_line import main
from film_test import gif_frames
from picture_files import png
from train_test import TrainingTest


class TrainingFilm(TrainingTest):
    def kept(self, *snapshots):
        self.train("run", "--epochs", "1", "--snapshot", *snapshots, "--snapshot-every", "5")

    def test_all_parameters_are_kept_under_one_word(self):
        self.kept("parameters")
        steps = {path.name[:6] for path in (self.folder / "run/snapshots").iterdir()}
        names = {path.name[7:] for path in (self.folder / "run/snapshots").iterdir()}
        self.assertEqual(steps, {"000000", "000005", "000010"})
        self.assertEqual(names, {"conv.kernel.npy", "conv.bias.npy", "classes.kernel.npy", "classes.bias.npy"})

    def test_filters_of_every_snapshot_are_a_frame(self):
        self.kept("conv/kernel")
        made = json.loads(self.done("film", "run", "-o", "film.gif", "--json"))
        self.assertEqual(made["steps"], [0, 5, 10, 15])  # before three of 15 steps, and after the last
        self.assertEqual(made["filters"], "conv/kernel")
        width, height, delays = gif_frames(self.bytes_of("film.gif"))
        self.assertEqual(len(delays), 4)
        self.assertGreater(min(width, height), 100)
        self.assertEqual(json.loads(self.done("film", "run", "--frames", "2", "-o", "film.webp", "--json"))["steps"],
                         [0, 15])
        self.assertEqual(self.bytes_of("film.webp")[8:12], b"WEBP")

    def test_maps_and_scores_of_a_picture_are_shown_where_all_parameters_were_kept(self):
        self.kept("parameters")
        self.write("one.png", png([[y * 20 for _ in range(8)] for y in range(8)]))
        self.done("film", "run", "one.png", "--layer", "conv", "--channel", "1", "2", "-o", "strip.svg")
        text = self.bytes_of("strip.svg").decode()
        for part in (">step 0<", ">step 10<", ">map 1<", ">map 2<", "conv, of the picture", "what it says"):
            self.assertIn(part, text)
        # Time runs to the right: the steps of a row stand on one line, later ones further on.
        places = {step: re.search(r'x="([\d.]+)" y="([\d.]+)"[^>]*>step %d<' % step, text).groups() for step in (0, 5, 10, 15)}
        self.assertEqual(len({y for _, y in places.values()}), 1)
        self.assertLess(float(places[0][0]), float(places[5][0]))
        self.assertLess(float(places[5][0]), float(places[10][0]))
        self.assertLess(float(places[10][0]), float(places[15][0]))
        # One scale a kind, stated once.
        self.assertEqual(text.count("one scale for all 16 maps"), 1)
        self.assertEqual(text.count("one scale for all 8 maps"), 1)
        self.refused("film", "run", "--layer", "conv", "-o", "film.gif", says=["PICTURE, or --data and --sample"])
        self.refused("film", "run", "--frames", "25", "-o", "strip.svg", says=["at most 24 frames"])

    def test_what_was_not_kept_is_named(self):
        self.kept("conv/kernel")
        self.write("one.png", png([[0] * 8] * 8))
        self.refused("film", "run", "one.png", "--layer", "conv", "-o", "film.gif",
                     says=["conv/kernel", "--snapshot parameters"])
        self.refused("film", "run", "--filters", "classes/kernel", "-o", "film.gif",
                     says=["classes/kernel", "conv/kernel"])
        self.refused("film", "run", "-o", "film.mp4", says=[".gif", ".webp"])
        self.train("plain", "--epochs", "1")
        self.refused("film", "plain", "-o", "film.gif", says=["snapshots", "--snapshot parameters"])

    def test_what_is_no_run_folder_is_told_so(self):
        self.train("run", "--epochs", "1")
        for model in ("lenet", "run/model.onnx", "nowhere"):
            self.refused("film", model, "-o", "film.gif",
                         says=[model + ": a film of a training is made of a run folder with snapshots"])
        (self.folder / "lenet").mkdir()
        self.refused("film", "lenet", "-o", "film.gif", says=["the name of a built-in network"])
        (self.folder / "run/run.json").unlink()
        self.refused("film", "run", "-o", "film.gif", says=["without a run.json"])

    def test_a_snapshot_of_another_shape_or_type_is_named(self):
        self.kept("parameters")
        kernel, bias = "run/snapshots/000005.conv.kernel.npy", "run/snapshots/000005.conv.bias.npy"
        data = self.bytes_of(kernel)
        self.write(kernel, self.bytes_of(bias))
        self.refused("film", "run", "-o", "film.gif", says=[kernel, "(3, 3, 1, 4) float32", "(4,) float32"])
        self.assertIn(b"'<f4'", data)
        self.write(kernel, data.replace(b"'<f4'", b"'<i4'"))
        self.refused("film", "run", "-o", "film.gif", says=[kernel, "float32", "int32"])


if __name__ == "__main__":
    main()
