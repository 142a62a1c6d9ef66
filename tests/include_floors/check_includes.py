#!/usr/bin/env python3
"""Fails when a source file includes what its folder may not see.

Three rules, read off the #include lines alone (no preprocessor, so a false branch counts as well):
  1. A file of a floor includes only from its own floor and from floors below.
  2. A file of a component (core, io, media, app) includes only from its own component and those below.
  3. A file of the core includes nothing else but the C++ standard library, POSIX, Highway and oneTBB.
And three that keep doors shut: figures are drawn from arrays, labels and plain structs, so they see no Graph; the server
knows no command line; what is in
internal/ or named *-inl.h is included from its own floor's folder only (but what is named *_check.h is there for the
tests of every floor above).

Usage: check_includes.py ROOT
"""
import pathlib
import re
import sys

# folder: (floor, component). A new folder gets its line here, in docs/architecture.md and in cmake/Components.cmake.
FOLDERS = {
    "convscope/base": (1, "core"),
    "convscope/tensor": (2, "core"),
    "convscope/kernels": (3, "core"),
    "convscope/graph": (4, "core"),
    "convscope/filters": (5, "core"),
    "convscope/nn": (5, "core"),
    "convscope/data": (6, "core"),
    "convscope/train": (6, "core"),
    "convscope/inspect": (6, "core"),
    "convscope/formats": (6, "io"),
    "convscope/datasets": (6, "io"),
    "convscope/image": (6, "media"),
    "convscope/figures": (7, "media"),
    "convscope/tasks": (8, "media"),
    "app/server": (9, "app"),
    "app/cli": (9, "app"),
    "bench": (9, "app"),
    "examples": (9, "app"),
    "fuzz": (9, "app"),
    "tests": (9, "app"),
}
COMPONENTS = ["core", "io", "media", "app"]
SHUT = {("convscope/figures", "convscope/graph"), ("app/server", "app/cli")}

CORE_LIBRARIES = ("hwy/", "tbb/", "oneapi/tbb/")
TEST_LIBRARIES = ("gtest/", "gmock/", "hwy/tests/")
POSIX = {"fcntl.h", "unistd.h", "sys/mman.h", "sys/resource.h", "sys/stat.h", "sys/types.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def folder_of(path):
    """The row of FOLDERS that a path (relative to the root, with slashes) lies in, or None."""
    return next((folder for folder in FOLDERS if path.startswith(folder + "/")), None)


def violation(source, included, quoted):
    """What is wrong with `source` (a path relative to the root) including `included`; None when nothing is."""
    folder = folder_of(source)
    if folder is None:
        return "lies in a folder that has no floor"
    floor, component = FOLDERS[folder]
    target = folder_of(included)
    if target is None and not included.startswith("convscope/"):
        if component != "core" or included.startswith(CORE_LIBRARIES):
            return None
        # What tests share is a header internal/*_check.h.
        is_test = source.endswith(("_test.cc", "_check.h"))
        if is_test and included.startswith(TEST_LIBRARIES):
            return None
        if not quoted and (included in POSIX or re.fullmatch(r"[a-z_0-9]+", included)):
            return None
        return "is in the core, which uses the standard library, Highway and oneTBB alone"
    if target is None:
        return "reaches into a folder that has no floor"
    target_floor, target_component = FOLDERS[target]
    if target_floor > floor:
        return f"reaches up from floor {floor} to floor {target_floor}"
    if COMPONENTS.index(target_component) > COMPONENTS.index(component):
        return f"reaches up from component {component} to component {target_component}"
    if (folder, target) in SHUT:
        return f"must not see {target}"
    if source.endswith(("_test.cc", "_check.h")) and included.endswith("_check.h"):
        return None
    if target != folder and ("/internal/" in included or included.endswith("-inl.h")):
        return f"reaches into what is private to {target}"
    return None


def violations(root):
    found = []
    for path in sorted(root.rglob("*")):
        source = path.relative_to(root).as_posix()
        top = source.split("/")[0]
        if path.suffix not in (".h", ".cc") or top not in ("convscope", "app", "bench", "examples", "tests"):
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            quoted = match.group(1) is not None
            included = match.group(1) if quoted else match.group(2)
            problem = violation(source, included, quoted)
            if problem:
                line = text.count("\n", 0, match.start(1 if quoted else 2)) + 1
                found.append(f"{source}:{line}: {problem}: {included}")
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    if not (root / "convscope" / "base").is_dir():
        sys.exit(f"{root} is not the project's root: it has no convscope/base")
    found = violations(root)
    print("\n".join(found) if found else "every include stays on its floor or goes down")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
