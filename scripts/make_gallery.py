#!/usr/bin/env python3
"""Writes docs/gallery.md and docs/gallery/*.png: what the programs in examples/ print and draw, nothing by hand; and
the README's picture, docs/gallery/tour.png.

A program is run as NAME DATA FOLDER. A line of its output that reads "FILE.png: caption" becomes the figure, every
other line is shown as it stands; its heading and introduction are the first comment of its source. The lines and
pictures of all programs must be made afresh by each run, so a program's output depends on nothing but its input.

Usage: make_gallery.py BUILD          writes the gallery
       make_gallery.py BUILD --check  fails when docs/gallery.md is not what the programs say
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ["conv_filters", "convolving", "playing_with_convolutions", "mnist_conv2d"]
# The command behind the README's picture, as the README shows it.
TOUR = "filter data/pictures/chelsea.png --gray --kernel edge --stride 2 --activation relu --pool max:3 -o tour.png"
FIGURE = re.compile(r"^([\w-]+\.png): (.+)$")
INTRODUCTION = (
    "# Gallery\n\nMade by `make gallery` from the programs in [examples](../examples): each picture and each line in a "
    "frame is what the program drew and printed.\n"
)


def first_comment(source):
    """The heading (first sentence) and the introduction (the rest) of a source file's first comment."""
    lines = []
    for line in source.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        lines.append(line[2:].strip())
    heading, _, rest = " ".join(lines).partition(". ")
    return heading.rstrip("."), rest


def section(name, build, pictures):
    """The Markdown of one program, whose figures are written into the folder `pictures`."""
    heading, introduction = first_comment(ROOT / "examples" / f"{name}.cc")
    run = subprocess.run(
        [build / "examples" / name, ROOT / "data", pictures], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        sys.exit(f"{name} ended with {run.returncode}: {run.stderr}")
    parts = [f"\n## {heading}\n", f"{introduction}\n\nProgram: [{name}.cc](../examples/{name}.cc)\n"]
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


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    document = ROOT / "docs" / "gallery.md"
    if sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            text = INTRODUCTION + "".join(section(name, build, pathlib.Path(folder)) for name in PROGRAMS)
        if text != document.read_text(encoding="utf-8"):
            sys.exit("docs/gallery.md is not what the programs print; run: make gallery")
        return
    pictures = ROOT / "docs" / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    document.write_text(INTRODUCTION + "".join(section(name, build, pictures) for name in PROGRAMS), encoding="utf-8")
    if f"$ convscope {TOUR}\n" not in (ROOT / "README.md").read_text(encoding="utf-8"):
        sys.exit(f"README.md does not show the command behind its picture: convscope {TOUR}")
    command = TOUR.replace("tour.png", str(pictures / "tour.png")).split()
    subprocess.run([build / "convscope", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print(f"{document.relative_to(ROOT)} and {len(list(pictures.glob('*.png')))} pictures")


if __name__ == "__main__":
    main()
