"""TCP hole punching (RFC 5128 §3.4): a connection between two firewalls that let in nothing unasked.

Who dials asks the other side by datagram to dial back: from the port that is dialled to the one that is dialled from.
Each firewall then takes the other's SYN for the answer to its own. Knows addresses and sockets, no peers.
"""

import asyncio
import socket
from collections.abc import Collection
from typing import Final

from p2pgame.net.udp import normalise

__all__ = ["ASKED_WAIT", "ASK_AFTER", "SHAREABLE", "SourcePort", "accept_from", "share_port"]

ASK_AFTER: Final = 0.3
"""Seconds without an answer after which the other side is asked; on a LAN an answer takes a hundredth of that."""
ASKED_WAIT: Final = 0.8
"""Seconds that a rejected dial waits for the other side's; the last copy of the request leaves after 0.45."""
SHAREABLE: Final = hasattr(socket, "SO_REUSEPORT")
"""False on Windows, where nobody can share a port safely: no holes there, but its firewall lets programs in by name."""


def share_port(sock: socket.socket) -> None:
    """Let a `SourcePort` have the port of `sock`, too. Who merely asks for that port does not get it."""
    if SHAREABLE:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


class SourcePort:
    """The one port that all connections of a dial come from; it also takes what the other side opens to it."""

    def __init__(self, number: int = 0) -> None:
        """`number`: one that another socket shares; 0: a new one."""
        self.number = number
        self._given = number != 0

    def open(self, family: int) -> socket.socket:
        """A TCP socket to connect from the port. Raises `OSError`."""
        try:
            return self._bind(family)
        except OSError:
            if self._given:
                raise
        return socket.socket(family, socket.SOCK_STREAM)  # taken in this family: any other will do

    def listen(self, family: int) -> socket.socket:
        """A socket that takes connections to the port; one of IPv6 takes those of IPv4, too. Raises `OSError`."""
        sock = self._bind(family)
        sock.setblocking(False)
        sock.listen(1)
        return sock

    def _bind(self, family: int) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            share_port(sock)
            sock.bind(("", self.number))
        except OSError:
            sock.close()
            raise
        self.number = sock.getsockname()[1]
        return sock


async def accept_from(
    listener: socket.socket, addresses: Collection[str], port: int
) -> tuple[socket.socket, str]:
    """The first connection that comes from `port` of one of `addresses`, and the address."""
    loop = asyncio.get_running_loop()
    while True:
        sock, source = await loop.sock_accept(listener)
        address, number = normalise(source)
        if address in addresses and number == port:
            return sock, address
        sock.close()
