#!/usr/bin/env python3
"""The program as a process: signals, and progress on a slow job. Usage: process_test.py PROGRAM DATA"""
import os
import pty
import select
import signal
import subprocess

from command_line import CommandLineTest, main, messages
from picture_files import pattern, png


class Interrupting(CommandLineTest):
    def test_ctrl_c_exits_with_130(self):
        # It waits for a picture that never comes; a byte that it has taken shows that it is past its beginning.
        program = subprocess.Popen([self.program, "filter", "-", "-k", "edge"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        program.stdin.write(b"\x89" * (1 << 17))  # more than a pipe holds: returns once the program reads
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(timeout=60), 130)
        self.assertEqual(messages(program.stderr.read()), "convscope: stopped: nothing was written\n")
        for stream in (program.stdin, program.stdout, program.stderr):
            stream.close()

    def test_ctrl_c_while_figures_are_drawn_leaves_nothing(self):
        # The folder is made before the first of them, and is removed with what is not yet in it.
        program = subprocess.Popen([self.program, "features", "lenet", "grey.png", "--all", "pages", "--save", "raw"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (self.folder / "pages").exists() and program.poll() is None:
            pass
        program.send_signal(signal.SIGINT)
        errors = program.communicate(timeout=60)[1]
        self.assertEqual(program.returncode, 130)
        self.assertEqual(messages(errors), "convscope: stopped: nothing was written\n")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["colour.png", "grey.png"])

    def test_ctrl_c_after_files_were_written_says_that_they_are_whole(self):
        # Nobody reads what is printed, and the pipe is full: the program waits there, its files written.
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b" " * 512)
        except BlockingIOError:
            os.set_blocking(writer, True)
        program = subprocess.Popen([self.program, "features", "lenet", "grey.png", "-o", "a.png"], cwd=self.folder,
                                   stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        while not (self.folder / "a.png").exists() and program.poll() is None:
            pass
        program.send_signal(signal.SIGINT)
        errors = program.communicate(timeout=60)[1]
        os.close(reader)
        self.assertEqual(program.returncode, 130)
        self.assertEqual(messages(errors), "convscope: stopped; the files that were written before are whole\n")
        self.assertEqual(self.bytes_of("a.png")[-8:-4], b"IEND")

    def test_ctrl_c_while_tensors_are_written_leaves_nothing(self):
        self.write("photo.png", png(pattern(1500, 1500)))
        program = subprocess.Popen([self.program, "filter", "photo.png", "-k", "box:1", "-k", "[[2]]", "-k", "[[3]]",
                                    "-k", "[[4]]", "-k", "[[5]]", "--save", "new/out"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (self.folder / "new").exists() and program.poll() is None:
            pass
        program.send_signal(signal.SIGINT)
        errors = program.communicate(timeout=60)[1]
        if program.returncode != 0:  # else it was done before the signal came
            self.assertEqual(program.returncode, 130)
            self.assertEqual(messages(errors), "convscope: stopped: nothing was written\n")
            self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["colour.png", "grey.png", "photo.png"])

    def test_signals_that_the_parent_ignores_stay_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        picture = png([[y * x % 251 for x in range(600)] for y in range(600)], level=0)
        program = subprocess.Popen([self.program, "filter", "-", "-k", "edge"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, preexec_fn=ignore)
        program.stdin.write(picture[:1 << 17])
        program.send_signal(signal.SIGHUP)
        program.send_signal(signal.SIGINT)
        program.stdin.write(picture[1 << 17:])
        printed, _ = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 0)
        self.assertIn(b"(1, 598, 598, 1)", printed)


class Progress(CommandLineTest):
    """The slow job is a picture that stays away until progress was seen."""

    def start(self, stderr):
        program = subprocess.Popen([self.program, "filter", "-", "-k", "edge"], cwd=self.folder, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=stderr)
        self.addCleanup(program.kill)
        return program

    def seen(self, descriptor):
        """What comes first from a descriptor."""
        self.assertTrue(select.select([descriptor], [], [], 60)[0], "nothing in a minute")
        return os.read(descriptor, 1 << 16).decode()

    def test_a_step_that_reports_once_and_takes_long_is_a_line(self):
        program = self.start(subprocess.PIPE)
        self.assertEqual(self.seen(program.stderr.fileno()), "reading standard input 0 %\n")
        printed, errors = program.communicate(png(pattern(8, 9)), timeout=60)
        self.assertIn(b"(1, 6, 7, 1)", printed)
        self.assertEqual(messages(errors), "")

    def test_on_a_terminal_it_is_one_line_that_is_wiped_off(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        program = self.start(theirs)
        os.close(theirs)
        text = self.seen(ours)
        self.assertTrue(text.startswith("\r\033[Kreading standard input 0 %"), text)
        printed, _ = program.communicate(png(pattern(8, 9)), timeout=60)
        self.assertIn(b"(1, 6, 7, 1)", printed)
        text += self.seen(ours)
        self.assertNotIn("\n", text)
        self.assertTrue(text.endswith("\r\033[K"), text)


if __name__ == "__main__":
    main()
