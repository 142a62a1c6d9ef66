#!/usr/bin/env python3
"""Commands that look at one layer, asked for several. Usage: one_layer_test.py PROGRAM DATA"""
from command_line import CommandLineTest, main


class OneLayer(CommandLineTest):
    def test_several_are_refused_by_name(self):
        two = ("--layer", "layer1/conv,layer2/conv")
        data = ("--data", self.few_clothes())
        for arguments in (["top", "lenet", *data], ["embed", "lenet", *data], ["dream", "lenet"],
                          ["attribute", "lenet", "grey.png"],
                          ["film", "--slide", "lenet", "grey.png", "-o", "slide.gif"]):
            with self.subTest(arguments[0]):
                self.refused(*arguments, *two, says=["one layer", "2 of them", "once for each"])


if __name__ == "__main__":
    main()
