"""Datagrams that discovery wants sent, and how. Sends nothing itself."""

from enum import IntFlag
from typing import NamedTuple

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.discovery.seeds import SocketAddress

__all__ = ["BroadcastMethod", "Contact", "Listed", "Transmit"]


class BroadcastMethod(IntFlag):
    """How to reach everybody on the LAN."""

    DIRECTED = 1
    """The broadcast address of each interface."""
    LIMITED = 2
    """255.255.255.255 on each interface."""
    MULTICAST = 4
    """The IPv6 link-local group on each interface."""
    ALL = 7


class Contact(NamedTuple):
    """Where a peer gets unicast datagrams, and from which of our ports: a router lets in answers only."""

    to: SocketAddress
    shared: bool = False
    """From the shared discovery port."""


class Listed(NamedTuple):
    """What the lobby's chat needs to know of a listed peer."""

    peer: PeerId
    instance: bytes
    contact: Contact
    by_address: bool
    """Our broadcasts do not reach it."""
    proven: bool
    """It answered at that address: nobody else has it."""


class Transmit(msgspec.Struct, frozen=True):
    """A datagram to send."""

    data: bytes
    to: SocketAddress | None = None
    """None: to everybody by `methods`."""
    methods: BroadcastMethod = BroadcastMethod.ALL
    shared: bool = False
    """Send from the shared discovery port, where the datagram came in that this answers."""
