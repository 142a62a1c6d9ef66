#!/usr/bin/env python3
"""Holds README.md to what the project does.

1. The C++ program that it shows is examples/fifteen_lines.cc, to the letter (tests/package builds and runs that file).
2. Every command in its ```console blocks ("$ convscope ...") prints what the README says it prints, run in the README's
   order beside a copy of data/, and ends with 0. A line that ends in "..." stands for that line's beginning alone (the
   last digits of a sum are the machine's), a line of "..." for any number of lines, and a number of milliseconds for
   any other.
3. Every file that it links to exists.

Usage: check_readme.py ROOT BUILD
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def pattern_of(expected):
    """A regular expression for the lines that the README shows as a command's output."""
    parts = []
    for line in expected:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
            continue
        start = line[:-3] if line.endswith("...") else line
        text = re.sub(r"[\d.\\]+(?=\\ ms\b)", lambda _: r"[\d.]+", re.escape(start))
        parts.append(text + (r".*\n" if line.endswith("...") else r"\n"))
    return "".join(parts)


def commands(readme):
    """The (command, expected lines) of all console blocks."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", readme, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return found


def problems(root, binaries):
    readme = (root / "README.md").read_text(encoding="utf-8")
    found = []
    program = (root / "examples" / "fifteen_lines.cc").read_text(encoding="utf-8")
    if f"```cpp\n{program}```\n" not in readme:
        found.append("README.md does not show examples/fifteen_lines.cc as it is")
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        if not (root / target).exists():
            found.append(f"README.md links to {target}, which does not exist")
    tour = commands(readme)
    if not tour:
        found.append("README.md shows no command with its output")
    folders = [str(binaries), str(binaries / "examples"), os.environ["PATH"]]
    environment = dict(os.environ, PATH=os.pathsep.join(folders))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "data", pathlib.Path(folder) / "data")
        for command, expected in tour:
            run = subprocess.run(
                command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            if run.returncode != 0:
                found.append(f"$ {command}\nended with {run.returncode}: {run.stderr}")
            elif not re.fullmatch(pattern_of(expected), run.stdout):
                found.append(f"$ {command}\nprints\n{run.stdout}instead of\n" + "\n".join(expected))
    return found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    found = problems(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
    print("\n".join(found) if found else "README.md says what is so")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
