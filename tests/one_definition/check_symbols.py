#!/usr/bin/env python3
"""Passes when no two objects of the archives define one symbol.

    check_symbols.py NM ARCHIVE...

A linker takes from an archive the first object that has what it looks for, and says nothing of a second one: two files
that each define a function of one name and signature run one of them for both. Symbols that may be defined often (inline
functions, templates) are left out.
"""
import collections
import subprocess
import sys


def definitions(nm, archive):
    """(symbol, object) of everything that `archive` defines for other objects to see, once."""
    listing = subprocess.run([nm, '-A', '-P', '-g', archive], check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        where, _, rest = line.partition(': ')
        words = rest.split()
        if len(words) >= 2 and words[1] in 'TDBRSGC':
            yield words[0], where


def main(nm, *archives):
    found = collections.defaultdict(list)
    for archive in archives:
        for symbol, where in definitions(nm, archive):
            found[symbol].append(where)
    if len(found) < 1 or not archives:
        print('no symbols: are these the archives?')
        return 1
    twice = {symbol: where for symbol, where in found.items() if len(where) > 1}
    for symbol, where in sorted(twice.items()):
        print(f'{symbol} is defined in {" and ".join(where)}: name one of them otherwise, or hide it in an unnamed '
              'namespace')
    print(f'{len(found)} symbols of {len(archives)} archives, {len(twice)} defined twice')
    return 1 if twice else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
