#!/usr/bin/env python3
"""`convscope kernels` as a user runs it. Usage: kernels_test.py PROGRAM DATA"""
import json

from command_line import CommandLineTest, main


class Kernels(CommandLineTest):
    def test_thirty_presets_or_more_each_with_a_source(self):
        presets = json.loads(self.done("kernels", "--json"))["presets"]
        self.assertGreaterEqual(len(presets), 30)
        self.assertTrue(all(preset["source"] and preset["description"] for preset in presets))
        self.assertEqual(len({preset["name"] for preset in presets}), len(presets))
        listed = self.done("kernels")
        for preset in presets:
            self.assertIn(preset["name"], listed)

    def test_one_kernel_with_its_numbers(self):
        kernel = json.loads(self.done("kernels", "[[1,2],[3,4]]/2", "--json"))["kernels"][0]
        self.assertEqual((kernel["shape"], kernel["values"]), ([2, 2], [[0.5, 1], [1.5, 2]]))
        self.assertEqual(json.loads(self.done("kernels", "[[1,2],[3,4]]", "--json"))["kernels"][0]["values"],
                         [[1, 2], [3, 4]])
        text = self.done("kernels", "edge", "-t(udacity-1)", "-o", "two.svg")
        self.assertIn("-1  8 -1", text)
        self.assertIn("source: ", text)
        self.assertTrue((self.folder / "two.svg").exists())

    def test_no_number_is_minus_zero(self):
        self.assertNotIn("-0.0", self.done("kernels", "-edge", "-[[1,0],[-0,2]]", "--json"))

    def test_an_unknown_kernel_offers_the_nearest(self):
        self.refused("kernels", "sobel-xx", "-o", "sheet.png", says=["sobel-x"])


if __name__ == "__main__":
    main()
