#!/usr/bin/env python3
"""What `convscope filter` says to files, kernels, options and places that are no good, and that it loses nothing. Usage: bad_input_test.py PROGRAM DATA"""
import signal
import subprocess

from command_line import CommandLineTest, full_disk, main, messages
from picture_files import pattern, png, read_npy


class BadInput(CommandLineTest):
    def filter_refused(self, *arguments, says=(), **options):
        self.refused("filter", *arguments, "-o", "figure.png", "--save", "out", says=says, **options)

    def test_pictures_that_are_none(self):
        edge = ("-k", "edge")
        self.filter_refused("missing.png", *edge, says=["missing.png"])
        self.filter_refused(".", *edge)
        self.filter_refused(self.write("empty.png", b""), *edge, says=["empty.png"])
        self.filter_refused(self.write("text.png", b"not a picture\n" * 9), *edge, says=["text.png"])
        self.filter_refused("-", *edge, says=["standard input"], input=b"neither is this")

    def test_pictures_that_are_cut_off(self):
        self.done("filter", "grey.png", "-k", "identity", "--save-picture", "whole.jpg")
        for name in ("whole.jpg", "grey.png"):
            data = (self.folder / name).read_bytes()
            for part in (len(data) // 3, len(data) * 2 // 3, len(data) - 20):
                self.filter_refused(self.write("cut_" + name, data[:part]), "-k", "edge", says=["cut_" + name])

    def test_a_header_that_claims_forty_gigapixels(self):
        self.filter_refused(self.write("huge.png", png([[0] * 8] * 8, size=(200000, 200000))), "-k", "edge",
                            says=["200000", "make it smaller"])

    def test_kernels_that_are_none(self):
        self.filter_refused("grey.png", "-k", "[[1,2],[3]]")
        for empty in ("", "[]", "[[]]"):
            self.filter_refused("grey.png", "-k", empty)
        self.filter_refused("grey.png", "-k", "[[1,two]]")
        self.filter_refused("grey.png", "-k", self.write("ragged.csv", b"1,2\n3\n"), says=["ragged.csv"])
        self.filter_refused("grey.png", "-k", self.write("empty.txt", b""), says=["empty.txt"])
        self.filter_refused("grey.png", "-k", self.write("words.csv", b"1,two\n"), says=["words.csv"])
        self.filter_refused("grey.png", "-k", self.write("bytes.npy", b"\x93NUMPY\1\0"), says=["bytes.npy"])
        self.filter_refused("grey.png", "-k", "missing.npy", says=["missing.npy"])
        with open(self.folder / "vast.npy", "wb") as file:
            file.truncate(1 << 33)  # takes no room on the disk, and must take none in memory
        self.filter_refused("grey.png", "-k", "vast.npy", says=["vast.npy", "at most", "bytes"])
        self.filter_refused("grey.png", "-k", "gausian", says=["gaussian"])
        self.filter_refused("grey.png", "-k", "SOBEL-X", says=["did you mean sobel-x"])
        self.filter_refused("grey.png", "-k", "box:13", says=["grey.png", "rows", "fit"])
        self.filter_refused("grey.png", "-k", "crop:10,0,5,5", says=["12 rows"])
        self.filter_refused("grey.png", "-k", "crop:1,2,3", says=["crop:y,x,h,w"])
        self.filter_refused("grey.png", "-k", "edge", "-k", "box:5", says=["one size"])

    def test_options_that_cannot_be(self):
        edge = ("grey.png", "-k", "edge")
        for option in ("--stride", "--dilation"):
            for value in ("0", "-1", "2,0", "two"):
                self.filter_refused(*edge, option, value, says=[f"convscope: {option}: ", f'"{value}"'.split(",")[-1]])
        self.filter_refused(*edge, "--padding", "sane", says=["--padding: ", "valid, same"])
        self.filter_refused(*edge, "--padding", "-1", says=["--padding: "])
        self.filter_refused(*edge, "--pad-mode", "mirror", says=["reflect"])
        self.filter_refused(*edge, "--padding", "12", "--pad-mode", "reflect", says=["reflect"])
        self.filter_refused(*edge, "--activation", "rely", says=["--activation: ", "relu"])
        self.filter_refused(*edge, "--activation", "Relu", says=["did you mean relu"])
        self.filter_refused(*edge, "--pool", "median:3", says=["max or average"])
        self.filter_refused(*edge, "--pool", "max:99", says=["max_pool"])
        self.filter_refused(*edge, "--pool", "max:0", says=["--pool: ", "at least 1"])
        self.filter_refused(*edge, "--bias", "1,2", says=["--bias"])
        self.filter_refused(*edge, "--channels", "g", says=["channel 1"])
        self.filter_refused(*edge, "--as-rgb", says=["three output maps"])
        for scale in ("0", "-255", "inf", "nan"):
            self.filter_refused(*edge, "--scale", scale, says=["--scale: "])
        self.refused("filter", *edge, "-o", "figure.bmp", says=[".svg"])
        self.refused("filter", *edge, "--save-picture", "map.bmp")
        self.refused("filter", *edge, "-o", "no/such/folder/figure.png", says=["no/such/folder"])
        self.refused("filter", *edge, "--save", "grey.png/out", says=["grey.png/out"])
        self.refused("filter", *edge, "--save-picture", "map.png", "--as-rgb", says=["three output maps"])

    def test_nothing_is_written_when_one_of_the_results_cannot_be(self):
        edge = ("filter", "colour.png", "-k", "edge", "-o", "figure.png")
        (self.folder / "map.png").mkdir()
        self.refused(*edge, "--save", "grey.png/out", says=["grey.png/out"])
        self.refused(*edge, "--save", "out", "--save-picture", "no/map.png", says=["no/map.png"])
        self.refused(*edge, "--save-picture", "map.png", says=["map.png"])
        self.refused(*edge, "--save-picture", "map.bmp", says=["map.bmp"])
        self.refused(*edge, "-k", "sharpen", "--save-picture", "map.tif", says=["6 maps"])

    def test_two_results_in_one_place_are_a_mistake_of_usage(self):
        for outputs in (["-o", "a.png", "--save-picture", "./a.png"], ["-o", "a.png", "--save", "a.png"]):
            result = self.run_program("filter", "grey.png", "-k", "edge", *outputs)
            self.assertEqual(result.returncode, 2)
            self.assertIn("a.png", messages(result.stderr))
            self.assertFalse((self.folder / "a.png").exists())

    def test_a_result_never_replaces_the_picture(self):
        before = (self.folder / "grey.png").read_bytes()
        for option in ("-o", "--save-picture", "--save"):
            result = self.run_program("filter", "grey.png", "-k", "edge", option, "./grey.png")
            self.assertEqual(result.returncode, 2)
            self.assertIn("grey.png", messages(result.stderr))
            self.assertEqual((self.folder / "grey.png").read_bytes(), before)

    def test_a_number_of_threads_out_of_range_is_a_mistake_of_usage(self):
        for threads in ("-1", "1025", "1000000000"):
            for arguments in (["--threads", threads, "kernels"], ["kernels", "--threads", threads]):
                result = self.run_program(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn("--threads: ", messages(result.stderr))
                self.assertIn("1024", messages(result.stderr))

    def test_a_mistake_of_usage_is_one_line(self):
        for arguments, named in ((["foo"], '"foo"'), (["filter"], "required"), (["filter", "grey.png"], "required"),
                                 (["filter", "grey.png", "-k", "edge", "--nope"], "--nope")):
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, 2)
            line = messages(result.stderr)
            self.assertEqual(len(line.strip().splitlines()), 1, line)
            self.assertIn(named, line)

    def test_a_full_disk_leaves_no_partial_file(self):
        self.write("photo.png", png(pattern(80, 90)))
        for output in (["-o", "figure.png"], ["-o", "figure.svg"], ["-o", "figure.pdf"], ["--save", "out"],
                       ["--save-picture", "map.tif"]):
            self.refused("filter", "photo.png", "-k", "edge", *output, preexec_fn=lambda: full_disk(4096))

    def test_a_disk_that_fills_up_between_two_tensors_leaves_the_folder_as_it_was(self):
        # 12 x 17 floats fit, the padded convolution of twice as many does not.
        saved = ("filter", "grey.png", "-k", "edge", "--padding", "20", "--save")
        self.refused(*saved, "new/out", says=["new/out/conv.npy"], preexec_fn=lambda: full_disk(2048))
        (self.folder / "old").mkdir()
        self.write("old/input.npy", b"of another run")
        self.refused(*saved, "old", says=["old/conv.npy"], preexec_fn=lambda: full_disk(2048))
        self.assertEqual((self.folder / "old/input.npy").read_bytes(), b"of another run")
        self.done(*saved, "old")
        self.assertEqual(read_npy((self.folder / "old/input.npy").read_bytes())[0], (1, 12, 17, 1))

    def test_a_disk_that_fills_up_between_two_results_says_what_is_written(self):
        # The tensors of a small picture fit, its figure does not.
        result = self.run_program("filter", "grey.png", "-k", "edge", "--save", "out", "-o", "figure.png",
                                  preexec_fn=lambda: full_disk(2048))
        self.assertEqual(result.returncode, 1)
        line = messages(result.stderr)
        self.assertIn("figure.png: ", line)
        self.assertIn("written before that: out\n", line)
        self.assertEqual({path.name for path in (self.folder / "out").iterdir()},
                         {"input.npy", "kernel.npy", "conv.npy"})
        self.assertFalse((self.folder / "figure.png").exists())

    def test_results_that_cannot_be_printed_are_an_error(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([self.program, "kernels"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output", result.stderr)

    def test_a_reader_that_stops_early_is_no_error_worth_a_line(self):
        program = subprocess.Popen([self.program, "kernels", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        program.stdout.read(10)
        program.stdout.close()
        self.assertEqual(program.stderr.read(), b"")
        program.stderr.close()
        self.assertIn(program.wait(timeout=60), (0, 128 + signal.SIGPIPE))


if __name__ == "__main__":
    main()
