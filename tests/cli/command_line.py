"""A test of the command line: a folder of its own with two pictures, and the program run in it."""
import gzip
import json
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

from picture_files import first_of_idx, pattern, png


def full_disk(most_bytes):
    """Makes files that would grow past `most_bytes` fail as on a full disk, once the signal is out of the way."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def messages(stderr):
    """Standard error without progress, which appears wherever the machine is slow."""
    return re.sub(r"(?m)^.* \d+ %\n", "", stderr.decode())


class CommandLineTest(unittest.TestCase):
    program = data = None  # paths of what is tested and of the bundled data

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("grey.png", png(pattern(12, 17)))
        self.write("colour.png", png([[(value * 7 + x) % 256 for x, value in enumerate(row * 3)]
                                      for row in pattern(12, 17)], colour_type=2))

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return name

    def bytes_of(self, file):
        return (self.folder / file).read_bytes()

    def few_clothes(self):
        """A data set of the first bundled pictures of clothes alone, for work that is slow under sanitizers."""
        (self.folder / "clothes").mkdir()
        for file in (pathlib.Path(self.data) / "fashion-mnist-small").glob("*.gz"):
            count = 320 if file.name.startswith("train") else 64
            self.write(f"clothes/{file.stem}", first_of_idx(gzip.decompress(file.read_bytes()), count))
        return "./clothes"

    def one_score(self):
        """An untrained network with one score, which tells two classes apart."""
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28, 1], "name": "picture"}},
                  {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [5, 5]}},
                  {"class_name": "Flatten", "config": {"name": "flatten"}},
                  {"class_name": "Dense", "config": {"name": "score", "units": 1, "activation": "sigmoid"}}]
        return self.write("one_score.json", json.dumps(
            {"class_name": "Sequential", "config": {"name": "one_score", "layers": layers}}).encode())

    def run_program(self, *arguments, **options):
        # Long: a slow machine, a build with sanitizers and other work beside it are no failure.
        return subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, timeout=240, **options)

    def done(self, *arguments, **options):
        """Standard output of a run that must succeed."""
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(messages(result.stderr), "")
        return result.stdout.decode()

    def refused(self, *arguments, says=(), **options):
        """The one line that a run which must fail leaves, and that it leaves no file."""
        before = sorted(self.folder.rglob("*"))
        result = self.run_program(*arguments, **options)
        line = messages(result.stderr)
        self.assertEqual(result.returncode, 1, line)
        self.assertTrue(line.startswith("convscope: "), line)
        self.assertEqual(line.count("\n"), 1, line)
        for word in says:
            self.assertIn(word, line)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def shapes(self, *arguments):
        report = json.loads(self.done("filter", *arguments, "--json"))
        return {tensor["name"]: tuple(tensor["shape"]) for tensor in report["pictures"][0]["tensors"]}


def main():
    """Runs the tests of the script that was started, whose arguments are PROGRAM and DATA."""
    CommandLineTest.program, CommandLineTest.data = (str(pathlib.Path(sys.argv.pop(1)).resolve()) for _ in range(2))
    unittest.main("__main__")
