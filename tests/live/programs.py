# SPDX-License-Identifier: BSD-2-Clause
"""The programs that capture, and a client that sends what it is told."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

from network import PORT, SERVER, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


def parsed(lines):
    return [json.loads(line) for line in list(lines)]


class Program:
    """A capturing process whose standard error tells when it has begun."""

    def __init__(self, network, command, begun):
        self.out, self.told = [], []
        self.process = network.start(command, pinned=False, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.readers = [threading.Thread(target=self.collect, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.out),
                                     (self.process.stderr, self.told))]
        for reader in self.readers:
            reader.start()
        wait_until(f"{command[0]} to capture", lambda: self.said(begun) or self.ended())
        assert self.said(begun), f"{command[0]} did not begin: {self.told}"

    @staticmethod
    def collect(pipe, lines):
        for line in pipe:
            lines.append(line)

    def said(self, pattern):
        return re.search(pattern, "".join(self.told))

    def ended(self):
        return self.process.poll() is not None

    def finish(self, number=signal.SIGINT):
        """Sends the signal, if any, and returns the exit status."""
        if number is not None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=10)
        for reader in self.readers:
            reader.join(timeout=5)
        return status


class Weft(Program):
    """weft on the client's interface."""

    def __init__(self, network, weft, command, *arguments):
        super().__init__(network, [weft, command, "-i", network.interface, *arguments],
                         "capturing on")

    def objects(self):
        return parsed(self.out)

    def wait_for(self, what, true):
        """The first object that is so, while the capture goes on."""
        found = wait_until(what, lambda: next(filter(true, self.objects()), None))
        assert not self.ended(), f"{what}: but weft has ended: {self.told}"
        return found

    def drops(self):
        """(frames, dropped by the kernel, dropped by the interface), as told at the end."""
        numbers = self.said(r"(\d+) frames captured, (\d+) dropped by the kernel, "
                            r"(\d+) dropped by the interface")
        assert numbers, f"no drop counts: {self.told}"
        return tuple(map(int, numbers.groups()))


class Tcpdump(Program):
    def __init__(self, network, path, *expression):
        super().__init__(network, ["tcpdump", "-Z", "root", "-i", network.interface,
                                   "--immediate-mode", "-B", "8192", "-U",
                                   "--time-stamp-precision=nano", "-w", path, *expression],
                         "listening on")


class Peer:
    """A client that sends each text as a segment of its own."""

    def __init__(self, network):
        self.process = network.start([sys.executable, os.path.join(HERE, "peer.py"), SERVER,
                                      str(PORT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True)
        self.answer()

    def answer(self):
        answered = self.process.stdout.readline()
        assert answered == "done\n", f"the peer says {answered!r}"

    def send(self, text):
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=5)
