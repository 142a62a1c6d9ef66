#!/usr/bin/env python3
"""Animations. Usage: film_test.py PROGRAM DATA"""
import json
import signal
import struct
import subprocess

from command_line import CommandLineTest, main


def gif_frames(data):
    """Width, height and the delays of a GIF, in hundredths of a second, read as its specification has it."""
    assert data[:6] == b"GIF89a", data[:6]
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 128 else 0)
    delays, images = [], 0

    def past_blocks(place):
        while data[place]:
            place += data[place] + 1
        return place + 1

    while data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                delays.append(struct.unpack("<H", data[at + 4:at + 6])[0])
            at = past_blocks(at + 2)
        else:
            images += 1
            local = data[at + 9]
            at = past_blocks(at + 10 + (3 * 2 ** ((local & 7) + 1) if local & 128 else 0) + 1)
    assert images == len(delays), (images, delays)
    return width, height, delays


class SlidingAWindow(CommandLineTest):
    def slide(self, *arguments):
        return json.loads(self.done("film", "--slide", *arguments, "--json"))

    def test_a_gif_has_a_frame_for_each_place_told(self):
        told = self.slide("fashion-cnn", "grey.png", "--layer", "conv_layer_1", "--channel", "10", "--frames", "6",
                          "--delay", "80", "-o", "slide.gif")
        self.assertEqual((told["frames"], told["places"], told["rows"], told["columns"]), (6, 26 * 26, 26, 26))
        width, height, delays = gif_frames((self.folder / "slide.gif").read_bytes())
        self.assertEqual((width, height), (told["width"], told["height"]))
        self.assertEqual(delays, [8, 8, 8, 8, 8, 80])

    def test_a_webp_is_an_animation(self):
        self.slide("fashion-cnn", "grey.png", "--frames", "3", "-o", "slide.webp")
        data = (self.folder / "slide.webp").read_bytes()
        self.assertEqual((data[:4], data[8:12]), (b"RIFF", b"WEBP"))
        self.assertEqual(data.count(b"ANMF"), 3)

    def test_pools_and_deeper_layers_slide_too(self):
        told = self.slide("fashion-cnn", "grey.png", "--layer", "pool_layer_2", "--frames", "2", "-o", "a.gif")
        self.assertEqual((told["operation"], told["input"]), ("MaxPool", "conv_layer_1"))
        told = self.slide("fashion-cnn", "grey.png", "--layer", "conv_layer_3", "--frames", "2", "-o", "b.gif")
        self.assertEqual(told["input_channels"], 64)

    def test_what_does_not_slide_is_refused(self):
        for arguments, says in ((["--layer", "dense_layer_7"], ["conv_layer_1"]), (["--layer", "nose"], ["nose"]),
                                (["--channel", "64"], ["0 to 63"])):
            self.refused("film", "--slide", "fashion-cnn", "grey.png", *arguments, "-o", "a.gif", says=says)
        self.refused("film", "--slide", "fashion-cnn", "grey.png", "-o", "a.png", says=[".gif or .webp"])
        self.refused("film", "--slide", "fashion-cnn", "grey.png", "-o", "none/a.gif", says=["none"])

    def test_a_map_that_no_window_fills_wholly_is_refused_before_it_is_drawn(self):
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 12, 12, 1], "name": "picture"}},
                  {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [3, 3]}},
                  {"class_name": "ZeroPadding2D", "config": {"name": "pad", "padding": [[0, 1], [0, 1]]}},
                  {"class_name": "Cropping2D", "config": {"name": "crop", "cropping": [[0, 1], [0, 1]]}},
                  {"class_name": "Flatten", "config": {"name": "flatten"}},
                  {"class_name": "Dense", "config": {"name": "classes", "units": 2}}]
        self.write("pad.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "padded", "layers": layers}}).encode())
        self.refused("film", "--slide", "pad.json", "grey.png", "--layer", "pad", "--frames", "800", "-o", "a.gif",
                     says=["a window slides", "pad", "choose one of conv, crop"])
        told = self.slide("pad.json", "grey.png", "--layer", "crop", "--frames", "2", "-o", "a.gif")
        self.assertEqual((told["operation"], told["input"]), ("Conv", "input"))

    def test_of_a_concatenation_the_channels_of_a_convolution_slide_and_the_others_are_refused(self):
        def layer(kind, name, inputs, **config):
            return {"class_name": kind, "name": name, "config": {"name": name, **config},
                    "inbound_nodes": [[[one, 0, 0, {}] for one in inputs]] if inputs else []}

        layers = [layer("InputLayer", "picture", [], batch_shape=[None, 12, 12, 1]),
                  layer("Conv2D", "conv", ["picture"], filters=2, kernel_size=[3, 3]),
                  layer("Cropping2D", "crop", ["picture"], cropping=[[1, 1], [1, 1]]),
                  layer("Concatenate", "both", ["conv", "crop"], axis=-1),
                  layer("Flatten", "flatten", ["both"]),
                  layer("Dense", "classes", ["flatten"], units=2)]
        self.write("both.json", json.dumps(
            {"class_name": "Functional", "config": {"name": "both", "layers": layers,
                                                    "input_layers": [["picture", 0, 0]],
                                                    "output_layers": [["classes", 0, 0]]}}).encode())
        both = ["both.json", "grey.png", "--layer", "both", "--frames", "2", "-o", "a.gif", "--channel"]
        self.refused("film", "--slide", *both, "2", says=["a window slides", "both"])
        self.assertEqual(self.slide(*both, "1")["operation"], "Conv")

    def test_without_an_output_it_is_not_understood(self):
        self.assertEqual(self.run_program("film", "--slide", "fashion-cnn", "grey.png").returncode, 2)
        self.assertEqual(self.run_program("film", "fashion-cnn", "grey.png").returncode, 2)

    def test_options_that_nothing_reads_are_refused(self):
        for arguments in (["--slide", "--filters", "conv", "-o", "a.gif"], ["--channel", "1", "-o", "a.gif"],
                          ["--delay", "50", "-o", "a.png"], ["--weights", "w.h5", "-o", "a.gif"]):
            result = self.run_program("film", "fashion-cnn", "grey.png", *arguments)
            self.assertEqual((result.returncode, arguments[-4].encode() in result.stderr), (2, True), result.stderr)

    def test_one_that_is_stopped_leaves_no_file(self):
        before = sorted(self.folder.rglob("*"))
        process = subprocess.Popen([self.program, "film", "--slide", "fashion-cnn", "grey.png", "--frames", "676", "-o",
                                    "long.gif"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertRegex(process.stderr.readline(), rb" %\n")  # it is at work
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertEqual(sorted(self.folder.rglob("*")), before)


if __name__ == "__main__":
    main()
