# SPDX-License-Identifier: BSD-2-Clause
"""The report of bench/run, as Markdown."""

FLOOR = "read and parse (the floor)"


def table(head, rows):
    """Lines of a table; numbers stand right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def per_packet(row):
    if not row or "ns" not in row:
        return "-" if not row else "failed"
    text = f"{row['ns']:,.0f}" if row["ns"] >= 10 else f"{row['ns']:.1f}"
    if not row.get("right", True):
        text += f" ({row['says']})" if not row["http"] else " (wrong)"
    return text


def names_of(results, wanted):
    """Driver names in order, of the rows that `wanted` picks."""
    names = {}
    for rows in results.values():
        names.update({name: 1 for name, row in rows.items() if wanted(row)})
    return list(names)


def section(title, results, wanted, cell):
    workloads = list(results)
    rows = [[name] + [cell(results[w].get(name), results[w]) for w in workloads]
            for name in names_of(results, wanted)]
    return ["", f"### {title}", ""] + table([""] + workloads, rows)


def fastest_right(rows):
    """(name, row) of the fastest peer whose bytes are right; (None, None)."""
    peers = [(row["ns"], name, row) for name, row in rows.items()
             if not row["http"] and not row["floor"] and not name.startswith(("weft", "tcpflow"))
             and row.get("right") and "ns" in row]
    return min(peers)[1:] if peers else (None, None)


def met(value, ok):
    return f"{value} {'✓' if ok else '✗'}"


def limit(goals, kind, workload, rows):
    floor = rows.get(FLOOR, {}).get("ns", 0)
    return max(goals[kind][workload], 1.25 * floor)


def goal_rows(results, goals):
    """A row for each goal; a cell tells the value and whether it is reached."""
    picks = [("reassembly, ns a packet", "weft", "streams_ns"),
             ("HTTP as ndjson, ns a packet", "weft http -T ndjson", "http_ns")]
    for title, name, kind in picks:
        cells = []
        for workload, rows in results.items():
            row = rows.get(name, {})
            bound = limit(goals, kind, workload, rows)
            cells.append(met(f"{row['ns']:.0f} of {bound:.0f}", row["ns"] <= bound and row["right"])
                         if "ns" in row else "-")
        yield [title] + cells
    cells = []
    for workload, rows in results.items():
        name, peer = fastest_right(rows)
        weft = rows.get("weft", {})
        if not peer or "ns" not in weft:
            cells.append("-")
            continue
        ratio, wanted = peer["ns"] / weft["ns"], goals["faster"][workload]
        cells.append(met(f"{ratio:.1f} of {wanted:g} ({name})", ratio >= wanted))
    yield ["times faster than the fastest right peer"] + cells
    for peer, wanted in goals["http_faster"].items():
        cells = []
        for rows in results.values():
            weft, other = rows.get("weft http -T ndjson", {}), rows.get(peer, {})
            if "ns" not in weft or "ns" not in other:
                cells.append("-")
                continue
            ratio = other["ns"] / weft["ns"]
            cells.append(met(f"{ratio:.1f} of {wanted}", ratio >= wanted))
        yield [f"HTTP: times faster than {peer}"] + cells


def ratio_cell(row, rows):
    floor = rows.get(FLOOR, {}).get("ns")
    return f"{row['ns'] / floor:.1f}" if row and "ns" in row and floor else "-"


def memory_cell(row, rows):
    if not row or "peak" not in row:
        return "-"
    return f"{row['peak'] / 1e6:,.0f} MB, {row['peak'] / row['connections']:,.0f} B"


def seconds_cell(row, rows):
    return f"{row['wall'] / 1e9:.2f}" if row and "wall" in row else "-"


def delivered(results):
    """Who delivers what the capture holds, and what others do."""
    lines = ["", "### What was delivered", ""]
    right, wrong = [], []
    for name in names_of(results, lambda row: "says" in row):
        rows = {workload: results[workload].get(name, {}) for workload in results}
        odd = {workload: row["says"] for workload, row in rows.items()
               if row.get("says") and not (row["right"] and workload != "lossy")}
        wrong += [f"* {name}, {workload}: {says}" for workload, says in odd.items()]
        if not set(odd) - {"lossy"}:
            right.append(name)
    if right:
        lines.append("Right everywhere but perhaps in lossy, by the digest of every stream or the "
                     "number of transactions: " + ", ".join(right) + ".")
    return lines + [""] + wrong


def report(about, results, goals):
    lines = [f"{about['date']}, {about['machine']}.  `{about['command']}`: captures of scale "
             f"{about['scale']:g}, the least of {about['rounds']} rounds.  CPU time, user and "
             "system, of the whole process."]
    if about["versions"]:
        lines += ["", "Peers as in Debian: " + ", ".join(about["versions"]) + "."]
    lines += section("Reassembly: CPU nanoseconds a packet", results,
                     lambda row: not row["http"], lambda row, rows: per_packet(row))
    lines += section("HTTP transactions: CPU nanoseconds a packet", results,
                     lambda row: row["http"], lambda row, rows: per_packet(row))
    lines += ["", "### Goals", ""] + table([""] + list(results), list(goal_rows(results, goals)))
    lines += section("Times the floor", results, lambda row: True, ratio_cell)
    lines += section("Peak memory of the process, and by connection of the capture", results,
                     lambda row: not row["floor"], memory_cell)
    lines += section("Wall time, seconds", results, lambda row: True, seconds_cell)
    smaller = {row["share"] for rows in results.values() for row in rows.values()}
    if smaller - {1.0}:
        parts = sorted({f"{name} {row['share']:g}" for rows in results.values()
                        for name, row in rows.items() if row["share"] != 1.0})
        lines += ["", "Slow programs ran on smaller captures of the same kind, this part of the "
                  "scale: " + ", ".join(parts) + ".  The time that tcpflow and tshark take for an "
                  "empty capture is subtracted."]
    lines += delivered(results)
    return "\n".join(lines) + "\n"
