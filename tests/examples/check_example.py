#!/usr/bin/env python3
"""Runs a program of examples/ as a user does and holds it to its facts.

FACTS is a file of lines that the program must print, in this order, other lines between them allowed. Every figure
that it names ("FILE.png: caption") must be a PNG file and no empty page, it must leave no other file, and at least one.

Usage: check_example.py PROGRAM DATA FACTS [ARGUMENT ...]     the arguments are the program's, after DATA and the folder
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def missing_fact(facts, printed):
    """The first of the lines `facts` that `printed` does not hold in order; None when it holds all."""
    rest = iter(printed)
    return next((fact for fact in facts if fact not in rest), None)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program, data, facts_file, *arguments = sys.argv[1:]
    facts = pathlib.Path(facts_file).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([program, data, folder, *arguments], capture_output=True, text=True, check=False)
        print(run.stdout, run.stderr, sep="")
        if run.returncode != 0:
            sys.exit(f"it ended with {run.returncode}")
        printed = run.stdout.splitlines()
        fact = missing_fact(facts, printed)
        if fact is not None or not facts:
            sys.exit(f"it does not print, where expected: {fact}")
        named = {match[1] for line in printed if (match := re.match(r"([\w-]+\.png): ", line))}
        left = {path.name for path in pathlib.Path(folder).iterdir()}
        if named != left or not named:
            sys.exit(f"it names {sorted(named)} but leaves {sorted(left)}")
        for name in named:
            content = (pathlib.Path(folder) / name).read_bytes()
            if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 4096:
                sys.exit(f"{name} is not a figure: {len(content)} bytes that start with {content[:8]!r}")


if __name__ == "__main__":
    main()
