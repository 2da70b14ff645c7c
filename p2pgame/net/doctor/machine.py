"""What the operating system tells of interfaces and ports without special rights. Reads files; blocks shortly.

Where it tells nothing (most of it is Linux only) the answer is None, ``unknown`` or empty, never an error.
"""

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from p2pgame.net.doctor.facts import InterfaceFact
from p2pgame.net.interfaces import Interface

__all__ = ["interface_fact", "port_holder", "sockets_on", "udp_shareable"]

_SIOCGIFFLAGS: Final = 0x8913
_IFF_RUNNING: Final = 0x40
_TCP_LISTEN: Final = "0A"


def interface_fact(interface: Interface) -> InterfaceFact:
    """Addresses, kind and carrier of `interface`."""
    return InterfaceFact(
        name=interface.name,
        addresses=interface.addresses,
        kind=interface.kind,
        carrier=_carrier(interface.name),
        networks=tuple(str(ip.network) for ip in interface.ipv4),
    )


def _carrier(name: str) -> bool | None:
    """Whether a cable is plugged in or a Wi-Fi joined (netdevice(7): IFF_RUNNING)."""
    if not sys.platform.startswith("linux"):
        return None
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            answer = fcntl.ioctl(sock, _SIOCGIFFLAGS, struct.pack("16sH14x", name.encode()[:15], 0))
        except OSError:
            return None
    flags: int = struct.unpack_from("16xH", answer)[0]
    return bool(flags & _IFF_RUNNING)


def udp_shareable(port: int) -> bool:
    """Whether a UDP port can be opened by several programs, us among them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "SO_REUSEPORT"):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind(("", port))
        except OSError:
            return False
    return True


def port_holder(port: int, *protocols: str, proc: Path = Path("/proc")) -> str:
    """``NAME (process PID)`` of who has `port` open; without the rights to see that, or elsewhere, empty.

    `protocols`: of ``udp`` and ``tcp``.
    """
    tables = [f"{protocol}{version}" for protocol in protocols for version in ("", "6")]
    wanted: set[str] = set()
    for table in tables:
        with contextlib.suppress(OSError):
            wanted |= sockets_on(port, (proc / "net" / table).read_text(), listening=table.startswith("tcp"))
    if not wanted:
        return ""
    for directory in _processes(proc):
        with contextlib.suppress(OSError):
            for fd in (directory / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(fd.readlink()) in wanted:
                        name = (directory / "comm").read_text("utf-8", "replace").strip()
                        return f"{name} (process {directory.name})"
    return ""


def sockets_on(port: int, table: str, *, listening: bool) -> set[str]:
    """The sockets of a ``/proc/net`` table with this local port, as links in ``/proc/PID/fd`` name them."""
    found: set[str] = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        ours = len(fields) > 9 and fields[1].endswith(f":{port:04X}")
        if ours and (not listening or fields[3] == _TCP_LISTEN):
            found.add(f"socket:[{fields[9]}]")
    return found


def _processes(proc: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (entry for entry in proc.iterdir() if entry.name.isdigit())
