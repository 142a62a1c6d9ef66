#!/usr/bin/env python3
"""convscope serve as a process: its API, and what it refuses. Usage: serve_test.py PROGRAM ROOT"""
import concurrent.futures
import http.client
import json
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ROOT = None


class Server:
    """A running server, and requests to it."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.address = re.search(r"http://\S+", self.process.stdout.readline()).group()
        assert self.process.stdout.readline() == "Ctrl-C ends it.\n"
        self.port = int(re.search(r":(\d+)/", self.address).group(1))

    def ask(self, method, path, body=None, headers=None, raw=False):
        """Status and answer of one request: JSON where it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            if isinstance(body, dict):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            self.headers = response.headers
            content = response.read()
            is_json = response.headers.get("Content-Type", "").startswith("application/json")
            return response.status, json.loads(content) if is_json and not raw else content
        finally:
            connection.close()

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        self.rest, self.errors = self.process.communicate(timeout=60)
        return self.process.returncode


def tensors(content):
    """The tensors and the report of a safetensors file, as lists."""
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    report = json.loads(header.pop("__metadata__")["report"])
    values = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values[name] = (entry["shape"], struct.unpack(f"<{(end - begin) // 4}f", content[begin:end]))
    return values, report


EDGE = {"picture": "chelsea", "colour": "grey", "kernel": "edge", "activation": "relu", "pools": ["max:2:2"]}


class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def ask(self, *arguments, **options):
        return self.server.ask(*arguments, **options)

    def refused(self, status, *arguments, says=(), **options):
        got, answer = self.ask(*arguments, **options)
        self.assertEqual(got, status, answer)
        self.assertEqual(set(answer["error"]), {"where", "rule", "received", "fix"})
        for word in says:
            self.assertIn(word, json.dumps(answer))
        return answer["error"]


