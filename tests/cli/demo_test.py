#!/usr/bin/env python3
"""`convscope demo` as a user runs it. Usage: demo_test.py PROGRAM DATA"""
import gzip
import json
import os
import shutil
import subprocess

from command_line import CommandLineTest, main, messages
from picture_files import first_of_idx


class Demo(CommandLineTest):
    def demo(self, program, data):
        """The demo of the program copied to `program`, with bundled data at `data`, both relative. The data set has its
        first pictures only, since these tests are also run where arithmetic is slow."""
        (self.folder / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.program, self.folder / program)
        shutil.copytree(self.data, self.folder / data)
        for file in (self.folder / data / "fashion-mnist-small").glob("*.gz"):
            count = 320 if file.name.startswith("train") else 64
            file.write_bytes(gzip.compress(first_of_idx(gzip.decompress(file.read_bytes()), count)))
        environment = {name: value for name, value in os.environ.items() if name != "CONVSCOPE_DATA"}
        return subprocess.run([self.folder / program, "demo", "figures"], cwd=self.folder, capture_output=True,
                              timeout=300, env=environment)

    def test_without_its_pictures_the_demo_says_where_they_should_be(self):
        result = self.demo("bin/convscope", "elsewhere/data")
        self.assertEqual(result.returncode, 1)
        self.assertIn("CONVSCOPE_DATA", messages(result.stderr))

    def test_an_installed_program_finds_its_pictures(self):
        self.assertEqual(self.demo("bin/convscope", "share/convscope").returncode, 0)

    def test_the_demo_says_what_each_figure_shows(self):
        result = self.demo("build/convscope", "data")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn("epoch 3/3: ", result.stderr.decode())
        lines = result.stdout.decode().splitlines()
        files = sorted(path for path in (self.folder / "figures").rglob("*.png"))
        table = self.folder / "figures/fashion-cnn/summary.txt"
        report = self.folder / "figures/fashion-cnn/report.html"
        if report.exists():  # where the studio is built into the program, which then says how to open it
            self.assertIn("convscope serve figures/fashion-cnn", lines.pop())
            files.append(report)
        self.assertEqual(sorted(self.folder / line.split(": ")[0] for line in lines), sorted([*files, table]))
        self.assertIn("Total params: 243,786", table.read_text())
        self.assertGreaterEqual(len(files), 18)
        self.assertTrue(all(len(line.split(": ", 1)[1]) > 20 for line in lines))

    def test_a_run_of_somebody_else_is_not_replaced(self):
        shutil.copytree(self.data, self.folder / "data")
        (self.folder / "build").mkdir()
        program = shutil.copy(self.program, self.folder / "build/convscope")
        run = self.folder / "figures/fashion-cnn"
        run.mkdir(parents=True)
        for record in ({"state": "finished", "settings": {"model": "fashion-cnn", "epochs": 90}, "parameters": 1,
                        "data": {"location": "", "train_pictures": 1, "test_pictures": 1}, "epochs": 90, "seconds": 9},
                       {"what": "no run of ours"}):
            (run / "run.json").write_text(json.dumps(record))
            result = subprocess.run([program, "demo", "figures"], cwd=self.folder, capture_output=True, timeout=60)
            self.assertEqual(result.returncode, 1)
            self.assertIn("figures/fashion-cnn", messages(result.stderr))
            self.assertEqual([path.name for path in (self.folder / "figures").rglob("*")], ["fashion-cnn", "run.json"])


if __name__ == "__main__":
    main()
