#!/usr/bin/env python3
"""`convscope data` as a user runs it. Usage: data_test.py PROGRAM DATA"""
import gzip
import http.server
import json
import os
import threading

from command_line import CommandLineTest, main, messages
from picture_files import idx, npy, npz, pattern, png


class Data(CommandLineTest):
    """Data sets at hand, bundled, fetched from a server that the test starts."""

    def setUp(self):
        super().setUp()
        self.environment = {name: value for name, value in os.environ.items()
                            if name != "CONVSCOPE_MIRROR" and not name.lower().endswith("_proxy")}
        self.environment.update(XDG_CACHE_HOME=str(self.folder / "cache"), CONVSCOPE_DATA=self.data)

    def run_program(self, *arguments, **options):
        return super().run_program(*arguments, **{"env": self.environment, **options})

    def dataset(self, inside, train=20, test=10, rows=4, columns=6):
        """The four files of an IDX data set, labels 0 to 9 in turn."""
        folder = self.folder / inside
        folder.mkdir(parents=True)
        for part, count in (("train", train), ("t10k", test)):
            pixels = bytes(i % 256 for i in range(count * rows * columns))
            (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pixels, count, rows, columns)))
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx([i % 10 for i in range(count)], count))
        return folder

    def pictures(self, inside="photos", size=lambda i: (8, 8)):
        for label in ("cat", "dog"):
            (self.folder / inside / label).mkdir(parents=True)
            for i in range(5):
                (self.folder / inside / label / f"{i}.png").write_bytes(png(pattern(*size(i))))
        return inside

    def test_an_array_that_is_longer_than_its_header_says_is_not_unpacked(self):
        zeros = npy("|u1", (2, 4, 4), bytes(1 << 20))
        self.write("bomb.npz", npz({"x": zeros, "y": npy("|u1", (2,), (0, 1))}))
        self.refused("data", "show", "./bomb.npz", says=["bomb.npz, x", "says itself"])

    def test_the_list_names_each_with_its_licence_and_its_place(self):
        listed = self.done("data", "list")
        datasets = json.loads(self.done("data", "list", "--json"))["datasets"]
        self.assertEqual([dataset["name"] for dataset in datasets],
                         ["mnist", "fashion-mnist", "fashion-mnist-small", "kmnist", "cifar-10"])
        for dataset in datasets:
            self.assertIn(dataset["name"], listed)
            self.assertIn(dataset["licence"], listed)
            self.assertEqual(dataset["place"] is not None, dataset["name"] == "fashion-mnist-small")

    def test_the_bundled_one_is_counted_and_drawn(self):
        text = self.done("data", "show", "fashion-mnist-small", "--part", "test", "--first", "40", "-o", "sheet.svg")
        self.assertIn("10000 training and 2000 test pictures, 28 x 28, grey, uint8", text)
        self.assertRegex(text, r"9 +Ankle boot +1000 +200\n")
        self.assertIn("licence: MIT", text)
        sheet = (self.folder / "sheet.svg").read_text()
        for name in ("T-shirt/top", "Trouser", "Ankle boot", "200 test", "picture 0"):
            self.assertIn(name, sheet)
        shown = json.loads(self.done("data", "show", "fashion-mnist-small", "--json"))
        self.assertEqual([entry["train"] for entry in shown["classes"]], [1000] * 10)
        # The places that a tutorial shows of the official test labels.
        self.assertEqual([entry["first_test"] for entry in shown["classes"]], [19, 2, 1, 13, 6, 8, 4, 9, 18, 0])
        self.done("data", "show", "fashion-mnist-small", "--rows", "--columns", "6", "-o", "rows.png")
        self.assertTrue((self.folder / "rows.png").read_bytes().startswith(b"\x89PNG"))

    def test_files_at_hand_go_before_all_others(self):
        self.dataset("hand/mnist")
        shown = json.loads(self.done("data", "show", "mnist", "--data-folder", "hand", "--json"))
        self.assertEqual((shown["origin"], shown["train"], shown["shape"]), ("at hand", 20, [4, 6, 1]))
        self.environment["CONVSCOPE_DATA"] = str(self.folder / "hand")
        self.assertEqual(json.loads(self.done("data", "show", "mnist", "--json"))["test"], 10)
        self.assertIn("mnist                at hand: " + str(self.folder / "hand"), self.done("data", "list"))

    def test_a_folder_of_data_sets_that_does_not_exist_is_refused(self):
        self.refused("data", "show", "fashion-mnist-small", "--data-folder", "nowhere", says=["nowhere", "not exist"])
        self.refused("train", "lenet", "--data", "fashion-mnist-small", "--data-folder", "nowhere", "--out", "run",
                     says=["nowhere"])
        self.environment["CONVSCOPE_DATA"] = "/nonexistent"
        self.refused("data", "list", says=["/nonexistent", "CONVSCOPE_DATA"])
        self.refused("data", "show", self.pictures(), says=["/nonexistent"])

    def test_a_folder_of_pictures_is_a_data_set(self):
        shown = json.loads(self.done("data", "show", self.pictures(), "--json", "--test-fraction", "0.4"))
        self.assertEqual([(entry["name"], entry["train"], entry["test"]) for entry in shown["classes"]],
                         [("cat", 3, 2), ("dog", 3, 2)])
        self.pictures("other", lambda i: (8 + i, 9))
        self.refused("data", "show", "other", says=["one size", "--size"])
        self.assertEqual(json.loads(self.done("data", "show", "other", "--size", "6,5", "--rgb", "--json"))["shape"],
                         [6, 5, 3])

    def test_show_draws_in_a_terminal_that_draws_nothing(self):
        self.dataset("set")
        text = self.done("data", "show", "set", "--show", env={**self.environment, "TERM": "dumb"})
        self.assertGreater(text.count("\n"), 30)
        self.assertNotIn("\033", text)

    def test_what_is_no_data_set_is_refused(self):
        self.refused("data", "show", "fashion-mnis", "-o", "a.png", says=["did you mean fashion-mnist"])
        self.refused("data", "show", "mnist", "-o", "a.png", says=["convscope data fetch mnist"])
        self.refused("data", "show", "grey.png", says=["something else"])
        self.refused("data", "show", "fashion-mnist-small", "--size", "9", says=["folders of pictures alone"])
        self.refused("data", "show", "fashion-mnist-small", "-o", "no/a.png", says=["no/a.png"])
        self.refused("data", "fetch", "mnits", says=["did you mean mnist"])
        folder = self.dataset("set")
        for name, bad, says in (("train-labels-idx1-ubyte", lambda data: data[:-1], "must be followed by 20 bytes"),
                                ("train-images-idx3-ubyte.gz", lambda data: data[:40], "whole and undamaged"),
                                ("t10k-labels-idx1-ubyte", lambda data: data[:7] + b"\x09" + data[8:-1], "9 labels"),
                                ("t10k-labels-idx1-ubyte", lambda data: data[:-1] + b"\x0a", "classes")):
            good = (folder / name).read_bytes()
            (folder / name).write_bytes(bad(good))
            self.refused("data", "show", "set", "-o", "a.png", says=[says])
            (folder / name).write_bytes(good)

    def serve(self, answer):
        """A server; `answer` gets a path and the first byte asked for, and returns (status, all bytes, how many to
        send of those that are left)."""
        requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                start = int(self.headers.get("Range", "bytes=0-")[6:-1])
                requests.append((self.path, start))
                status, data, most = answer(self.path, start)
                self.send_response(206 if status == 200 and "Range" in self.headers else status)
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                self.wfile.write(data[start:start + most])

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        # The public mirrors are out of reach behind a proxy that is none.
        self.environment.update(CONVSCOPE_MIRROR=f"http://127.0.0.1:{server.server_port}/", no_proxy="127.0.0.1",
                                https_proxy="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1")
        return requests

    def test_a_file_with_the_wrong_checksum_is_refused_and_thrown_away(self):
        requests = self.serve(lambda path, start: (200, b"not what was published", 1000))
        result = self.run_program("data", "fetch", "mnist")
        self.assertEqual(result.returncode, 1)
        line = messages(result.stderr)
        self.assertEqual(line.count("\n"), 1, line)
        self.assertIn("train-images-idx3-ubyte.gz", line)
        self.assertIn("f68b3c2dcbeaaa9fbdd348bbdeb94873", line)
        self.assertEqual(requests[0], ("/mnist/train-images-idx3-ubyte.gz", 0))
        self.assertEqual([path for path in (self.folder / "cache").rglob("*") if path.is_file()], [])

    def test_a_download_that_broke_off_goes_on_where_it_was(self):
        data = bytes(i * i % 251 for i in range(50000))
        requests = self.serve(lambda path, start: (200, data, 20000) if start == 0 else (503, b" " * start, 0))
        result = self.run_program("data", "fetch", "kmnist")
        self.assertEqual(result.returncode, 1)
        self.assertIn("the rest is asked for", messages(result.stderr))
        part = self.folder / "cache/convscope/kmnist/train-images-idx3-ubyte.gz.part"
        self.assertEqual(part.read_bytes(), data[:20000])
        self.assertEqual(requests[1], ("/kmnist/train-images-idx3-ubyte.gz", 20000))
        self.run_program("data", "fetch", "kmnist")
        self.assertEqual(requests[2], ("/kmnist/train-images-idx3-ubyte.gz", 20000))

    def test_every_mirror_is_tried_and_named(self):
        self.serve(lambda path, start: (404, b"", 0))
        result = self.run_program("data", "fetch", "cifar-10", "--json")
        self.assertEqual(result.returncode, 1)
        line = messages(result.stderr)
        for mirror in ("/cifar-10/cifar-10-binary.tar.gz: the answer 404", "www.cs.toronto.edu",
                       "storage.googleapis.com"):
            self.assertIn(mirror, line)
        self.assertEqual(result.stdout, b"")

    def test_what_is_bundled_needs_no_fetching(self):
        self.assertIn("nothing to fetch", self.done("data", "fetch", "fashion-mnist-small"))
        report = json.loads(self.done("data", "fetch", "fashion-mnist-small", "--json"))
        self.assertTrue(report["datasets"][0]["bundled"])


if __name__ == "__main__":
    main()
