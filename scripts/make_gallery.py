#!/usr/bin/env python3
"""Writes docs/gallery.md and docs/gallery/*.png: what the programs in examples/ print and draw, nothing by hand; and
the README's picture, docs/gallery/tour.png.

A program is run as NAME DATA FOLDER. A line of its output that reads "FILE.png: caption" becomes the figure, every
other line is shown as it stands; its heading and introduction are the first comment of its source. Lines of that
comment that begin with "$ " are commands that do the same without C++; they are shown, and run. The lines and pictures
of all programs must be made afresh by each run, so a program's output depends on nothing but its input; what it prints
on standard error is not shown.

Usage: make_gallery.py BUILD          writes the gallery
       make_gallery.py BUILD --check  fails when docs/gallery.md is not what the programs say, a picture is not what
                                      they draw, or a command fails
       make_gallery.py BUILD --check --untrained
                                      the same without the programs that train a network, or whose commands do: for
                                      builds whose arithmetic is slow, such as those with sanitizers
"""
import os
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ["conv_filters", "convolving", "playing_with_convolutions", "mnist_conv2d"]
TRAINING = ["lenet", "mnist_network", "fashion_network", "filter_visualization"]
# The command behind the README's picture, as the README shows it.
TOUR = "filter data/pictures/chelsea.png --gray --kernel edge --stride 2 --activation relu --pool max:3 -o tour.png"
# Another machine's fonts and compiler move the edges of letters and the last bits of colours: this much of a picture
# may differ by more than this many of 255 steps. The wrong figure differs in far more.
SHARE, STEPS = 0.01, 16
# Rounding differs where multiply and add are not fused, and training multiplies that step upon step: pictures of what
# was learned have "-learned_" in their names, and this much of them may differ.
LEARNED_SHARE = 0.04
FIGURE = re.compile(r"^([\w-]+\.png): (.+)$")
INTRODUCTION = (
    "# Gallery\n\nMade by `make gallery` from the programs in [examples](../examples): each picture and each line in a "
    "frame is what the program drew and printed.\n"
)


def first_comment(name):
    """Of the first comment of a program's source: heading (first sentence), commands, and introduction (the rest)."""
    lines, commands = [], []
    for line in (ROOT / "examples" / f"{name}.cc").read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        text = line[2:].strip()
        if text.startswith("$ "):
            commands.append(text[2:])
        elif text:
            lines.append(text)
    heading, _, rest = " ".join(lines).partition(". ")
    return heading.rstrip("."), commands, rest


