#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""weft -i between a real client and a real server, as TAP.

    live.py WEFT [NAME...]      all cases, or those whose name contains a NAME

Every wait is for something to happen and bounded; nothing is slept through but
the waits of weft that are themselves tested.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from compare import differences
from network import OTHER_PORT, Network, run, skip_without_tools, wait_until
from programs import Peer, Tcpdump, Weft, parsed

GET = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n"
CASES = []


def case(function):
    CASES.append(function)
    return function


def target(path):
    return lambda object_: object_["url"]["original"] == path


def traffic(net):
    """Some of everything that one client says to one server."""
    net.curl("/a.txt", "/b.txt", "/missing", "/empty", "--next", "-sS", "-I", "/b.txt")
    net.curl("/b.txt", "--next", "-sS", "-r", "100-299", "/b.txt", "--next", "-sS", "-d", "x=1",
             "/accept?query=1", "--next", "-sS", "--compressed", "/gzip/b.txt")
    net.curl("/large")
    net.curl("--data-binary", f"@{net.folder}/www/large", "-H", "Expect: 100-continue", "/accept")
    net.curl("-Z", "--http1.0", "/b.txt", "/large", "/b.txt")
    # The client leaves in the middle of the response.
    net.curl("-m", "0.4", "/slow/large", check=False)
    net.curl("/a.txt?last")


@case
def live_equals_what_tcpdump_recorded(net, weft):
    record = f"{net.folder}/record.pcap"
    live = Weft(net, weft, "http", "-T", "ndjson", "--segments", "tcp")
    tcpdump = Tcpdump(net, record, "tcp")
    traffic(net)
    live.wait_for("the last transaction", target("/a.txt?last"))
    end = time.time()
    # tcpdump knows no more than weft once it has written the last packet's record.
    wait_until("tcpdump to write it", lambda: os.stat(record).st_mtime <= time.time() - 0.3
               and time.time() > end + 0.3)
    assert live.finish() == 0, live.told
    tcpdump.finish()
    assert live.drops()[1:] == (0, 0), live.told
    assert tcpdump.said(r"\b0 packets dropped by kernel"), tcpdump.told
    done = subprocess.run([weft, "http", "-r", record, "-T", "ndjson", "--segments"], check=True,
                          capture_output=True, text=True, timeout=20)
    recorded = parsed(done.stdout.splitlines())
    assert len(recorded) == 16, f"{len(recorded)} transactions recorded"
    wrong = differences(live.objects(), recorded)
    assert not wrong, "\n".join(wrong[:20])


@case
def results_appear_while_live(net, weft):
    for output in (("-T", "ndjson"), ("-T", "text"),
                   ("-T", "text", "--sort-window", "100ms", "--dedup", "1ms")):
        live = Weft(net, weft, "http", *output)
        for path in "/a.txt?first", "/a.txt?second":
            net.curl(path)
            wait_until(path, lambda: any(path in line for line in live.out), seconds=3)
            assert not live.ended(), live.told
        assert live.finish() == 0, live.told


def signal_delivers_what_is_held(net, weft, number):
    live = Weft(net, weft, "http", "-T", "ndjson")
    follow = Weft(net, weft, "follow", "-T", "ndjson")
    peer = Peer(net)
    peer.send(GET.replace("a.txt", "slow/large"))
    follow.wait_for("the beginning of the response",
                    lambda one: one["direction"] == "server" and one["event"] == "data")
    time.sleep(0.1)
    assert not live.objects(), "a response that goes on was reported"
    assert live.finish(number) == 0, live.told
    follow.finish(number)
    peer.close()
    [only] = live.objects()
    assert only["url"]["path"] == "/slow/large" and only["match"] == "fifo", only
    assert only["http"]["response"]["truncated"] is True, only
    assert 0 < only["http"]["response"]["body"]["bytes"] < 300109, only
    frames, kernel, interface = live.drops()
    assert frames >= 5 and (kernel, interface) == (0, 0), live.told


@case
def sigint_delivers_what_is_held(net, weft):
    signal_delivers_what_is_held(net, weft, signal.SIGINT)