class Answers(ServerTest):
    def test_every_route_is_described_and_every_description_is_a_route(self):
        _, described = self.ask("GET", "/api/openapi.json")
        self.assertEqual(described, json.loads((ROOT / "docs/openapi.json").read_text()))
        written = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
        source = "".join(file.read_text() for file in (ROOT / "app/server").glob("*_api.cc"))
        events = ("GET", "/api/events")  # does not end
        routed = set(re.findall(r'\{"(GET|POST)",\s*"(/api/[^"]*)"', source)) | {("GET", "/api/openapi.json"), events}
        self.assertEqual(written, routed)
        for method, path in written - {events}:
            status, _ = self.ask(method, path, "" if method == "POST" else None)
            self.assertIn(status, (200, 400), path)
            other = "GET" if method == "POST" else "DELETE"
            if (other, path) not in written:
                self.refused(405, other, path)

    def test_a_filter_gives_the_numbers_of_the_command_line(self):
        views = [{"tensor": name} for name in ("input", "conv", "activation", "max_pool")]
        status, content = self.ask("POST", "/api/filter", {"filter": EDGE, "views": views})
        self.assertEqual(status, 200)
        values, report = tensors(content)
        with tempfile.TemporaryDirectory() as folder:
            picture = ROOT / "data/pictures/chelsea.png"
            subprocess.run([PROGRAM, "filter", picture, "--gray", "--kernel", "edge", "--activation", "relu", "--pool",
                            "max:2:2", "--save", folder], check=True, capture_output=True)
            for name, (_, numbers) in values.items():
                saved = (pathlib.Path(folder) / f"{name}.npy").read_bytes()
                self.assertEqual(struct.pack(f"<{len(numbers)}f", *numbers), saved[-4 * len(numbers):], name)
        self.assertEqual(values["conv"][0], [298, 449, 1])
        stages = {stage["name"]: stage for stage in report["stages"]}
        self.assertEqual(list(stages), ["input", "conv", "activation", "max_pool"])
        self.assertEqual(stages["conv"]["signs"], "both")
        self.assertEqual(stages["activation"]["signs"], "non_negative")
        self.assertAlmostEqual(stages["conv"]["low"], min(values["conv"][1]))
        self.assertIn("conv[y, x] = sum", report["formula"])

    def test_a_view_is_a_piece_of_a_stage_thinned_to_its_side(self):
        area = {"top": 10, "left": 20, "height": 30, "width": 41}
        views = [{"tensor": "conv", "area": area, "side": 20}, {"tensor": "input"}]
        values, report = tensors(self.ask("POST", "/api/filter", {"filter": {**EDGE, "kernel": "identity:1"},
                                                                  "views": views})[1])
        shape, piece = values["conv"]
        self.assertEqual(shape, [10, 14, 1])
        self.assertEqual(report["views"][0], {"tensor": "conv", "step": 3, "top": 10, "left": 20})
        columns = values["input"][0][1]
        expected = [values["input"][1][row * columns + column] for row in range(10, 40, 3) for column in range(20, 61, 3)]
        self.assertEqual(list(piece), expected)

    def test_a_value_is_explained_with_what_it_went_through(self):
        status, chain = self.ask("POST", "/api/filter/explain", {"filter": EDGE, "at": "activation:149,224,0"})
        self.assertEqual(status, 200)
        self.assertEqual([step["operation"] for step in chain], ["Relu", "Conv"])
        conv = chain[1]
        self.assertEqual(len(conv["terms"]), 9)
        self.assertTrue(conv["agrees"])
        self.assertAlmostEqual(sum(term["product"] for term in conv["terms"]), conv["traced"], 5)

    def test_a_picture_that_was_sent_is_a_picture(self):
        bytes_ = (ROOT / "data/pictures/coffee.png").read_bytes()
        status, sent = self.ask("POST", "/api/pictures", bytes_)
        self.assertEqual((status, sent["height"], sent["width"], sent["channels"], sent["format"]),
                         (200, 400, 600, 3, "png"))
        self.assertEqual(self.ask("POST", "/api/pictures", bytes_)[1], sent)
        filters = [{"picture": name, "colour": "rgb", "kernel": "box:3"} for name in (sent["id"], "coffee")]
        answers = [tensors(self.ask("POST", "/api/filter", {"filter": one, "views": [{"tensor": "conv"}]})[1])[0]
                   for one in filters]
        self.assertEqual(answers[0], answers[1])

    def test_kernels_are_listed_and_read(self):
        self.assertIn("gaussian", [preset["name"] for preset in self.ask("GET", "/api/kernels")[1]["presets"]])
        kernel = self.ask("POST", "/api/kernels", {"kernel": "t([[1,2],[3,4]])"})[1]["kernels"][0]
        self.assertEqual(kernel["values"], [[1, 3], [2, 4]])

    def test_the_page_comes_with_its_policy(self):
        status, page = self.ask("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn(b"<title>convscope studio</title>", page)
        self.assertNotIn(b"<style", page)
        policy = self.server.headers["Content-Security-Policy"]
        self.assertIn("default-src 'self'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(self.server.headers["X-Content-Type-Options"], "nosniff")
        tag = self.server.headers["ETag"]
        self.assertEqual(self.ask("GET", "/", headers={"If-None-Match": tag})[0], 304)
        for path in re.findall(rb'(?:src|href)="(/[^"]+)"', page):
            self.assertEqual(self.ask("GET", path.decode())[0], 200, path)

    def test_the_page_is_small(self):
        _, page = self.ask("GET", "/", headers={"Accept-Encoding": "gzip"})
        total = len(page)
        for path in re.findall(rb'(?:src|href)="(/[^"]+)"', self.ask("GET", "/")[1]):
            total += len(self.ask("GET", path.decode(), headers={"Accept-Encoding": "gzip"})[1])
        self.assertLess(total, 400_000)


class Refuses(ServerTest):
    def test_another_host(self):
        for host in ("evil.example", f"evil.example:{self.server.port}", "127.0.0.1", "127.0.0.1:1", ""):
            self.refused(403, "GET", "/api/pictures", headers={"Host": host}, says=["Host"])
        for host in ("localhost", "127.0.0.1", "[::1]"):
            self.assertEqual(self.ask("GET", "/api/pictures", headers={"Host": f"{host}:{self.server.port}"})[0], 200)

    def test_another_origin(self):
        own = f"127.0.0.1:{self.server.port}"
        for origin in ("http://evil.example", "null", f"https://{own}", f"http://localhost:{self.server.port}"):
            self.refused(403, "POST", "/api/kernels", {"kernel": "box"}, headers={"Host": own, "Origin": origin},
                         says=["Origin"])
        self.assertEqual(self.ask("POST", "/api/kernels", {"kernel": "box"},
                                  headers={"Host": own, "Origin": f"http://{own}"})[0], 200)

    def test_paths_that_climb(self):
        for path in ("/../../../etc/passwd", "/assets/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                     "/assets/..%2f..%2fetc%2fpasswd", "/api/pictures/../../etc/passwd", "/assets/\\..\\etc"):
            self.refused(404, "GET", path)

    def test_files_as_pictures_and_kernels(self):
        for picture in ("/etc/passwd", "../pictures/chelsea.png", "chelsea.png", "-", ""):
            self.refused(404, "POST", "/api/filter", {"filter": {**EDGE, "picture": picture}})
        with tempfile.NamedTemporaryFile(suffix=".csv", dir="/tmp") as file:
            file.write(b"1,2\n3,4\n")
            file.flush()
            for kernel in (file.name, "kernel.npy", "/etc/passwd.txt"):
                self.refused(400, "POST", "/api/filter", {"filter": {**EDGE, "kernel": kernel}})
                self.refused(400, "POST", "/api/kernels", {"kernel": kernel})

    def test_mistakes_with_the_rule_that_they_break(self):
        mistakes = [({"stride": "0"}, "at least 1"), ({"padding": "-1"}, "at least 0"), ({"kernel": "edgy"}, "edge"),
                    ({"activation": "rely"}, "relu"), ({"pools": ["max"]}, "max:3:3"), ({"stride": 1}, "string"),
                    ({"colour": "blue"}, "rgb"), ({"colours": "rgb"}, "members"), ({"flip_kernel": "no"}, "true or false"),
                    ({"pools": ["max:2"] * 9}, "at most 8"), ({"padding": "99999999999999999999"}, ""),
                    ({"padding": "30000"}, "values"), ({"kernel": "box:255", "padding": "2000"}, "windows"), ({"kernel": "random:255,1,4096,4096"}, "")]
        for mistake, says in mistakes:
            self.refused(400, "POST", "/api/filter", {"filter": {**EDGE, **mistake}}, says=[says])
        views = [{"tensor": "nothing"}, {"tensor": "kernel"}, {"tensor": "conv", "channel": 1},
                 {"tensor": "conv", "side": 0}, {"tensor": "conv", "area": {"height": 1 << 62, "width": 1}},
                 {"tensor": "conv", "area": {"top": -1, "height": 1, "width": 1}}]
        for view in views:
            self.refused(400, "POST", "/api/filter", {"filter": EDGE, "views": [view]})
        self.refused(400, "POST", "/api/filter/explain", {"filter": EDGE, "at": "conv:9999,0,0"})

    def test_what_is_no_json_or_too_deep(self):
        for body in ("", "{", "[]", "3", '{"filter": ' + "[" * 5000, "\xff\xfe", '{"filter": {"picture": ' * 8):
            self.refused(400, "POST", "/api/filter", body.encode("latin-1"))

    def test_what_is_no_picture(self):
        for body in (b"", b"nothing", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                     (ROOT / "data/pictures/coffee.png").read_bytes()[:5000]):
            self.refused(400, "POST", "/api/pictures", body)

    def test_bodies_beyond_the_limit_before_they_are_sent(self):
        for path, size in (("/api/pictures", 1 << 30), ("/api/filter", 1 << 20), ("/api/kernels", 1 << 20)):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as client:
                client.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                               f"Content-Length: {size}\r\n\r\n".encode())
                self.assertIn(b" 413 ", client.recv(4096))
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as client:
            client.sendall(f"POST /api/pictures HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n".encode())
            self.assertIn(b" 411 ", client.recv(4096))

    def test_what_is_no_http(self):
        for text in (b"\0\1\2\3\r\n\r\n", b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
                     b"GET / HTTP/1.1\r\nX: " + b"a" * 40000 + b"\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as client:
                client.sendall(text)
                self.assertRegex(client.recv(4096), rb"^(HTTP/1.1 4\d\d |$)")


class Bears(ServerTest):
    def test_two_hundred_connections_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(lambda _: self.ask("GET", "/")[0], range(400)))
        self.assertEqual(set(answers), {200})

    def test_more_work_than_it_takes_is_put_off(self):
        body = {"filter": {**EDGE, "picture": "astronaut", "kernel": "random:15"}, "views": []}
        with concurrent.futures.ThreadPoolExecutor(80) as pool:
            answers = list(pool.map(lambda i: self.ask("POST", "/api/filter", {**body, "filter": {
                **body["filter"], "bias": str(i)}})[0], range(80)))
        self.assertLessEqual(set(answers), {200, 503})
        self.assertIn(200, answers)

    def test_slow_clients_keep_nobody_waiting_and_are_let_go(self):
        clients = []
        for _ in range(50):
            client = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
            client.sendall(b"POST /api/filter HTTP/1.1\r\nHo")
            clients.append(client)
        began = time.monotonic()
        self.assertEqual(self.ask("GET", "/api/pictures")[0], 200)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(clients[0].recv(100), b"")  # after ten seconds
        self.assertLess(time.monotonic() - began, 25)
        for client in clients:
            client.close()

    def test_clients_that_leave_before_their_answer(self):
        body = json.dumps({"filter": {**EDGE, "picture": "astronaut"}, "views": [{"tensor": "conv"}]})
        for _ in range(30):
            with socket.create_connection(("127.0.0.1", self.server.port)) as client:
                client.sendall(f"POST /api/filter HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                               f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.assertEqual(self.ask("GET", "/api/pictures")[0], 200)


class Process(unittest.TestCase):
    def test_ctrl_c_ends_it_in_the_middle_of_work(self):
        server = Server()
        body = json.dumps({"filter": {**EDGE, "picture": "astronaut", "kernel": "random:15"}})
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(f"POST /api/filter HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.assertEqual(server.stop(), 0)
        client.close()
        self.assertEqual((server.rest, server.errors), ("the studio is closed\n", ""))
        self.assertEqual(Server().stop(signal.SIGTERM), 0)

    def test_a_token_is_asked_for_where_there_is_one(self):
        server = Server("--token", "abcdefghijklmnop0123")
        self.addCleanup(server.stop)
        self.assertTrue(server.address.endswith("/?token=abcdefghijklmnop0123"))
        self.assertEqual(server.ask("GET", "/api/pictures")[0], 403)
        self.assertEqual(server.ask("GET", "/?token=abcdefghijklmnop0124")[0], 403)
        self.assertEqual(server.ask("GET", "/?token=abcdefghijklmnop0123")[0], 303)
        cookie = server.headers["Set-Cookie"]
        self.assertIn("HttpOnly; SameSite=Strict", cookie)
        self.assertEqual(server.ask("GET", "/api/pictures", headers={"Cookie": cookie.split(";")[0]})[0], 200)

    def test_other_machines_get_in_with_a_token_alone(self):
        server = Server("--host", "0.0.0.0")
        self.addCleanup(server.stop)
        self.assertRegex(server.address, r"\?token=[0-9a-f]{32}$")
        self.assertEqual(server.ask("GET", "/")[0], 403)

    def test_a_port_that_is_taken_is_told(self):
        server = Server()
        self.addCleanup(server.stop)
        result = subprocess.run([PROGRAM, "serve", "--port", str(server.port)], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"port that is free", result.stderr)
        for arguments in (["--port", "70000"], ["--token", "short"], ["--host", "not an address"]):
            self.assertNotEqual(subprocess.run([PROGRAM, "serve", *arguments], capture_output=True).returncode, 0)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    ROOT = pathlib.Path(sys.argv.pop(1))
    unittest.main()
