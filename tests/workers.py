"""The processes of pytest-xdist that share the tests: how many, and what keeps them out of each other's way.

Half of the suite's time is waiting (for a timer, a program, a wire), so there are more workers than cores. What the
others do changes no result: each worker has a network of its own where the system allows it, tests that keep real
time are few at once, and they take precedence over those that only compute.
"""

import ctypes
import os
import socket
import struct
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

__all__ = [
    "IN_WORKER",
    "Scheduling",
    "count",
    "enter_own_network",
    "group",
    "import_in_turn",
    "keep_files_in_memory",
    "set_priority",
]

IN_WORKER = "PYTEST_XDIST_WORKER" in os.environ
_PER_CORE = {True: 2, False: 2}
"""With the lab and without: each worker costs the seconds in which it collects the tests."""
_LAB_CHAINS = 1
"""So many tests of the lab run at once, besides one with windows and one that measures time: rooms of eight programs
leave two processors no time for a second one."""
_NICENESS = {"timing": -10, "window": -2, "lab": 0}
"""By marker, the first that a test has; the scheduler gives each step about a quarter more."""
_BACKGROUND = 10
_AT_ONCE = 4
"""Tests of one file that a worker is given at once."""
_MEMORY_DISK = Path("/dev/shm")
_MEMORY_DISK_MIN = 1 << 30
"""Bytes that must be free there; all tests together write a tenth of it."""
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def count(args: Sequence[str], *, lab: bool = True) -> int:
    """Workers for the tests that `args` of the command line name; 0 (none but pytest itself) for a few files."""
    if args and all(Path(arg.partition("::")[0]).is_file() for arg in args):
        return 0
    return max(4, _PER_CORE[lab] * (os.cpu_count() or 1))


def keep_files_in_memory() -> None:
    """Let `tmp_path` be in memory where Linux has enough: a database waits for a real disk with each change."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not os.access(_MEMORY_DISK, os.W_OK):
        return
    found = os.statvfs(_MEMORY_DISK)
    if found.f_bavail * found.f_frsize >= _MEMORY_DISK_MIN and not found.f_flag & os.ST_NOEXEC:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY_DISK)


def import_in_turn(config: pytest.Config) -> None:
    """Import the modules of the tests, each worker from another one on.

    In a fresh clone each module is compiled by the worker that comes to it first, and not by all of them.
    """
    folders = [Path(arg) for arg in config.args if Path(arg).is_dir()]
    files = sorted({path.resolve() for folder in folders for path in folder.rglob("test_*.py")})
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    first = number * len(files) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in files[first:] + files[:first]:
        with suppress(Exception):  # the collection tells
            import_module(".".join(path.relative_to(config.rootpath).with_suffix("").parts))


class Scheduling(LoadGroupScheduling):
    """``--dist=loadgroup``, but what is in no group goes out by a few tests of a file, not one by one.

    To hand out a piece takes a time that grows with the number of pieces, and a worker makes the fixtures of a module
    for each piece anew.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._pieces: dict[str, str] = {}
        self._tests: Counter[str] = Counter()

    def _split_scope(self, nodeid: str) -> str:
        scope = super()._split_scope(nodeid)
        if scope != nodeid:  # it is in a group
            return scope
        if nodeid not in self._pieces:
            file = nodeid.partition("::")[0]
            self._pieces[nodeid] = f"{file} {self._tests[file] // _AT_ONCE}"
            self._tests[file] += 1
        return self._pieces[nodeid]


def group(items: Sequence[pytest.Item]) -> None:
    """Chain the tests that keep real time: those of one chain run one after the other."""
    chained = 0
    for item in items:
        if item.get_closest_marker("timing"):
            item.add_marker(pytest.mark.xdist_group("timing"))
        elif item.get_closest_marker("window"):
            item.add_marker(pytest.mark.xdist_group("window"))
        elif item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group(f"lab-{chained % _LAB_CHAINS}"))
            chained += 1


def set_priority(item: pytest.Item) -> None:
    """Run this test, and the programs that it starts, before or after what other workers run; as root on Linux."""
    if IN_WORKER and _is_root_on_linux():
        found = (niceness for marker, niceness in _NICENESS.items() if item.get_closest_marker(marker))
        with suppress(PermissionError):  # a container may forbid it to root, too
            os.setpriority(os.PRIO_PROCESS, 0, next(found, _BACKGROUND))


def enter_own_network() -> None:
    """Leave the machine's network for an empty one with a loopback, as root on Linux; elsewhere do nothing.

    Otherwise peers on the loopback hear the multicast of those that other workers run.
    """
    if not _is_root_on_linux() or ctypes.CDLL(None).unshare(
        _CLONE_NEWNET
    ):  # os.unshare is new in Python 3.12
        return
    import fcntl  # Windows has none

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("16xH", fcntl.ioctl(control, _SIOCGIFFLAGS, request))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _is_root_on_linux() -> bool:
    return sys.platform.startswith("linux") and os.geteuid() == 0
