# SPDX-License-Identifier: BSD-2-Clause
"""A client and a server in network namespaces of their own, joined by a veth pair.

Nothing leaves them: the addresses are of TEST-NET-1 (RFC 5737) and there is no
route.  Interfaces do no segmentation or checksum work, so that a capture holds
what went over the wire.  Everything that generates packets runs on one
processor: two captures on one interface then see one order.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # what Meson takes for "skipped"
SERVER = "192.0.2.2"
PORT, OTHER_PORT = 80, 8080
NEEDED = {"ip": "iproute2", "nginx": "nginx-light", "curl": "curl", "tcpdump": "tcpdump",
          "ethtool": "ethtool"}

NGINX = """
user root;
master_process off;
daemon off;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  sendfile on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {server}:{port};
    listen {server}:{other};
    root {folder}/www;
    location /gzip/ {{ alias {folder}/www/; gzip on; gzip_types *; gzip_min_length 1; }}
    location /empty {{ return 204; }}
    location /accept {{ return 201 "accepted\\n"; }}
    location /slow/ {{ alias {folder}/www/; limit_rate 2000; }}
  }}
}}
"""


def skip(reason):
    """Ends the program as a skipped test, saying why."""
    print(f"SKIP: {reason}")
    sys.exit(SKIPPED)


def wait_until(what, true, seconds=8):
    """Waits for `true()` to be, and returns what it was."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def skip_without_tools():
    if os.geteuid() != 0:
        skip("capturing between network namespaces needs root")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool, package in NEEDED.items():
        if not shutil.which(tool):
            skip(f"{tool} is not installed (package {package})")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=20, **options)


class Network:
    """The two namespaces and nginx in one of them, as a context."""

    def __init__(self):
        self.client, self.server = f"weft-live-c{os.getpid()}", f"weft-live-s{os.getpid()}"
        self.interface = "wc0"
        self.processor = {max(os.sched_getaffinity(0))}
        self.exits = contextlib.ExitStack()
        self.folder = None

    def __enter__(self):
        try:
            self.folder = self.exits.enter_context(tempfile.TemporaryDirectory())
            os.chmod(self.folder, 0o755)
            self.make_links()
            self.start_nginx()
        except BaseException:
            self.exits.close()
            raise
        return self

    def __exit__(self, *ignored):
        self.exits.close()

    def make_namespace(self, name):
        try:
            run("ip", "netns", "add", name)
        except subprocess.CalledProcessError as error:
            skip(f"no network namespaces here: {error.stderr.decode().strip()}")
        self.exits.callback(subprocess.run, ["ip", "netns", "del", name], check=False,
                            stderr=subprocess.DEVNULL)

    def make_links(self):
        for name in self.client, self.server:
            self.make_namespace(name)
        run("ip", "link", "add", self.interface, "netns", self.client, "type", "veth", "peer",
            "name", "ws0", "netns", self.server)
        for name, link, host in (self.client, self.interface, 1), (self.server, "ws0", 2):
            run("ip", "-n", name, "addr", "add", f"192.0.2.{host}/24", "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "netns", "exec", name, "ethtool", "-K", link,
                *(word for what in ("tso", "gso", "gro", "tx", "rx") for word in (what, "off")))

    def start(self, command, namespace=None, pinned=True, **options):
        """A process there that does not outlive the test."""
        pin = (lambda: os.sched_setaffinity(0, self.processor)) if pinned else None
        process = subprocess.Popen(["ip", "netns", "exec", namespace or self.client, *command],
                                   preexec_fn=pin, **options)
        self.exits.callback(stop, process)
        return process

    def start_nginx(self):
        folder = self.folder
        os.mkdir(f"{folder}/www")
        for name, text in (("a.txt", b"packets are the warp\n"), ("b.txt", b"0123456789abcde\n" * 500),
                           ("large", b"c" * 300109), ("huge", bytes(32 << 20))):
            with open(f"{folder}/www/{name}", "wb") as file:
                file.write(text)
        with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(folder=folder, server=SERVER, port=PORT, other=OTHER_PORT))
        self.start(["nginx", "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"],
                   self.server, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
        wait_until("nginx", lambda: self.curl("/a.txt", check=False).returncode == 0)

    def curl(self, *arguments, check=True):
        """curl with its output thrown away; targets are those that begin with a slash."""
        words = [f"http://{SERVER}{word}" if word[:1] == "/" else word for word in arguments]
        process = self.start(["curl", "-sS", "-m", "10", "--noproxy", "*", *words],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
        _, told = process.communicate(timeout=20)
        if check and process.returncode:
            raise AssertionError(f"curl {arguments} exits {process.returncode}: {told}")
        return process


def stop(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in process.stdin, process.stdout, process.stderr:
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
