#!/usr/bin/env python3
"""`convscope diff` as a user runs it. Usage: diff_test.py PROGRAM DATA"""
import json
import shutil

from command_line import CommandLineTest, main

DATA = ["--data", "fashion-mnist-small"]


class Comparing(CommandLineTest):
    def test_a_model_and_itself_are_identical(self):
        self.assertIn("\nidentical\n", self.done("diff", "lenet", "lenet", "--exit-code"))
        report = json.loads(self.done("diff", "lenet", "lenet", "grey.png", "--json"))
        self.assertTrue(report["identical"])
        self.assertIsNone(report["picture"]["parting"])
        self.assertTrue(all(weights["equal"] and weights["largest"] == 0 for weights in report["weights"]))

    def test_a_network_before_and_after_its_training(self):
        trained = self.run_program("train", "lenet", "--data", self.few_clothes(), "--epochs", "1", "--validation", "none",
                                   "--out", "run")
        self.assertEqual(trained.returncode, 0, trained.stderr.decode())
        report = json.loads(self.done("diff", "lenet", "run", *DATA, "--sample", "3", "-o", "diff.png", "--json"))
        self.assertFalse(report["identical"])
        self.assertEqual(report["structure"], [])
        self.assertTrue(any(weights["relative"] > 0.01 for weights in report["weights"]))
        self.assertEqual(report["picture"]["parting"], report["picture"]["tensors"][0]["name"])
        self.assertEqual(len(report["picture"]["scores"]["a"]), 10)
        self.assertTrue((self.folder / "diff.png").read_bytes().startswith(b"\x89PNG"))
        text = self.done("diff", "lenet", "run", "grey.png")
        self.assertIn("A: lenet (untrained)", text)
        self.assertIn("structure: the same", text)
        self.assertIn("they first part at", text)
        # Everything is passed over.
        self.assertIn("nowhere part", self.done("diff", "lenet", "run", "grey.png", "--tolerance", "1e9"))
        self.assertEqual(self.run_program("diff", "lenet", "run", "--exit-code").returncode, 1)
        self.assertEqual(self.run_program("diff", "lenet", "run").returncode, 0)

    def test_the_title_names_what_tells_two_runs_apart(self):
        trained = self.run_program("train", "lenet", "--data", self.few_clothes(), "--epochs", "1", "--validation", "none",
                                   "--out", "run")
        self.assertEqual(trained.returncode, 0, trained.stderr.decode())
        shutil.copytree(self.folder / "run", self.folder / "deep" / "other" / "run")
        here = str(self.folder)
        self.done("diff", here + "/run", here + "/deep/other/run", "-o", "diff.svg")
        title = f"A: {self.folder.name}/run   B: other/run"
        self.assertIn(title, (self.folder / "diff.svg").read_text())
        self.done("diff", here + "/run", here + "/run", "-o", "same.svg")
        self.assertIn("A: run   B: run", (self.folder / "same.svg").read_text())

    def test_other_networks_have_another_structure(self):
        report = json.loads(self.done("diff", "lenet", "fashion-cnn", "--json"))
        kinds = {change["kind"] for change in report["structure"]}
        self.assertTrue({"added", "removed"} <= kinds)
        self.refused("diff", "lenet", "resnet18", "grey.png", says=["one shape", "(1, 224, 224, 3)"])

    def test_a_number_out_of_range_is_refused_in_one_short_line(self):
        result = self.run_program("diff", "lenet", "lenet", "--tolerance", "-1")
        self.assertIn(b"--tolerance: Value -1 is out of range", result.stderr)
        self.assertLess(len(result.stderr), 200)

    def test_what_cannot_be_read_is_refused(self):
        self.refused("diff", "lenet", "none.onnx", says=["none.onnx"])
        self.refused("diff", "lenet", "lenet", "none.png", "-o", "diff.png", says=["none.png"])
        for arguments in ([], ["lenet"], ["lenet", "lenet", "grey.png", "colour.png"], ["lenet", "lenet", "--sample", "3"],
                          ["lenet", "lenet", "--tolerance", "-1"], ["lenet", "lenet", "--json", "--show"]):
            self.assertEqual(self.run_program("diff", *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    main()
