#!/usr/bin/env python3
"""What check_symbols.py finds in archives that are made for it. Arguments: the C++ compiler, ar, nm."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPILER, AR, NM = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
CHECK = pathlib.Path(__file__).with_name('check_symbols.py')


class CheckSymbols(unittest.TestCase):
    def checked(self, *sources):
        """The check's answer for an archive a source."""
        with tempfile.TemporaryDirectory() as name:
            folder, archives = pathlib.Path(name), []
            for i, source in enumerate(sources):
                text, built = folder / f'file{i}.cc', folder / f'file{i}.o'
                text.write_text(source)
                subprocess.run([COMPILER, '-c', text, '-o', built], check=True)
                archives.append(folder / f'lib{i}.a')
                subprocess.run([AR, 'rc', archives[-1], built], check=True)
            return subprocess.run([sys.executable, '-B', CHECK, NM, *archives], capture_output=True, text=True)

    def test_a_function_of_two_archives_is_found_and_named_with_both(self):
        answer = self.checked('namespace a { int Twice(int x) { return x; } }',
                              'namespace a { int Twice(int x) { return 2 * x; } }')
        self.assertEqual(answer.returncode, 1)
        self.assertRegex(answer.stdout, r'Twice.*file0\.o.*file1\.o')

    def test_overloads_inline_functions_and_hidden_ones_are_not(self):
        answer = self.checked('inline int A(int x) { return x; } namespace { int B() { return 1; } } '
                              'int C(int x) { return A(x) + B(); }',
                              'inline int A(int x) { return x; } namespace { int B() { return 2; } } '
                              'int C(long x) { return A(1) + B() + x; }')
        self.assertEqual(answer.returncode, 0, answer.stdout)

    def test_nothing_is_no_success(self):
        self.assertEqual(self.checked('namespace { int unseen; }').returncode, 1)


if __name__ == '__main__':
    unittest.main()
