#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compiles the C of docs/from-gopacket.md.

    from_gopacket.py PAGE INCLUDE CC...

All its blocks marked ```c, in order, are one source file that has to compile
without a warning; a scenario that it names has to be there."""

import os
import re
import subprocess
import sys


def main():
    page, include, compiler = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(page, encoding="utf-8") as text:
        text = text.read()
    blocks = re.findall(r"^```c\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if len(blocks) < 5:
        sys.exit(f"{page}: only {len(blocks)} blocks of C")
    scenarios = os.path.join(os.path.dirname(page), "..", "tests", "scenarios", "gopacket")
    named = set(re.findall(r"`([a-z-]+)\.weft`", text))
    missing = sorted(name for name in named
                     if not os.path.exists(os.path.join(scenarios, name + ".weft")))
    unnamed = sorted({name[:-5] for name in os.listdir(scenarios)
                      if name.endswith(".weft")} - named)
    if missing or unnamed:
        sys.exit(f"{page}: no such scenario: {missing}; not named: {unnamed}")
    done = subprocess.run([*compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic",
                           "-Wno-unused-function", "-I", include, "-xc", "-fsyntax-only", "-"],
                          input="\n".join(blocks), text=True, check=False)
    print(f"{len(blocks)} blocks of C, {len(named)} scenarios named")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
