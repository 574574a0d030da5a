# SPDX-License-Identifier: BSD-2-Clause
"""The machine as each timed run finds it: the same for all, whoever ran before."""
import contextlib
import mmap
import os
import traceback

BLOCK = 8 << 20
PAGE = 4096


def apart(work, *arguments):
    """In a process of its own: what this one had of memory at most, its children are said to
    have had."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(*arguments)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise RuntimeError(f"{work.__name__} failed")


def write_anew(path):
    """Copies a file over itself, so that the page cache has it in large pieces, as what was
    just captured is.  Pieces that were dropped and read again are smaller, and up to twice as slow
    to read."""
    apart(copy_over, path)


def copy_over(path):
    part = path.with_name(f"part-{os.getpid()}")
    times = path.stat()
    with open(path, "rb", buffering=0) as old, open(part, "wb", buffering=0) as new:
        while block := old.read(BLOCK):
            new.write(block)
        os.fsync(new.fileno())
    os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
    part.rename(path)


def warm_memory(size):
    """Touches so much memory and lets go of it.  A virtual machine may give memory that is free
    back to its host, and whoever takes it next waits until it is there again: microseconds for
    each of its pages, several times what a program does with them."""
    if size:
        apart(touch, size)


def touch(size):
    with mmap.mmap(-1, size) as memory:
        with contextlib.suppress(AttributeError, OSError):  # where there are no huge pages
            memory.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, size, PAGE):
            memory[at] = 1
