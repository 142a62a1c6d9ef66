#!/usr/bin/env python3
"""The include check finds what it must find, and lets pass what it must let pass."""
import pathlib
import tempfile
import unittest

import check_includes


class CheckIncludes(unittest.TestCase):
    def violations(self, path, *lines):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text("// A file.\n" + "\n".join(lines) + "\n")
            return check_includes.violations(pathlib.Path(folder))

    def assert_allowed(self, path, line):
        self.assertEqual(self.violations(path, line), [])

    def assert_refused(self, path, line, reason):
        found = self.violations(path, line)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: {reason}"), found[0])

    def test_own_floor_and_floors_below_are_allowed(self):
        self.assert_allowed("convscope/tensor/a.cc", '#include "convscope/tensor/shape.h"')
        self.assert_allowed("convscope/tensor/a.cc", '#include "convscope/base/error.h"')
        self.assert_allowed("convscope/image/a.cc", '#include "convscope/formats/npy.h"')
        self.assert_allowed("app/cli/main.cc", '#include "convscope/tasks/filter.h"')

    def test_a_floor_above_is_refused(self):
        self.assert_refused("convscope/base/a.h", '#include "convscope/tensor/shape.h"', "reaches up from floor 1 to")
        self.assert_refused("convscope/kernels/a_test.cc", '#include "convscope/graph/graph.h"', "reaches up")
        self.assert_refused("convscope/figures/a.cc", '#  include "convscope/tasks/filter.h"', "reaches up")
        self.assert_refused("convscope/tasks/a.cc", '#include "app/cli/command.h"', "reaches up")

    def test_a_component_above_is_refused_on_the_same_floor(self):
        self.assert_refused(
            "convscope/formats/a.cc", '#include "convscope/image/image.h"', "reaches up from component io to"
        )

    def test_the_core_sees_standard_library_posix_highway_and_tbb_alone(self):
        for header in ("vector", "unistd.h", "hwy/highway.h", "tbb/parallel_for.h"):
            self.assert_allowed("convscope/kernels/a.cc", f"#include <{header}>")
        for header in ("<fmt/format.h>", "<vips/vips.h>", '"hwy.h"', "<immintrin.h>"):
            self.assert_refused("convscope/graph/a.cc", f"#include {header}", "is in the core")
        self.assert_allowed("convscope/figures/a.cc", "#include <fmt/format.h>")

    def test_test_libraries_are_for_tests(self):
        self.assert_allowed("convscope/base/a_test.cc", "#include <gtest/gtest.h>")
        self.assert_refused("convscope/base/a.cc", "#include <gtest/gtest.h>", "is in the core")

    def test_an_unknown_folder_is_refused(self):
        self.assert_refused("convscope/utils/a.cc", "#include <vector>", "lies in a folder that has no floor")
        self.assert_refused("app/cli/main.cc", '#include "convscope/utils/a.h"', "reaches into a folder that has no")

    def test_figures_see_no_graph(self):
        self.assert_refused("convscope/figures/a.cc", '#include "convscope/graph/graph.h"', "must not see")

    def test_private_headers_stay_on_their_floor(self):
        self.assert_allowed("convscope/kernels/a.cc", '#include "convscope/kernels/conv-inl.h"')
        self.assert_allowed("convscope/kernels/a.cc", '#include "convscope/kernels/internal/tile.h"')
        self.assert_refused("convscope/graph/a.cc", '#include "convscope/kernels/conv-inl.h"', "reaches into what is")
        self.assert_allowed("convscope/nn/a_test.cc", '#include "convscope/graph/internal/gradient_check.h"')
        self.assert_refused("convscope/nn/a.cc", '#include "convscope/graph/internal/gradient_check.h"', "reaches into")
        self.assert_refused("examples/a.cc", '#include "convscope/kernels/internal/tile.h"', "reaches into what is")


if __name__ == "__main__":
    unittest.main()
