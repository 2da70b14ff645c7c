"""The processes of pytest-xdist that share the tests: how many, and what keeps them out of each other's way.

Half of the suite's time is waiting (for a timer, a program, a wire), so there are more workers than cores. Three
things keep the results independent of what the others do: each worker has a network of its own where the system
allows it; tests marked ``lab``, whose programs keep real time, go before all others in the scheduler; and those of
them that measure time share a group, so that no two of them run at once.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["IN_WORKER", "count", "enter_own_network", "set_priority"]

IN_WORKER = "PYTEST_XDIST_WORKER" in os.environ
_PER_CORE = 2
_LEAST = 4
_BACKGROUND = 10
"""Niceness of what only computes: a ninth of the share of what keeps real time."""
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def count(args: Sequence[str]) -> int:
    """Workers for the tests that `args` of the command line name; 0 (none but pytest itself) for a few files."""
    if args and all(Path(arg.partition("::")[0]).is_file() for arg in args):
        return 0
    return max(_LEAST, _PER_CORE * (os.cpu_count() or 1))


def enter_own_network() -> None:
    """Leave the machine's network for an empty one with a loopback, as root on Linux; elsewhere do nothing.

    Otherwise peers on the loopback hear the multicast of those that other workers run.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return
    if ctypes.CDLL(None).unshare(_CLONE_NEWNET):  # os.unshare is new in Python 3.12
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("16xH", fcntl.ioctl(control, _SIOCGIFFLAGS, request))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def set_priority(real_time: bool) -> None:
    """Run the next test, and the programs that it starts, before or after those of other workers."""
    if IN_WORKER and sys.platform.startswith("linux") and os.geteuid() == 0:
        os.setpriority(os.PRIO_PROCESS, 0, 0 if real_time else _BACKGROUND)