@case
def sigterm_delivers_what_is_held(net, weft):
    signal_delivers_what_is_held(net, weft, signal.SIGTERM)


@case
def a_signal_on_a_quiet_link_ends_at_once(net, weft):
    for number in signal.SIGINT, signal.SIGTERM:
        live = Weft(net, weft, "http")
        begin = time.monotonic()
        assert live.finish(number) == 0, live.told
        assert time.monotonic() - begin < 3
        assert live.drops()[1:] == (0, 0)


@case
def drops_are_counted_and_what_remains_is_used(net, weft):
    live = Weft(net, weft, "http", "-T", "ndjson")
    live.process.send_signal(signal.SIGSTOP)
    net.curl("/huge")
    live.process.send_signal(signal.SIGCONT)
    wait_until("weft to run", lambda: net.curl("/a.txt?after") and
               any("?after" in line for line in list(live.out)))
    assert live.finish() == 0, live.told
    frames, kernel, _ = live.drops()
    assert frames > 0 and kernel > 1000, live.told
    [huge] = filter(target("/huge"), live.objects())
    body = huge["http"]["response"]["body"]["bytes"]
    assert 0 < body < 32 << 20, huge
    assert huge["http"]["response"].get("missing_bytes", 0) + body == 32 << 20 or \
        huge["http"]["response"].get("truncated"), huge


@case
def idle_connections_close_on_a_quiet_link(net, weft):
    waits = "--idle-wait", "1s", "--idle-check", "500ms"
    http = Weft(net, weft, "http", "-T", "ndjson", *waits)
    conns = Weft(net, weft, "conns", "-T", "ndjson", *waits)
    patient = Weft(net, weft, "conns", "-T", "ndjson")
    peer = Peer(net)
    peer.send(GET + "GET /half HTTP/1.1\r\nHost: x\r\n")
    http.wait_for("the whole transaction", target("/a.txt"))
    half = http.wait_for("the half request of a silent connection", target("/half"))
    assert half["match"] == "unmatched_request", half
    assert half["http"]["request"]["truncated"] is True, half
    silent = conns.wait_for("the silent connection", lambda one: True)
    assert silent["connection"]["end"] == "idle", silent
    assert not patient.objects(), "closed before the default of two minutes"
    for program in http, conns, patient:
        assert program.finish() == 0, program.told
    [left] = patient.objects()
    assert left["connection"]["end"] == "finish", left
    peer.close()


LOST = "a segment that the filter keeps back"


def lose(net, weft, *arguments):
    """(bytes before, gap, bytes after) of a client of which a segment is not captured."""
    live = Weft(net, weft, "follow", "-T", "ndjson", *arguments)
    peer = Peer(net)
    for text in "POST /accept HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n", LOST, "after":
        peer.send(text)
    of_client = [lambda one: one["event"] == "data" and one["offset"] == 0,
                 lambda one: one["event"] == "gap" and one["offset"] > 0,
                 lambda one: one["event"] == "data" and one["offset"] > 0]
    found = [live.wait_for("the three events", lambda one, is_it=is_it: one["direction"] == "client"
                           and is_it(one)) for is_it in of_client]
    assert live.finish() == 0, live.told
    peer.close()
    before, gap, after = found
    assert gap["offset"] == before["length"] and gap["length"] == len(LOST), gap
    assert after["offset"] == gap["offset"] + gap["length"], after
    assert after["length"] == len("after"), after
    return gap


# What there is but segments of as many bytes.
NOT_LOST = ("ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != "
            f"{len(LOST)}")


@case
def a_gap_is_given_up_on_a_quiet_link(net, weft):
    gap = lose(net, weft, "--gap-wait", "1s", f"src host 192.0.2.1 and {NOT_LOST}")
    assert gap["cause"] == "time", gap


@case
def a_gap_of_acknowledged_bytes_is_given_up_on_a_quiet_link(net, weft):
    gap = lose(net, weft, "--gap-wait", "1m", NOT_LOST)
    assert gap["cause"] == "acked", gap