def run_commands(name, build):
    """Runs the commands that a program's comment shows, as a user does, in a folder that is removed afterwards. One
    epoch of a training is enough."""
    path = os.pathsep.join([str(build), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as folder:
        for command in first_comment(name)[1]:
            words = shlex.split(command) + (["--epochs", "1"] if command.startswith("convscope train") else [])
            run = subprocess.run(
                words, cwd=folder, env=dict(os.environ, PATH=path), capture_output=True, text=True, check=False
            )
            if run.returncode != 0:
                sys.exit(f"{name}.cc shows \"{command}\", which ends with {run.returncode}: {run.stderr}")
            for file in [word for word in words if word.endswith(".png")]:
                if not (pathlib.Path(folder) / file).is_file():
                    sys.exit(f"{name}.cc shows \"{command}\", which leaves no {file}")


def without_sections(text, names):
    """The gallery's text without the sections of the programs `names`."""
    dropped = [f"Program: [{name}.cc]" for name in names]
    return "".join(part for part in re.split(r"(?=\n## )", text) if not any(line in part for line in dropped))


def section(name, build, pictures):
    """The Markdown of one program, whose figures are written into the folder `pictures`."""
    heading, commands, introduction = first_comment(name)
    run = subprocess.run(
        [build / "examples" / name, ROOT / "data", pictures], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        sys.exit(f"{name} ended with {run.returncode}: {run.stderr}")
    parts = [f"\n## {heading}\n", f"{introduction}\n\nProgram: [{name}.cc](../examples/{name}.cc)\n"]
    if commands:
        parts.append("Without C++:\n\n```sh\n" + "\n".join(commands) + "\n```\n")
    printed = []

    def flush():
        text = "\n".join(printed).strip("\n")
        printed.clear()
        if text:
            parts.append(f"```text\n{text}\n```\n")

    for line in run.stdout.splitlines():
        figure = FIGURE.match(line)
        if not figure:
            printed.append(line)
            continue
        if not (pictures / figure[1]).is_file():
            sys.exit(f"{name} says that it drew {figure[1]}, but did not")
        flush()
        parts.append(f"![{figure[2]}](gallery/{figure[1]})\n\n{figure[2]}\n")
    flush()
    return "\n".join(parts)


def draw_tour(build, picture):
    """Draws the README's picture into the file `picture`, by the command that the README shows."""
    if f"$ convscope {TOUR}\n" not in (ROOT / "README.md").read_text(encoding="utf-8"):
        sys.exit(f"README.md does not show the command behind its picture: convscope {TOUR}")
    words = [picture if word == "tour.png" else word for word in TOUR.split()]
    subprocess.run([build / "convscope", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def pixels(picture):
    """Width, height and RGB bytes of a PNG file as convscope writes them: 8 bits, each row less the one above it."""
    data = picture.read_bytes()
    position, packed = 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, height, *form = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        position += length + 12
    raw = zlib.decompress(packed)
    stride = 3 * width + 1
    if form != [8, 2, 0, 0, 0] or set(raw[::stride]) != {2}:
        sys.exit(f"{picture} was not written by convscope")
    above, rows = bytes(3 * width), []
    for start in range(1, len(raw), stride):
        above = bytes((a + b) & 255 for a, b in zip(above, raw[start : start + 3 * width]))
        rows.append(above)
    return width, height, b"".join(rows)


def check_pictures(kept, drawn, left_out):
    """Ends with a message unless both folders hold the same pictures, within the tolerance; those of the programs
    `left_out` aside."""
    names = [
        sorted(path.name for path in folder.glob("*.png") if path.name.partition("-")[0] not in left_out)
        for folder in (kept, drawn)
    ]
    if names[0] != names[1]:
        sys.exit(f"docs/gallery holds {names[0]}, but the programs draw {names[1]}; run: make gallery")
    for name in names[0]:
        if (kept / name).read_bytes() == (drawn / name).read_bytes():
            continue
        old, new = pixels(kept / name), pixels(drawn / name)
        if old[:2] != new[:2]:
            sys.exit(f"docs/gallery/{name} has size {old[:2]}, but is drawn with {new[:2]}; run: make gallery")
        differ = sum(abs(a - b) > STEPS for a, b in zip(old[2], new[2])) / len(old[2])
        if differ > (LEARNED_SHARE if "-learned_" in name else SHARE):
            sys.exit(f"docs/gallery/{name} is not what is drawn: {differ:.1%} of it differ; run: make gallery")


def check(build, left_out):
    """Ends with a message unless the gallery is what the programs but `left_out` say and draw."""
    kept = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    names = [name for name in PROGRAMS + TRAINING if name not in left_out]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text = INTRODUCTION + "".join(section(program, build, folder) for program in names)
        if text != without_sections(kept, left_out):
            sys.exit("docs/gallery.md is not what the programs print; run: make gallery")
        draw_tour(build, folder / "tour.png")
        check_pictures(ROOT / "docs" / "gallery", folder, left_out)
    for name in names:
        run_commands(name, build)


def main():
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--check"], ["--check", "--untrained"]):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    if "--check" in sys.argv[2:]:
        check(build, TRAINING if "--untrained" in sys.argv[2:] else [])
        return
    document, pictures = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    text = INTRODUCTION + "".join(section(name, build, pictures) for name in PROGRAMS + TRAINING)
    document.write_text(text, encoding="utf-8")
    draw_tour(build, pictures / "tour.png")
    print(f"{document.relative_to(ROOT)} and {len(list(pictures.glob('*.png')))} pictures")


if __name__ == "__main__":
    main()
