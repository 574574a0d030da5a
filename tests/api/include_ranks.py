#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Knowledge flows down: no include goes up or sideways.  TAP.

    include_ranks.py SOURCE-ROOT

First the rule is tried on includes that are known to be right and wrong, then
on every file.  ARCHITECTURE.md has the table.
"""
import pathlib
import re
import sys

RANKS = {"base": 0, "wire": 1, "ip": 2, "flow": 2, "reasm": 3, "stream": 4, "http": 5}
ONLY = {"http": {"base", "http"}}  # written as any user of stream.h could
# Public headers whose functions live in io/, and those that know of packets.
FROM_IO = {"capture.h", "content.h", "record.h", "sink.h", "writer.h"}
FOR_BASE = {"base.h", "version.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')

EXAMPLES = [  # (file, include, is it right?)
    ("lib/reasm/half.c", '#include "base/seq32.h"', True),
    ("lib/reasm/half.c", '#include "reasm/segs.h"', True),
    ("lib/reasm/half.c", '#include <weft/stream.h>', True),
    ("lib/stream/engine.c", '#include "wire/packet.h"', True),
    ("lib/http/head.c", '#include "base/mem.h"', True),
    ("lib/base/mem.c", '#include "wire/packet.h"', False),
    ("lib/base/mem.c", '#include <weft/stream.h>', False),
    ("lib/reasm/half.c", '  #  include "stream/engine.h"', False),
    ("lib/ip/defrag.c", '#include "flow/flows.h"', False),
    ("lib/flow/flows.c", '#include "ip/defrag.h"', False),
    ("lib/http/head.c", '#include "reasm/segs.h"', False),
    ("lib/http/head.c", '#include "stream/engine.h"', False),
    ("lib/reasm/half.c", '#include "segs.h"', False),
    ("lib/reasm/half.c", '#include "../reasm/segs.h"', False),
    ("lib/stream/engine.c", '#include <weft/capture.h>', False),
    ("io/capture/pcap.c", '#include <weft/capture.h>', True),
    ("io/capture/pcap.c", '#include "capture/source.h"', True),
    ("io/capture/pcap.c", '#include "base/loads.h"', False),
    ("cli/main.c", '#include <weft/http.h>', True),
    ("cli/main.c", '#include "args.h"', True),
    ("cli/main.c", '#include "capture/source.h"', False),
    ("cli/main.c", '#include "../lib/base/mem.h"', False),
    ("examples/01-streams.c", '#include <weft/stream.h>', True),
    ("examples/01-streams.c", '#include "base/mem.h"', False),
]


def fault_in_lib(folder, quoted, target):
    """Why a file of lib/FOLDER may not include this, or None."""
    if not quoted:
        name = target.removeprefix("weft/")
        if name == target:
            return None
        if name in FROM_IO:
            return "the library knows no files"
        if folder == "base" and name not in FOR_BASE:
            return "base/ knows no packets"
        return None
    wanted, slash, rest = target.partition("/")
    if not slash or ".." in target:
        return "name the folder"
    if wanted not in RANKS:
        return "not a folder of lib/"
    if folder in ONLY and wanted not in ONLY[folder]:
        return f"{folder}/ stands on stream.h and base/ alone"
    if wanted != folder and RANKS[wanted] >= RANKS[folder]:
        return f"{wanted}/ is not below {folder}/"
    return None


def fault_outside(floor, quoted, target, root):
    """Why a file of io/, cli/ or examples/ may not include this, or None."""
    if not quoted:
        return None
    if ".." in target or target.partition("/")[0] in RANKS:
        return "only <weft/*.h> reaches the library"
    if root and not any((root / floor).glob(f"**/{target}")):
        return f"not a header of {floor}/"
    if not root and floor != "io" and "/" in target:
        return f"not a header of {floor}/"
    return None


def fault(path, line, root=None):
    match = INCLUDE.match(line)
    if not match:
        return None
    quoted, target = match[1] == '"', match[2]
    parts = pathlib.PurePath(path).parts
    if parts[0] == "lib":
        return fault_in_lib(parts[1], quoted, target)
    return fault_outside(parts[0], quoted, target, root)


def try_rule():
    for path, line, right in EXAMPLES:
        if (fault(path, line) is None) != right:
            yield f"{path}: {line}: the rule says {fault(path, line) or 'right'}"


def check_files(root, folder):
    files = [p for p in sorted((root / folder).glob("**/*")) if p.suffix in (".c", ".h")]
    for file in files:
        path = file.relative_to(root)
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            reason = fault(path, line, root)
            if reason:
                yield f"{path}:{number}: {line.strip()}: {reason}"


def main():
    root = pathlib.Path(sys.argv[1])
    folders = [f"lib/{name}" for name in RANKS] + ["io", "cli", "examples"]
    points = [("the rule knows right from wrong", try_rule())]
    strangers = {p.name for p in (root / "lib").iterdir() if p.is_dir()} - RANKS.keys()
    points.append(("every folder of lib/ has a rank", [f"lib/{name}" for name in strangers]))
    points += [(folder, check_files(root, folder)) for folder in folders]

    print(f"1..{len(points)}")
    for number, (name, faults) in enumerate(points, 1):
        faults = list(faults)
        print(f"{'not ' if faults else ''}ok {number} - {name}")
        for text in faults:
            print(f"# {text}")


main()