@case
def count_ends_the_capture(net, weft):
    live = Weft(net, weft, "stats", "-c", "7", "-T", "ndjson")
    net.curl("/a.txt")
    assert live.finish(None) == 0, live.told
    assert live.drops()[0] == 7, live.told
    [stats] = live.objects()
    assert stats["frames"]["read"] == stats["frames"]["used"] == 7, stats


@case
def a_filter_keeps_other_frames_back(net, weft):
    port = f"tcp port {OTHER_PORT}"
    live = [Weft(net, weft, "http", "-T", "ndjson", *words) for words in (
        [port], ["-f", port], ["-f", port, "host 192.0.2.2"])]
    net.curl("/a.txt?one")
    net.curl(f"http://192.0.2.2:{OTHER_PORT}/a.txt?two")
    for one in live:
        one.wait_for("that of the other port", target("/a.txt?two"))
        assert one.finish() == 0, one.told
        assert [found["server"]["port"] for found in one.objects()] == [OTHER_PORT]


@case
def a_reader_that_left_ends_it_quietly(net, weft):
    reading, writing = os.pipe()
    live = net.start([weft, "http", "-i", net.interface], pinned=False, stdout=writing,
                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    os.close(writing)
    assert "capturing on" in live.stderr.readline()
    os.close(reading)
    net.curl("/a.txt")
    assert live.wait(timeout=5) == 0
    told = live.stderr.read()
    assert len(told.splitlines()) == 1 and "frames captured" in told, told


@case
def an_interface_that_vanishes_is_an_error_after_its_frames(net, weft):
    run("ip", "-n", net.client, "link", "add", "wgone", "type", "veth")
    run("ip", "-n", net.client, "link", "set", "wgone", "up")
    live = net.start([weft, "http", "-i", "wgone"], pinned=False, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert "capturing on" in live.stderr.readline()
    run("ip", "-n", net.client, "link", "del", "wgone")
    _, told = live.communicate(timeout=5)
    assert live.returncode == 2, live.returncode
    assert "wgone" in told and "0 frames captured" in told, told


def refused(net, weft, status, *words, command=None):
    done = net.start(command or [weft, "http", *words], pinned=False, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    out, told = done.communicate(timeout=5)
    assert done.returncode == status and not out, (done.returncode, out, told)
    assert told.startswith("weft: ") and len(told.splitlines()) == 1, told
    return told


@case
def an_unknown_interface_is_named_with_those_there_are(net, weft):
    told = refused(net, weft, 2, "-i", "weft77")
    assert "weft77" in told and net.interface in told and "lo" in told, told


@case
def an_interface_that_is_down_is_told_to_be(net, weft):
    run("ip", "-n", net.client, "link", "add", "wdown", "type", "veth")
    told = refused(net, weft, 2, "-i", "wdown")
    assert "wdown" in told and "ip link set wdown up" in told, told


@case
def a_wrong_filter_is_a_usage_error(net, weft):
    told = refused(net, weft, 1, "-i", net.interface, "tcp prot 80")
    assert "'tcp prot 80'" in told and "pcap-filter" in told, told


@case
def without_permission_it_says_what_to_do(net, weft):
    if not shutil.which("setpriv"):
        return "setpriv is not installed"
    copy = f"{net.folder}/weft"
    shutil.copy(weft, copy)
    os.chmod(copy, 0o755)
    told = refused(net, weft, 2, command=[
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "http", "-i",
        net.interface])
    assert net.interface in told and "cap_net_raw" in told, told
    return None


def run_case(number, function, net, weft):
    """Whether it is as it should be; says so as TAP."""
    name = f"{number} - {function.__name__.replace('_', ' ')}"
    try:
        skipped = function(net, weft)
    except Exception:
        print(f"not ok {name}")
        print("# " + traceback.format_exc().strip().replace("\n", "\n# "), flush=True)
        return False
    print(f"ok {name}{' # SKIP ' + skipped if skipped else ''}", flush=True)
    return True


def main():
    weft, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    cases = [one for one in CASES
             if not names or any(name in one.__name__ for name in names)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    skip_without_tools()
    with Network() as net:
        print(f"1..{len(cases)}", flush=True)
        right = [run_case(number, function, net, weft)
                 for number, function in enumerate(cases, 1)]
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
