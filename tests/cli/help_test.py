#!/usr/bin/env python3
"""Asking for help, and telling what the program is. Usage: help_test.py PROGRAM DATA"""
import re

from command_line import CommandLineTest, main


class AskingForHelp(CommandLineTest):
    def test_the_version_is_one_line(self):
        self.assertRegex(self.done("--version"), r"^convscope \d+\.\d+\.\d+\n$")

    def commands(self, *above):
        """Every command that --help names, and those below it."""
        text = self.done(*above, "--help").partition("Subcommands:\n")[2].partition("\n\n")[0]
        found = [above]
        for name in re.findall(r"^  (\w+) ", text, re.MULTILINE):
            found += self.commands(*above, name)
        return found

    def test_help_on_every_command_has_an_example(self):
        commands = self.commands()
        self.assertGreater(len(commands), 15)
        self.assertIn(("data", "fetch"), commands)
        for command in commands:
            self.assertRegex(self.done(*command, "--help"), r"Examples?:\n\s+convscope ", command)

    def test_help_tells_how_many_pictures_a_command_takes(self):
        for command in ("features", "explain", "attribute", "film", "diff"):
            text = " ".join(self.done(command, "--help").split())
            self.assertIn("[PICTURE] Positionals:", text, command)
            self.assertIn("PICTURE (one) ", text, command)
            self.assertIn("--sample N ", text, command)
        text = " ".join(self.done("predict", "--help").split())
        self.assertIn("[PICTURE...] Positionals:", text)
        self.assertIn("PICTURE (one or more) ", text)
        for command in ("features", "explain", "attribute"):
            result = self.run_program(command, "lenet", "grey.png", "colour.png", *(["--at", "conv:0,0,0"] * (
                command == "explain")))
            self.assertEqual(result.returncode, 2)
            self.assertIn(b"one picture is shown; received 2", result.stderr)

    def test_help_says_that_models_may_be_layers_in_a_json_file(self):
        for command in ("graph", "evaluate", "predict"):
            self.assertIn(".json (Keras layers) file", " ".join(self.done(command, "--help").split()), command)

    def test_a_mistake_names_the_help_of_its_command(self):
        result = self.run_program("data", "show", "mnist", "--columns", "0")
        self.assertIn("; convscope data show --help tells more\n", result.stderr.decode())
        self.assertIn("; convscope train --help tells more\n", self.run_program("train").stderr.decode())

    def test_help_names_every_activation(self):
        text = " ".join(self.done("filter", "--help").split())
        self.assertIn("linear, relu, relu6, leaky_relu, elu, selu, sigmoid, hard_sigmoid, tanh, softplus, softsign, "
                      "swish, gelu, mish, exponential, softmax, hard_swish, thresholded_relu, celu, log_softmax", text)

    def test_help_tells_how_pictures_and_kernels_are_read(self):
        text = " ".join(self.done("filter", "--help").split())
        for words in ("transparent laid over white", "(R,S), (R,S,C) or (R,S,C,F): rows, columns, channels, filters",
                      "padded same where the convolution is, else not at all"):
            self.assertIn(words, text)

    def test_a_command_line_that_makes_no_sense_exits_with_2(self):
        for arguments in ([], ["filte"], ["filter"], ["filter", "grey.png"], ["filter", "grey.png", "-k", "edge", "--no"],
                          ["filter", "grey.png", "-k"], ["filter", "grey.png", "-k", "edge", "--json", "--show"],
                          ["filter", "grey.png", "-k", "edge", "--scale", "much"],
                          ["filter", "colour.png", "-k", "edge", "--as-rgb"],
                          ["filter", "colour.png", "-k", "edge", "--as-rgb", "--json"],
                          ["kernels", "edge", "--no"], ["data"], ["data", "lst"], ["data", "show"], ["data", "fetch"],
                          ["data", "show", "mnist", "--part", "both"], ["data", "show", "mnist", "--first", "0"],
                          ["data", "show", "mnist", "--json", "--show"]):
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertNotEqual(result.stderr, b"", arguments)
            self.assertEqual(result.stdout, b"", arguments)


if __name__ == "__main__":
    main()
